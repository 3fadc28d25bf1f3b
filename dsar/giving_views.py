"""What a request without an account gives: the copy, the erasure, each for a fresh code; and the way to stop both."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from audit.client import client_ip
from audit.origin import is_from_elsewhere
from datamap.catalogue import catalogue
from dsar import caution
from dsar.access import take_download
from dsar.case_page import page_of
from dsar.case_views import by_key, said_about, wrong_code
from dsar.cases import case_key
from dsar.codes import judge_code, needs_log_in
from dsar.erasure import Wish, confirm_case, copy_before, preview_of_case, require_erasable, require_plan
from dsar.filing_views import refused_as_foreign
from dsar.forms import CaseErasureForm, CodeForm
from dsar.models import SubjectRequest
from dsar.queries import may_fetch, subject_of
from dsar.refusals import CaseError
from dsar.terms import ChallengePurpose
from dsar.views import file_response
from retention.erasure import ErasureRefused


@by_key
@require_http_methods(["GET", "HEAD", "POST"])
def case_package(request: HttpRequest, case: SubjectRequest) -> HttpResponseBase:
    """The download: for the code that was mailed a moment ago, and for nothing else (security D3-D8)."""
    now = timezone.now()
    page = page_of(case, now=now)
    if page.package is None:
        raise Http404
    form = CodeForm(request.POST if request.method == "POST" else None)
    refusal: CaseError | None = None
    fetches = may_fetch(case)
    is_guarded = needs_log_in(case) and not fetches
    if form.is_bound and form.is_valid() and page.downloadable and not is_guarded:
        if judge_code(case, ChallengePurpose.DOWNLOAD, form.cleaned_data["code"], ip=client_ip(request), now=now):
            try:
                chunks = take_download(page.package, now=now, by_representative=fetches)
                return file_response(case, page.package, chunks)
            except CaseError as trouble:
                refusal = trouble
        else:
            form.add_error("code", wrong_code(case, ChallengePurpose.DOWNLOAD))
    context = {
        "page": page,
        "case": case,
        "key": case_key(case),
        "form": form,
        "refusal": refusal,
        "needs_log_in": is_guarded,
        "said": said_about(case, request),
    }
    return render(request, "dsar/case_package.html", context, status=_status(form, refusal))


@by_key
@require_http_methods(["GET", "HEAD", "POST"])
def case_erasure(request: HttpRequest, case: SubjectRequest) -> HttpResponseBase:
    """What goes, what stays and until when; then exactly this plan, confirmed by its digest and a fresh code."""
    refusal: CaseError | ErasureRefused | None = None
    try:
        require_erasable(case)
        shown = preview_of_case(case, now=timezone.now())
    except CaseError as trouble:
        return _nothing_to_confirm(request, case, trouble)
    form = CaseErasureForm(request.POST if request.method == "POST" else None, initial={"plan": shown.plan.digest})
    form.show_waiver_only_if_needed(shown)
    if form.is_bound and form.is_valid() and not needs_log_in(case):
        try:
            secret = _erase(request, case, form)
        except (CaseError, ErasureRefused) as trouble:
            refusal = trouble
            shown = preview_of_case(case, now=timezone.now())
            form = CaseErasureForm(initial={"plan": shown.plan.digest})
            form.show_waiver_only_if_needed(shown)
        else:
            if secret:
                return redirect("privacy:receipt", secret=secret)
            form.add_error("code", wrong_code(case, ChallengePurpose.ERASURE))
    context: dict[str, Any] = {
        "case": case,
        "key": case_key(case),
        "copy_key": case_key(shown.copy_case) if shown.copy_case else "",
        "shown": shown,
        "form": form,
        "refusal": refusal,
        "needs_log_in": needs_log_in(case),
        "said": said_about(case, request),
        "authority": catalogue().authority,
    }
    return render(request, "dsar/case_erasure.html", context, status=_status(form, refusal))


def _erase(request: HttpRequest, case: SubjectRequest, form: CaseErasureForm) -> str:
    """The secret of the receipt, empty for a wrong code; the plan is compared first, so that no code is wasted."""
    now, typed = timezone.now(), form.cleaned_data
    wish = Wish(typed["plan"], typed["objection"], typed.get("waive_copy", False))
    require_plan(subject_of(case), copy_before(case), wish, now=now)
    if not judge_code(case, ChallengePurpose.ERASURE, typed["code"], ip=client_ip(request), now=now):
        return ""
    return confirm_case(case, wish, now=now).secret


def _nothing_to_confirm(request: HttpRequest, case: SubjectRequest, refusal: CaseError) -> HttpResponse:
    context = {"case": case, "key": case_key(case), "refusal": refusal}
    return render(request, "dsar/case_erasure.html", context, status=409)


def _status(form: CodeForm | CaseErasureForm, refusal: Exception | None) -> int:
    if refusal is not None:
        return 409
    return 400 if form.errors else 200


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_stop(request: HttpRequest, secret: str) -> HttpResponse:
    """One button, mailed to the older addresses of an account that was changed: stop this request (security I7)."""
    if request.method == "POST" and is_from_elsewhere(request):
        return refused_as_foreign(request)
    found = caution.stop(secret, now=timezone.now()) if request.method == "POST" else caution.stoppable(secret)
    if found is None:
        raise Http404
    context = {"case": found, "is_stopped": request.method == "POST", "authority": catalogue().authority}
    response = render(request, "dsar/request_stop.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
