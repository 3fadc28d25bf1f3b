"""The notice, and a person's own requests with their copies (Q1.2; Art. 12-15)."""

from collections.abc import Iterator
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datamap.catalogue import catalogue
from datamap.notice import notice
from dsar.access import take_download
from dsar.case_page import page_of
from dsar.case_views import SAID
from dsar.conversation import write_at_any_time
from dsar.forms import FilesForm, MessageForm
from dsar.models import Package, SubjectRequest
from dsar.ordering import order_again
from dsar.queries import is_downloadable, requests_of, viewed
from dsar.refusals import CaseError, NoDownloadLeft, WrongStage
from dsar.services import withdraw_request
from dsar.terms import DOWNLOAD_LIMIT


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
@require_safe
@login_required
def request_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One request with its dates, its steps, what was written about it and, where there is one, its copy."""
    return detail(request, own_request(request, number))


def detail(
    request: HttpRequest,
    case: SubjectRequest,
    *,
    message_form: MessageForm | None = None,
    file_form: FilesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one request, with what was wrong in a form that was sent."""
    page = page_of(case, now=timezone.now(), whole="all" in request.GET)
    context = {
        "page": page,
        "case": page.case,
        "view": page.view,
        "linked": [(item, reverse("privacy:request-detail", args=[item.number])) for item in page.linked],
        "message_form": message_form or MessageForm(),
        "file_form": file_form or page.file_form,
        "is_writing": bool(message_form or file_form) or "write" in request.GET,
        "authority": catalogue().authority,
    }
    return render(request, "dsar/request_detail.html", context, status=status)


@never_cache
@require_POST
@login_required
def request_message(request: HttpRequest, number: str) -> HttpResponse:
    """Take a message of the person; where we had asked her something, it is the answer."""
    case = own_request(request, number)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return detail(request, case, message_form=form, status=400)
    try:
        written_in = write_at_any_time(case, form.cleaned_data["text"], now=timezone.now(), user=_logged_in(request))
    except CaseError as refusal:
        messages.warning(request, str(refusal))
        return redirect("privacy:request-detail", number=case.number)
    messages.success(request, str(SAID["message" if written_in == case else "asked"]))
    return redirect("privacy:request-detail", number=written_in.number)


@never_cache
@require_POST
@login_required
def request_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    case = own_request(request, number)
    try:
        withdraw_request(case, now=timezone.now())
    except WrongStage as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Your request has been withdrawn."))
    return redirect("privacy:request-detail", number=case.number)


@never_cache
@require_POST
@login_required
def request_copy_again(request: HttpRequest, number: str) -> HttpResponse:
    """Order a copy anew that could not be put together."""
    case = own_request(request, number)
    try:
        order_again(case, now=timezone.now())
    except CaseError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, str(SAID["again"]))
    return redirect("privacy:request-detail", number=case.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def package_download(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page with the button, and the download behind it; somebody else's copy does not exist (security D2)."""
    case = own_request(request, number)
    package: Package | None = getattr(case, "package", None)
    if package is None:
        raise Http404
    return _download(request, case, package)


@reauthentication_required
def _download(request: HttpRequest, case: SubjectRequest, package: Package) -> HttpResponseBase:
    now = timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return file_response(case, package, take_download(package, now=now))
        except NoDownloadLeft as trouble:
            refusal, status = str(trouble), 410
        except CaseError as trouble:
            refusal, status = str(trouble), 409
    context = {
        "case": case,
        "package": package,
        "downloadable": is_downloadable(package, now=now),
        "downloads_left": DOWNLOAD_LIMIT - package.downloads,
        "refusal": refusal,
    }
    return render(request, "dsar/package.html", context, status=status)


def file_response(case: SubjectRequest, package: Package, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """The file as an inert attachment that nobody keeps on the way (security D5)."""
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Length"] = str(package.size)
    response["Content-Disposition"] = f'attachment; filename="{case.number}.zip"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def own_request(request: HttpRequest, number: str) -> SubjectRequest:
    """The person's own request; everybody else's is not found."""
    return get_object_or_404(requests_of(_logged_in(request).pk), number=number)


def _logged_in(request: HttpRequest) -> Any:
    """The account behind a request that `login_required` let in."""
    return request.user
