"""The privacy portal: everything a person can do about her data, from one page (Q1.2)."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datamap.catalogue import catalogue
from datamap.notice import notice
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import take_download
from dsar.deadlines import Channel
from dsar.forms import RequestForm
from dsar.models import Package, SubjectRequest
from dsar.queries import counts_about, events_of, is_downloadable, requests_of, viewed
from dsar.refusals import AlreadyUnderWay, NoDownloadLeft, WrongStage
from dsar.services import file_request, is_self_service, withdraw_request
from dsar.terms import DOWNLOAD_LIMIT, PackageState, Stage


@never_cache
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """All controls on one page; who is not logged in sees what there is and how to get in."""
    site = catalogue()
    context: dict[str, Any] = {"authority": site.authority, "controller": site.controller}
    if request.user.is_authenticated:
        now = timezone.now()
        counts = counts_about(subject_of_user(request.user))
        context["cases"] = [viewed(case, now=now) for case in requests_of(request.user.pk)[:20]]
        context["counts"] = [item for item in counts if item.rows]
        context["searched"] = len(counts)
    return render(request, "dsar/portal.html", context)


@require_safe
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """The notice of Art. 13 and 14, generated from the map at this moment."""
    return render(request, "dsar/notice.html", {"notice": notice()})


@never_cache
@require_safe
@login_required
def request_list(request: HttpRequest) -> HttpResponse:
    now, person = timezone.now(), _logged_in(request)
    cases = [viewed(case, now=now) for case in requests_of(person.pk)]
    return render(request, "dsar/request_list.html", {"cases": cases})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def request_new(request: HttpRequest) -> HttpResponseBase:
    """File a request; a copy and an erasure ask for the password again first (security I1)."""
    form = RequestForm(request.POST or None, initial={"right": _wanted(request)})
    if request.method == "POST" and form.is_valid():
        file = _file_after_step_up if is_self_service(Right(form.cleaned_data["right"])) else _file
        return file(request, form)
    return render(request, "dsar/request_new.html", {"form": form}, status=400 if form.errors else 200)


def _wanted(request: HttpRequest) -> str:
    wanted = request.GET.get("right", "")
    return wanted if wanted in Right.values else Right.ACCESS.value


def _file(request: HttpRequest, form: RequestForm) -> HttpResponseBase:
    right = Right(form.cleaned_data["right"])
    try:
        case = file_request(
            user=_logged_in(request),
            right=right,
            channel=Channel.PORTAL_AUTH,
            text=form.cleaned_data["text"],
            now=timezone.now(),
        )
    except AlreadyUnderWay as refusal:
        messages.warning(request, str(refusal))
        number = refusal.number
    else:
        messages.success(request, _("We received your request. Its number is %(number)s.") % {"number": case.number})
        number = case.number
    if right is Right.ERASURE:
        return redirect("account-delete")
    return redirect("privacy:request-detail", number=number)


_file_after_step_up = reauthentication_required(_file)


@never_cache
@require_safe
@login_required
def request_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One request with its dates, its steps and, where there is one, its copy."""
    case = _own(request, number)
    now = timezone.now()
    package: Package | None = getattr(case, "package", None)
    context = {
        "view": viewed(case, now=now),
        "case": case,
        "events": events_of(case),
        "package": package,
        "downloadable": package is not None and is_downloadable(package, now=now),
        "downloads_left": DOWNLOAD_LIMIT - package.downloads if package else 0,
        "working": case.stage == Stage.EXECUTING or _is_working(package),
        "may_withdraw": case.stage in {Stage.OPEN, Stage.RECEIVED, Stage.IDENTITY_PENDING, Stage.CLARIFICATION_PENDING},
        "awaits_confirmation": case.stage == Stage.OPEN and case.right == Right.ERASURE,
        "authority": catalogue().authority,
    }
    return render(request, "dsar/request_detail.html", context)


def _is_working(package: Package | None) -> bool:
    return package is not None and package.state in {PackageState.QUEUED, PackageState.BUILDING}


@never_cache
@require_POST
@login_required
def request_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    case = _own(request, number)
    try:
        withdraw_request(case, now=timezone.now())
    except WrongStage as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Your request has been withdrawn."))
    return redirect("privacy:request-detail", number=case.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def package_download(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page with the button, and the download behind it; somebody else's copy does not exist (security D2)."""
    case = _own(request, number)
    package: Package | None = getattr(case, "package", None)
    if package is None:
        raise Http404
    return _download(request, case, package)


@reauthentication_required
def _download(request: HttpRequest, case: SubjectRequest, package: Package) -> HttpResponseBase:
    now = timezone.now()
    refusal = ""
    if request.method == "POST":
        try:
            return _file_response(case, package, take_download(package, now=now))
        except NoDownloadLeft as trouble:
            refusal = str(trouble)
    context = {
        "case": case,
        "package": package,
        "downloadable": is_downloadable(package, now=now),
        "downloads_left": DOWNLOAD_LIMIT - package.downloads,
        "refusal": refusal,
    }
    return render(request, "dsar/package.html", context, status=410 if refusal else 200)


def _file_response(case: SubjectRequest, package: Package, chunks: Any) -> StreamingHttpResponse:
    """The file as an inert attachment that nobody keeps on the way (security D5)."""
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Length"] = str(package.size)
    response["Content-Disposition"] = f'attachment; filename="{case.number}.zip"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _own(request: HttpRequest, number: str) -> SubjectRequest:
    """The person's own request; everybody else's is not found."""
    return get_object_or_404(requests_of(_logged_in(request).pk), number=number)


def _logged_in(request: HttpRequest) -> Any:
    """The account behind a request that `login_required` let in."""
    return request.user
