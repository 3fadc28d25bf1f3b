"""The pages of surveys, promotions and draws: read, answer, change, take back; none needs JavaScript (Q5.2, Q16.6).

Who has no account gets no cookie: there the secret of a link, or nothing at all, stands in place of a session.
"""

from collections.abc import Callable
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.origin import is_from_elsewhere
from consent.services import AccountGone, AgeNotDeclared, NotPublishedError, WordingChanged
from consent.terms import Method
from datamap.uses import NotPermitted
from mailing.services import InvalidAddress
from surveys.answering import Given, NotOpen, QuestionsChanged, answer, answer_anonymously, answer_by_link
from surveys.asking import LinkOver, ask, behind
from surveys.ending import withdraw_account, withdraw_address
from surveys.forms import AnswerForm, AskForm
from surveys.models import Survey, fingerprint
from surveys.sheets import Own, own_of_account, own_of_address, own_of_nobody, sheet_of
from surveys.terms import Audience, State, spoken_language

Save = Callable[[Given], None]


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What can be answered now."""
    now = timezone.now()
    found = Survey.objects.filter(state=State.PUBLISHED, opens_at__lte=now, closes_at__gt=now)
    language = spoken_language()
    surveys = [(one, one.said("title", language), one.said("intro", language)) for one in found]
    return render(request, "surveys/index.html", {"surveys": surveys})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The page of one survey, for whoever opens it."""
    survey = _published(slug)
    if survey.is_anonymous:
        return _for_nobody(request, survey)
    return _for_account(request, survey) if request.user.is_authenticated else _for_stranger(request, survey)


@csrf_protect
def _for_account(request: HttpRequest, survey: Survey) -> HttpResponse:
    user_id: UUID = request.user.pk  # type: ignore[assignment]
    own = own_of_account(user_id, survey, now=timezone.now())
    if own.by_address:
        return _shown(request, survey, own=own, state="by_address")
    return _asked(request, own, lambda given: answer(user_id, survey.pk, given, now=timezone.now()))


def _for_nobody(request: HttpRequest, survey: Survey) -> HttpResponseBase:
    """An anonymous one: the random number in the form keeps a second click from counting twice, and names nobody."""
    if refused := _refused(request):
        return refused
    number = _number_in(request)
    save = lambda given: answer_anonymously(survey.pk, number, given, now=timezone.now())  # noqa: E731 - one use
    return _asked(request, own_of_nobody(survey), save, number=number)


def _for_stranger(request: HttpRequest, survey: Survey) -> HttpResponseBase:
    """Without an account: the way to log in, and where the survey allows it the form that asks for a link."""
    if refused := _refused(request):
        return refused
    if survey.audience != Audience.ADDRESS or not survey.is_open(now=timezone.now()):
        return _shown(request, survey, status=405 if request.method == "POST" else 200)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask(survey, form.cleaned_data["email"], language=spoken_language(), now=timezone.now())
        except InvalidAddress:
            form.add_error("email", _("We cannot send a letter to this address. Please check it."))
        except NotOpen:
            return _shown(request, survey, status=409)
        else:
            return redirect("surveys:asked", slug=survey.slug)
    return _shown(request, survey, form=form, status=400 if form.errors else 200)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page_by_link(request: HttpRequest, slug: str, secret: str) -> HttpResponseBase:
    """The same page for the holder of the address that the link was sent to."""
    if refused := _refused(request):
        return refused
    survey, now = _published(slug), timezone.now()
    try:
        row = behind(secret, survey, now=now)
    except LinkOver:
        return render(request, "surveys/over.html", {"survey": survey, **_texts(survey)}, status=404)
    own = own_of_address(row, now=now)
    return _asked(request, own, lambda given: answer_by_link(row.pk, given, now=timezone.now()), secret=secret)


@login_required
@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw the consent of the account, and so delete the answers."""
    user_id: UUID = request.user.pk  # type: ignore[assignment]
    survey, how = _published(slug), {"language": spoken_language(), "place": _place(request)}
    if not own_of_account(user_id, survey, now=timezone.now()).can_be_taken_back:
        raise Http404
    withdraw_account(user_id, survey, **how, now=timezone.now())
    return redirect("surveys:gone", slug=survey.slug)


@csrf_exempt
@require_POST
def take_back_by_link(request: HttpRequest, slug: str, secret: str) -> HttpResponseBase:
    """The same for the holder of an address."""
    if refused := _refused(request):
        return refused
    survey, now = _published(slug), timezone.now()
    try:
        row = behind(secret, survey, now=now)
    except LinkOver:
        return render(request, "surveys/over.html", {"survey": survey, **_texts(survey)}, status=404)
    how = {"language": spoken_language(), "method": Method.SURVEY_FORM, "place": _place(request)}
    withdraw_address(row.email_token, survey.scope, how=how, now=now)
    return redirect("surveys:gone", slug=survey.slug)


@never_cache
@require_safe
def said(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """What became of it: the letter is on its way, the answers are kept, the answers are deleted."""
    survey = _published(slug)
    return render(request, f"surveys/{what}.html", {"survey": survey, **_texts(survey)})


def _asked(request: HttpRequest, own: Own, save: Save, **more: object) -> HttpResponse:
    """Show the questions and take the answers; whatever is refused is shown again with all that was typed."""
    survey = own.survey
    if not survey.is_open(now=timezone.now()):
        return _shown(request, survey, own=own, status=409 if request.method == "POST" else 200, **more)
    try:
        sheet = sheet_of(own, now=timezone.now())
    except NotPublishedError:
        raise Http404 from None
    form = AnswerForm(request.POST if request.method == "POST" else None, sheet=sheet)
    status = 200
    if request.method == "POST":
        status = _taken(request, form, save) if form.is_valid() else 400
        if status == 302:
            return redirect("surveys:thanks", slug=survey.slug)
    shown = {"form": form, "asked": fingerprint(survey), "wording": sheet.wording}
    return _shown(request, survey, own=own, status=status, **shown, **more)


def _taken(request: HttpRequest, form: AnswerForm, save: Save) -> int:
    """Keep the answers: 302 where they are kept, else what is wrong, with a sentence in the form."""
    given = Given(
        answers=form.answers(),
        asked=request.POST.get("asked", ""),
        language=spoken_language(),
        place=_place(request),
        wording=request.POST.get("wording", ""),
        agreed=bool(form.cleaned_data.get("agreed")),
    )
    try:
        save(given)
    except NotOpen:
        return _problem(form, _("It has closed meanwhile. Nothing was kept."), 409)
    except (QuestionsChanged, WordingChanged):
        return _problem(form, _("The page has changed since you opened it. Please look at it again."), 409)
    except AgeNotDeclared:
        sentence = _("Consents are for people who have declared that they are 16 or older. Nothing was changed.")
        return _problem(form, sentence, 403)
    except (NotPermitted, AccountGone):
        return _problem(form, _("We may not keep your answers without your consent. Nothing was kept."), 403)
    return 302


def _problem(form: AnswerForm, sentence: str, status: int) -> int:
    form.add_error(None, sentence)
    return status


def _shown(request: HttpRequest, survey: Survey, *, status: int = 200, **more: object) -> HttpResponse:
    context = {"survey": survey, "now": timezone.now(), **_texts(survey), **more}
    context["is_open"] = survey.is_open(now=timezone.now())
    return render(request, "surveys/page.html", context, status=status)


def _texts(survey: Survey) -> dict[str, object]:
    language = spoken_language()
    return {part: survey.said(part, language) for part in ("title", "intro", "prize")}


def _published(slug: str) -> Survey:
    survey = Survey.objects.filter(slug=slug, state=State.PUBLISHED).select_related("draw").first()
    if survey is None:
        raise Http404
    return survey


def _refused(request: HttpRequest) -> HttpResponseBase | None:
    """A form of another site, or too many forms from one network."""
    if request.method != "POST":
        return None
    if is_from_elsewhere(request):
        words = {"heading": _("Nothing was done"), "sentence": _("This form can only be sent from our own pages.")}
        return render(request, "qlekta/problem.html", words, status=403)
    return None if ratelimit.consume(request, action="survey") else ratelimit.respond_429(request)


def _number_in(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("number", ""))
    except ValueError:
        return uuid4()


def _place(request: HttpRequest) -> str:
    """The page without the secret of its link: a path is kept for years, a secret is not."""
    return "/" + (request.resolver_match.route if request.resolver_match else "")
