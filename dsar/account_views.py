"""The deletion page and the page of the receipt, which opens without an account (policy clauses 17, 18)."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from datamap.catalogue import catalogue
from dsar.erasure import confirm_erasure, preview, request_by_secret
from dsar.forms import ErasureForm
from dsar.models import SubjectRequest
from dsar.refusals import CaseError
from dsar.terms import Stage
from retention.erasure import ErasureRefused
from retention.models import ErasureReceipt, ErasureRun
from retention.receipts import receipt_by_secret, receipt_document


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def account_delete(request: HttpRequest) -> HttpResponseBase:
    """What goes, what stays and until when; the copy first; then exactly this plan, confirmed by its digest."""
    now = timezone.now()
    person: Any = request.user
    shown = preview(person, now=now)
    form = ErasureForm(request.POST or None, initial={"plan": shown.plan.digest})
    form.show_waiver_only_if_needed(shown)
    refusal: CaseError | ErasureRefused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, form)
        except (CaseError, ErasureRefused) as trouble:
            refusal = trouble
            shown = preview(person, now=now)
            form = ErasureForm(initial={"plan": shown.plan.digest})
            form.show_waiver_only_if_needed(shown)
    context = {"shown": shown, "form": form, "refusal": refusal, "authority": catalogue().authority}
    return render(request, "dsar/account_delete.html", context, status=_status(form, refusal))


def _start(request: HttpRequest, form: ErasureForm) -> HttpResponse:
    person: Any = request.user
    confirmed = confirm_erasure(
        user=person,
        plan_digest=form.cleaned_data["plan"],
        objection_to_archive=form.cleaned_data["objection"],
        waive_copy=form.cleaned_data.get("waive_copy", False),
        now=timezone.now(),
    )
    logout(request)
    return redirect("privacy:receipt", secret=confirmed.secret)


def _status(form: ErasureForm, refusal: Exception | None) -> int:
    if refusal is not None:
        return 409
    return 400 if form.errors else 200


@never_cache
@require_safe
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """How far the erasure is, and then its receipt: for whoever holds the secret, with no account."""
    case, found = _behind(secret)
    context = {
        "case": case,
        "receipt": receipt_document(found) if found else None,
        "secret": secret,
        "signed_in": case.language if case else get_language(),
        "steps_done": int(case is not None and ErasureRun.objects.filter(case_number=case.number).exists()),
        "working": found is None and case is not None and case.stage == Stage.EXECUTING,
        "stopped": found is None and case is not None and case.stage == Stage.OPEN,
        "authority": catalogue().authority,
    }
    response = render(request, "dsar/receipt.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def receipt_file(_request: HttpRequest, secret: str) -> HttpResponse:
    """The signed receipt as a file, for the person's own records and for the check at /privacy/verify/."""
    _case, found = _behind(secret)
    if found is None:
        raise Http404
    response = JsonResponse(receipt_document(found), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{found.case_number}.json"'
    response["Referrer-Policy"] = "no-referrer"
    return response


def _behind(secret: str) -> tuple[SubjectRequest | None, ErasureReceipt | None]:
    """The request and the receipt behind either of the two secret links: the browser's, and the one that was mailed."""
    found = receipt_by_secret(secret)
    if found:
        return SubjectRequest.objects.filter(number=found.case_number).first(), found
    case = request_by_secret(secret)
    if case is None:
        raise Http404
    return case, ErasureReceipt.objects.filter(case_number=case.number).order_by("-id").first()
