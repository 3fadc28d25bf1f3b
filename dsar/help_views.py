"""The pages of help, for everybody, with an account or without, and without a cookie."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from datamap.catalogue import catalogue
from dsar import help as topics_of_help
from dsar.deadlines.arithmetic import ASK_WITHIN_WORKING_DAYS, EXTENDED_MONTHS, FIRST_MONTHS
from dsar.forms import ErasureForm, PublicRequestForm, RequestForm
from dsar.silence import END_AFTER, REMIND_AFTER
from dsar.terms import CHALLENGE_TRIES, DOWNLOAD_LIMIT, AuthorityKind


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All topics, in groups."""
    return render(request, "dsar/help/index.html", {"groups": topics_of_help.GROUPS})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic."""
    found = next((item for item in topics_of_help.topics() if item.slug == slug), None)
    if found is None:
        raise Http404
    return render(request, found.template, {"topic": found, **_facts()})


def _facts() -> dict[str, Any]:
    """What the words of the topics are filled with, read from where the site itself reads it."""
    return {
        "authority": catalogue().authority,
        "kept": topics_of_help.kept,
        "archived": topics_of_help.archived,
        "capacities": AuthorityKind.labels,
        "first_months": FIRST_MONTHS,
        "extended_months": EXTENDED_MONTHS,
        "ask_within": ASK_WITHIN_WORKING_DAYS,
        "remind_after": REMIND_AFTER,
        "end_after": END_AFTER,
        "downloads": DOWNLOAD_LIMIT,
        "tries": CHALLENGE_TRIES,
        "box_archive": ErasureForm.base_fields["objection"].label,
        "box_young": RequestForm.base_fields["young"].label,
        "box_acts_for": PublicRequestForm.base_fields["acts_for"].label,
    }
