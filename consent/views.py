"""The published policy with all its versions, and the page to give and withdraw each consent (clauses 16, 20)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.client import client_ip
from consent import texts
from consent.models import ConsentEvent, TextVersion
from consent.queries import ConsentStatus, given_scopes, statuses_of
from consent.rendering import Wording, blocks, contents, shown_before, wordings
from consent.services import AccountGone, AgeNotDeclared, WordingChanged, give, note_subscription, withdraw
from consent.terms import ACCOUNT_PURPOSES, PIECEWISE_PURPOSES, ConsentPurpose, ConsentState, Method


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """One consent as the page shows it: the words, where it stands, and what its button does."""

    purpose: str
    wording: Wording
    status: ConsentStatus
    shown: Wording | None = None
    """The words of the decision on record, where they are not those of today."""

    @property
    def action(self) -> str:
        return "withdraw" if self.status.permits else "give"

    @property
    def needs_renewal(self) -> bool:
        return self.status.state is ConsentState.RENEWAL_NEEDED


@dataclass(frozen=True, slots=True)
class PublishedContact:
    """One contact detail that is shown with one listing on consent."""

    scope: str
    status: ConsentStatus

    @property
    def listing(self) -> str:
        return self.scope.split(":")[1]

    @property
    def channel(self) -> str:
        return self.scope.split(":")[2]


@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest) -> HttpResponse:
    """Give or withdraw each consent with one button, at the same place (Q16.6)."""
    if request.method == "POST":
        return _change(request) if request.user.is_authenticated else redirect_to_login(request.path)
    return _consents_page(request)


def _consents_page(request: HttpRequest, *, problem: str = "", code: int = 200) -> HttpResponse:
    context: dict[str, object] = {"cards": [], "problem": problem}
    if request.user.is_authenticated:
        decided = statuses_of(request.user.pk, now=timezone.now())
        context |= {"cards": _cards(decided), "contacts": _contacts(decided)}
    return render(request, "consent/consents.html", context, status=code)


def _cards(decided: Iterable[ConsentStatus]) -> list[ConsentCard]:
    held = {one.purpose: one for one in decided if not one.scope}
    cards = []
    for purpose, words in wordings(ACCOUNT_PURPOSES, language=_language(), now=timezone.now()).items():
        status = held.get(purpose) or ConsentStatus(purpose, ConsentState.UNKNOWN)
        cards.append(ConsentCard(purpose, words, status, shown_before(status, words)))
    return cards


def _contacts(decided: Iterable[ConsentStatus]) -> list[PublishedContact]:
    published = (one for one in decided if one.purpose == ConsentPurpose.CONTACT_PUBLISH and one.permits)
    return [PublishedContact(one.scope, one) for one in published]


def _change(request: HttpRequest) -> HttpResponse:
    purpose, action = request.POST.get("purpose", ""), request.POST.get("action", "")
    if purpose in PIECEWISE_PURPOSES and action == "withdraw":
        return _withdraw_piece(request, purpose)
    if mistake := _mistake(purpose, action):
        return _consents_page(request, problem=mistake, code=400)
    try:
        _give(request, purpose) if action == "give" else _withdraw(request, purpose)
    except AccountGone:
        return redirect(request.get_full_path())  # whose session is gone as well: it leads to the log-in
    except AgeNotDeclared:
        problem = _("Consents are for people who have declared that they are 16 or older. Nothing was changed.")
        return _consents_page(request, problem=problem, code=403)
    except (WordingChanged, texts.NotPublishedError):
        problem = _("The wording has changed since you opened this page. Please read it again. Nothing was changed.")
        return _consents_page(request, problem=problem, code=409)
    return redirect(request.get_full_path())


def _mistake(purpose: str, action: str) -> str:
    if purpose not in ACCOUNT_PURPOSES:
        return _("There is no consent of that name. Nothing was changed.")
    return "" if action in {"give", "withdraw"} else _("Please press one of the buttons. Nothing was changed.")


def _give(request: HttpRequest, purpose: str) -> None:
    event = give(
        request.user.pk,  # type: ignore[arg-type]
        purpose,
        language=_language(),
        method=Method.CONSENTS_PAGE,
        place=request.path,
        wording=request.POST.get("wording", ""),
        now=timezone.now(),
    )
    if purpose == ConsentPurpose.MARKETING_EMAIL and (ip := client_ip(request)):
        note_subscription(event, ip=ip)
    messages.success(request, _("Consent given: %(name)s.") % {"name": ConsentPurpose(purpose).label})


def _withdraw_piece(request: HttpRequest, purpose: str) -> HttpResponse:
    """Given where the listing or the survey is; taken back it can be here too (Q16.6)."""
    scope = request.POST.get("scope", "")
    if scope not in given_scopes(request.user.pk, purpose, now=timezone.now()):  # type: ignore[arg-type]
        return _consents_page(request, problem=_("There is no consent of that name. Nothing was changed."), code=400)
    _withdraw(request, purpose, scope=scope)
    return redirect(request.get_full_path())


def _withdraw(request: HttpRequest, purpose: str, *, scope: str = "") -> ConsentEvent:
    event = withdraw(
        request.user.pk,  # type: ignore[arg-type]
        purpose,
        language=_language(),
        method=Method.CONSENTS_PAGE,
        place=request.path,
        now=timezone.now(),
        scope=scope,
    )
    name = ConsentPurpose(purpose).label
    messages.success(request, _("Consent withdrawn: %(name)s. It holds from this moment.") % {"name": name})
    return event


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force, in the language of the page or the nearest there is."""
    try:
        master = texts.current_master(texts.POLICY, on=timezone.localdate())
    except texts.NotPublishedError:
        raise Http404 from None
    return _policy_page(request, master)


@require_safe
def policy_version(request: HttpRequest, slug: str) -> HttpResponse:
    """One version of the policy, past or present: all stay readable (Q20.1)."""
    master = TextVersion.objects.filter(code=texts.POLICY, version=slug, language=texts.MASTER).first()
    if master is None:
        raise Http404
    return _policy_page(request, master)


@require_safe
def policy_versions(request: HttpRequest) -> HttpResponse:
    """All versions with their dates, the newest first."""
    versions = TextVersion.objects.filter(code=texts.POLICY, language=texts.MASTER).prefetch_related("translations")
    return render(request, "consent/policy_versions.html", {"versions": versions.order_by("-valid_from", "-version")})


def _policy_page(request: HttpRequest, master: TextVersion) -> HttpResponse:
    wanted = _language()
    text = texts.in_language(master, wanted)
    context = {
        "text": text,
        "blocks": list(blocks(text)),
        "contents": contents(text),
        "wanted": wanted,
        "languages_there": [
            master.language,
            *master.translations.order_by("language").values_list("language", flat=True),
        ],
    }
    return render(request, "consent/policy.html", context)


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
