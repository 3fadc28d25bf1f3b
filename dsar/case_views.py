"""The pages of a request for who has no account: the key in the link opens them, a mailed code shows the rest (D6)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from datamap.catalogue import catalogue
from dsar.models import SubjectRequest
from dsar.queries import events_of, viewed
from vault.tokens import secret_digest


@never_cache
@require_safe
def case_page(request: HttpRequest, secret: str) -> HttpResponse:
    """How the request stands; its words and answers are shown only once the address has been shown to be theirs."""
    case = _by_secret(secret)
    context = {
        "case": case,
        "view": viewed(case, now=timezone.now()),
        "events": events_of(case),
        "authority": catalogue().authority,
    }
    return render(request, "dsar/case.html", context)


def _by_secret(secret: str) -> SubjectRequest:
    """The request behind a link; any other text leads nowhere."""
    case = SubjectRequest.objects.prefetch_related("pauses").filter(key_digest=secret_digest(secret)).first()
    if case is None:
        raise Http404
    return case
