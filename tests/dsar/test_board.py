"""The first page of the administration: what is due comes before everything else, masked like the queue."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from datamap.terms import Right
from dsar import assigning, casework
from dsar.terms import RefusalReason
from tests.dsar.conftest import File
from tests.dsar.test_desk_pages import allow, by, desk, make_old
from tests.people import log_in

pytestmark = pytest.mark.django_db
__all__ = ["desk"]
HOME = "admin:index"


def tallies(client: Client) -> dict[str, int]:
    board = client.get(reverse(HOME)).context["board"]
    return {item.address.partition("?")[2]: item.count for item in board.tallies}


@pytest.mark.requirement("G6")
def test_the_first_page_leads_with_what_is_due(desk: Client, file: File, person: User, other_person: User) -> None:
    late, fresh = file(), file(Right.RECTIFICATION, user=other_person)
    make_old(late)
    answer = desk.get(reverse(HOME))
    page = answer.content.decode()
    assert [item.case.number for item in answer.context["board"].coming] == [late.number, fresh.number]
    assert page.index(late.number) < page.index(fresh.number) < page.index('id="content-main"')
    assert person.email not in page
    assert tallies(desk) == {"due=overdue": 1, "due=5": 0, "mine=approval": 0, "mine=free": 2, "": 2}


def test_what_a_colleague_proposed_waits_for_me_and_not_for_herself(desk: Client, file: File, colleague: User) -> None:
    case = file(Right.RECTIFICATION)
    assigning.take_over(case.pk, step=by(colleague))
    casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, "Nē.", step=by(colleague))
    assert tallies(desk)["mine=approval"] == 1
    queue = desk.get(f"{reverse('admin:dsar_subjectrequest_changelist')}?mine=approval").content.decode()
    assert case.number in queue

    allow(colleague, "view_subjectrequest", "change_subjectrequest", "approve_subjectrequest")
    hers = Client()
    log_in(hers, colleague)
    assert tallies(hers)["mine=approval"] == 0


def test_my_own_request_is_not_on_my_first_page(desk: Client, file: File, officer: User) -> None:
    file(user=officer)
    assert tallies(desk)[""] == 0


def test_who_sees_no_requests_gets_no_board(client: Client, colleague: User) -> None:
    log_in(client, colleague)
    assert "board" not in (client.get(reverse(HOME)).context or {})


def test_the_first_page_needs_no_more_queries_for_more_requests(
    desk: Client,
    file: File,
    other_person: User,
    django_assert_num_queries: Any,
) -> None:
    file()
    desk.get(reverse(HOME))
    with CaptureQueriesContext(
        connection,
    ) as one:
        desk.get(reverse(HOME))
    for right in (Right.RECTIFICATION, Right.COMPLAINT, Right.OBJECTION):
        file(right, user=other_person)
    with django_assert_num_queries(len(one)):
        desk.get(reverse(HOME))
