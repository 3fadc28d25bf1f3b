"""Takes files on the page of a request, behind the log-in or behind its key (Art. 12(6); security I9)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dsar.case_views import SAID, back_to, by_key, show, status_of
from dsar.documents import hand_in, purposes_for
from dsar.forms import FilesForm
from dsar.models import SubjectRequest
from dsar.refusals import CaseError, NotReadable, TooManyFiles
from dsar.terms import AttachmentPurpose
from dsar.views import detail, own_request


@by_key
@require_POST
def case_files(request: HttpRequest, case: SubjectRequest) -> HttpResponse:
    """Files of who has no account: they show nothing by themselves, staff look at them."""
    form = _form(request, case)
    if not form.is_valid():
        return show(request, case, file_form=form, status=400)
    try:
        _take(case, form)
    except (NotReadable, TooManyFiles) as refusal:
        form.add_error("chosen", str(refusal))
        return show(request, case, file_form=form, status=400)
    except CaseError as refusal:
        return show(request, case, refusal=refusal, status=status_of(refusal))
    return back_to(request, case, said="file")


@never_cache
@require_POST
@login_required
def request_files(request: HttpRequest, number: str) -> HttpResponse:
    """Files of who is logged in: evidence, never a proof of identity."""
    case = own_request(request, number)
    form = _form(request, case)
    if not form.is_valid():
        return detail(request, case, file_form=form, status=400)
    try:
        _take(case, form)
    except (NotReadable, TooManyFiles) as refusal:
        form.add_error("chosen", str(refusal))
        return detail(request, case, file_form=form, status=400)
    except CaseError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, str(SAID["file"]))
    return redirect("privacy:request-detail", number=case.number)


def _form(request: HttpRequest, case: SubjectRequest) -> FilesForm:
    return FilesForm(request.POST, request.FILES, allowed=purposes_for(case), prefix="file")


def _take(case: SubjectRequest, form: FilesForm) -> None:
    given = form.cleaned_data
    hand_in(case, given["chosen"], AttachmentPurpose(given["purpose"]), now=timezone.now())
