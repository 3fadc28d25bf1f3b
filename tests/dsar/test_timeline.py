"""The time line: when, where, how and why data of a person were used (Art. 12, 15; Q1.2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import LoginEvent, User
from accounts.terms import LoginKind
from audit.trail import Actor, record
from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Access, Use
from datamap.trace import Reading, subject_of_user
from dsar.access_copy.contents import table_for
from dsar.timeline import ON_PAGE, timeline
from tests.dsar.conftest import NOW, File

pytestmark = pytest.mark.django_db


def log_ins(user: User, number: int) -> None:
    LoginEvent.objects.bulk_create(
        LoginEvent(user=user, at=NOW - timedelta(minutes=minute), kind=LoginKind.LOGGED_IN, ip="192.0.2.7")
        for minute in range(number)
    )


def lines(user: User, use: Use | None = None, page: int = 1) -> list[str]:
    return [moment.says for moment in timeline(Reading(subject_of_user(user)), use=use, page=page).moments]


SOURCES = [holding for holding in registry().holdings if holding.happenings]


@pytest.mark.parametrize("holding", SOURCES, ids=[holding.model for holding in SOURCES])
def test_a_source_tells_only_what_the_copy_shows(holding: Holding, person: User) -> None:
    columns = {column.name for column in table_for(holding, subject_of_user(person)).columns}
    fields = {field.name for field in model_of(holding)._meta.get_fields()}
    for item in holding.happenings:
        told = {*item.of, *filter(None, [item.because])}
        assert told <= columns
        assert item.at in fields
        declared = [holding.personal.get(name) for name in told]
        assert all(one is None or one.on_access.verdict is Access.DISCLOSE for one in declared)
        for language in ("en", "lv", "ru"):
            with translation.override(language):
                assert str(item.says) % dict.fromkeys(item.of, "x")


def test_every_way_of_use_has_a_source() -> None:
    assert {item.use for holding in registry().holdings for item in holding.happenings} == set(Use)


def test_a_look_of_staff_says_what_was_seen_and_why(person: User, other_person: User, colleague: User) -> None:
    for who in (person, other_person):
        record("viewed", actor=Actor.of(colleague), about=who, subject=who.pk, reason="a claim of his", now=NOW)
    with translation.override("en"):
        (moment,) = timeline(Reading(subject_of_user(person)), use=Use.LOOK).moments
    assert moment.says == "Our staff: looked at – Your account"
    assert moment.why == "a claim of his"
    assert str(colleague.pk) not in moment.says


def test_a_line_without_a_reason_of_its_own_names_the_purpose(person: User) -> None:
    log_ins(person, 1)
    with translation.override("en"):
        (moment,) = timeline(Reading(subject_of_user(person)), use=Use.LOGIN).moments
    assert "192.0.2.7" in moment.says
    assert moment.why == "to detect attacks and to investigate complaints about illegal use"


def test_a_request_stands_in_it_in_the_order_of_its_days_and_nobody_elses(
    person: User, other_person: User, file: File
) -> None:
    log_ins(person, 3)
    log_ins(other_person, 1)
    case, foreign = file(), file(user=other_person)
    told = timeline(Reading(subject_of_user(person))).moments
    assert [moment.at for moment in told] == sorted((moment.at for moment in told), reverse=True)
    assert any(case.number in moment.says for moment in told)
    assert not any(foreign.number in moment.says for moment in told)
    assert sum(moment.use is Use.LOGIN for moment in told) == 3


def test_pages_follow_each_other_without_a_gap(person: User) -> None:
    log_ins(person, ON_PAGE + 20)
    first, second = (timeline(Reading(subject_of_user(person)), use=Use.LOGIN, page=page) for page in (1, 2))
    assert (len(first.moments), len(second.moments)) == (ON_PAGE, 20)
    assert (first.has_older, second.has_older) == (True, False)
    assert first.moments[-1].at > second.moments[0].at


def test_the_page_asks_as_little_for_many_lines_as_for_few(client: Client, person: User) -> None:
    client.force_login(person)
    log_ins(person, 2)
    client.get(reverse("privacy:timeline"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert client.get(reverse("privacy:timeline")).status_code == 200
        return len(questions)

    few = asked()
    log_ins(person, 200)
    assert asked() == few
    assert few <= 12


@pytest.mark.parametrize("query", ["?kind=nonsense", "?page=-1", "?page=x", "?page=999999999999999", "?page=²"])
def test_a_strange_address_is_no_trouble(client: Client, person: User, query: str) -> None:
    client.force_login(person)
    assert client.get(reverse("privacy:timeline") + query).status_code == 200


def test_it_is_for_whoever_is_logged_in(client: Client) -> None:
    answer = client.get(reverse("privacy:timeline"))
    assert answer.status_code == 302


def test_a_kind_shows_only_its_own(client: Client, person: User, file: File) -> None:
    log_ins(person, 1)
    case = file()
    client.force_login(person)
    page = client.get(reverse("privacy:timeline") + "?kind=log-ins").content.decode()
    assert "192.0.2.7" in page
    assert case.number not in page
