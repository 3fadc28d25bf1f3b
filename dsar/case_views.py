"""The pages of a request for who has no account: the key in the link opens them, a mailed code shows the rest (D6).

No cookie is set or needed: the key is what a foreign site cannot know, and a browser that says that the form came from
elsewhere is refused all the same. `Referrer-Policy: same-origin` keeps the key from other sites; with "no-referrer" a
browser would call its own form a foreign one.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from audit.client import client_ip
from audit.origin import is_from_elsewhere
from datamap.catalogue import catalogue
from datamap.terms import Text
from dsar.case_page import page_of
from dsar.cases import case_key
from dsar.codes import identify, is_used_up, mail_code
from dsar.conversation import write_at_any_time
from dsar.filing_views import refused_as_foreign, too_many, with_query
from dsar.forms import CodeForm, FilesForm, MessageForm
from dsar.models import SubjectRequest
from dsar.ordering import order_again
from dsar.refusals import CaseError, TooManyAttempts
from dsar.services import withdraw_request
from dsar.terms import ChallengePurpose
from vault.tokens import secret_digest

View = Callable[..., HttpResponseBase]

SAID: Final[dict[str, Text]] = {
    "code": gettext_lazy("We have sent you a code."),
    "new_code": gettext_lazy("We have sent you a new code. The one before works no longer."),
    "shown": gettext_lazy("Thank you. The request is yours, and we have begun."),
    "again": gettext_lazy("We put it together once more. You get an e-mail as soon as it is ready."),
    "file": gettext_lazy("Your file is with us, sealed."),
    "message": gettext_lazy("Your message is with us."),
    "asked": gettext_lazy("Your message is with us. It opened this new request, so that it gets an answer in time."),
    "withdrawn": gettext_lazy("Your request has been withdrawn."),
}
"""What was done, carried in the address, because there is no cookie to carry it: signed, so that no link makes this
page say what did not happen, and for minutes only, so that it is not said long after."""

_SAID_FOR: Final = timedelta(minutes=10)

_PAGES: Final = {
    ChallengePurpose.IDENTITY: "privacy:case",
    ChallengePurpose.DOWNLOAD: "privacy:case-package",
    ChallengePurpose.ERASURE: "privacy:case-erasure",
}


def by_key(view: View) -> View:
    """Open a page to whoever holds the key of the request; forms from elsewhere and guessed keys lead nowhere."""

    @csrf_exempt
    @never_cache
    def opened(request: HttpRequest, secret: str) -> HttpResponseBase:
        case = _by_secret(secret)
        if request.method == "POST" and is_from_elsewhere(request):
            return refused_as_foreign(request)
        try:
            response = view(request, case)
        except TooManyAttempts as refusal:
            response = too_many(request, refusal)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


@by_key
@require_safe
def case_page(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """How the request stands; its words and answers are shown only once the address has been shown to be theirs."""
    return show(request, case)


@by_key
@require_POST
def case_identity(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """Take the code from the letter."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show(request, case, code_form=form, status=400)
    try:
        shown = identify(case, form.cleaned_data["code"], ip=client_ip(request), now=timezone.now())
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    if not shown:
        form.add_error("code", wrong_code(case, ChallengePurpose.IDENTITY))
        return show(request, case, code_form=form, status=400)
    return back_to(request, case, said="shown")


@by_key
@require_POST
def case_code(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """Mail a new code for what this page was asked for."""
    wanted = request.POST.get("purpose", ChallengePurpose.IDENTITY.value)
    if wanted not in ChallengePurpose.values:
        raise Http404
    purpose = ChallengePurpose(wanted)
    is_first = not case.challenges.filter(purpose=purpose).exists()
    try:
        mail_code(case, purpose, ip=client_ip(request), now=timezone.now())
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    address = reverse(_PAGES[purpose], args=[case_key(case)])
    return redirect(with_query(request, address, said=_signed(case, "code" if is_first else "new_code")))


@by_key
@require_POST
def case_message(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """Take a message; before the identity is shown it may hold the facts that show it."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        return show(request, case, message_form=form, status=400)
    try:
        written_in = write_at_any_time(case, form.cleaned_data["text"], now=timezone.now())
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    return back_to(request, written_in, said="message" if written_in == case else "asked")


@by_key
@require_POST
def case_withdraw(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    try:
        withdraw_request(case, now=timezone.now())
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    return back_to(request, case, said="withdrawn")


@by_key
@require_POST
def case_copy_again(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """Order a copy anew that could not be put together."""
    if case.identified_at is None:
        raise Http404
    try:
        order_again(case, now=timezone.now())
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    return back_to(request, case, said="again")


def show(
    request: HttpRequest,
    case: SubjectRequest,
    *,
    code_form: CodeForm | None = None,
    message_form: MessageForm | None = None,
    file_form: FilesForm | None = None,
    refusal: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a request behind its key."""
    page = page_of(case, now=timezone.now(), whole="all" in request.GET)
    context: dict[str, Any] = {
        "page": page,
        "case": page.case,
        "view": page.view,
        "key": case_key(case),
        "linked": [(item, reverse("privacy:case", args=[case_key(item)])) for item in page.linked],
        "code_form": code_form or CodeForm(),
        "message_form": message_form or MessageForm(),
        "file_form": file_form or page.file_form,
        "is_writing": bool(message_form or file_form) or "write" in request.GET,
        "said": said_about(case, request),
        "refusal": refusal,
        "authority": catalogue().authority,
    }
    return render(request, "dsar/case.html", context, status=status)


def status_of(refusal: Exception) -> int:
    """429 where it was too often, 409 where the request has moved on."""
    return 429 if isinstance(refusal, TooManyAttempts) else 409


def wrong_code(case: SubjectRequest, purpose: ChallengePurpose) -> str:
    """The same sentence for a wrong, an old and a used code; another one where the tries are used up (D11)."""
    if is_used_up(case, purpose, now=timezone.now()):
        return _(
            "This code was tried too often and works no longer. Ask for a new one, or write to us: your right stays."
        )
    return _("This is not the code, or its ten minutes are over. Please check it or ask for a new one.")


def said_about(case: SubjectRequest, request: HttpRequest) -> Text:
    """What was done a moment ago, where we ourselves put it into the address."""
    try:
        said = _signer(case).unsign(request.GET.get("said", ""), max_age=_SAID_FOR)
    except BadSignature:
        return ""
    return SAID.get(said, "")


def _signed(case: SubjectRequest, said: str) -> str:
    return _signer(case).sign(said)


def _signer(case: SubjectRequest) -> TimestampSigner:
    return TimestampSigner(salt=f"dsar.said.{case.pk}")


def back_to(request: HttpRequest, case: SubjectRequest, *, said: str) -> HttpResponse:
    """To the page of the request, which says what was done."""
    return redirect(with_query(request, reverse("privacy:case", args=[case_key(case)]), said=_signed(case, said)))


def _by_secret(secret: str) -> SubjectRequest:
    """The request behind a link; any other text leads nowhere."""
    case = SubjectRequest.objects.filter(key_digest=secret_digest(secret)).first()
    if case is None:
        raise Http404
    return case
