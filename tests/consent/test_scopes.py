"""A consent can be about a piece of its purpose, and where it stands is one indexed query (K7, K9)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from consent import texts
from consent.children import invalidate_consents
from consent.cookie_choices import CookieAnswer, record_cookie_choice
from consent.crowds import decided
from consent.models import ConsentEvent
from consent.queries import cookie_status, current_status, current_status_of_token, events_of, given_scopes, status
from consent.replays import end_again, give_once_more
from consent.scopes import ScopeRefused, contact_scope, survey_scope
from consent.services import give, give_by_address, refuse, withdraw, withdraw_by_token
from consent.terms import ConsentPurpose, ConsentState, Method
from consent.withdrawing import end_with_erasure, withdraw_asked
from datamap.gate import may_process
from datamap.refusing import Way
from datamap.scopes import survey_in
from datamap.trace import Subject, subject_of_user
from replay.models import JournalEntry
from replay.segments import Line
from tests.consent.test_ledger import somebody
from tests.consent.test_publishing import draft
from tests.database import as_owner
from vault.tokens import email_token

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOW: dict[str, Any] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/listing/"}
CONTACT = "CONTACT_PUBLISH"
LISTING, OTHER = UUID("6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11"), UUID("11111111-2f6b-4a58-9d0e-0a4f0b6a7c11")
PHONE, EMAIL = contact_scope(LISTING, "phone"), contact_scope(LISTING, "email")

pytestmark = pytest.mark.usefixtures("published_texts")


def test_a_scope_names_a_listing_and_a_channel() -> None:
    assert PHONE == "listing:6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11:phone"
    for channel in ("", "+371 20000001", "Phone", "phone:x"):
        with pytest.raises(ScopeRefused):
            contact_scope(LISTING, channel)


@pytest.mark.parametrize(("purpose", "scope"), [(CONTACT, ""), (CONTACT, "listing:1:phone"), ("LOYALTY", PHONE)])
@pytest.mark.parametrize("decide", [give, withdraw, refuse])
def test_what_is_consented_to_piece_by_piece_is_not_as_a_whole_nor_the_other_way_round(
    decide: Any, purpose: str, scope: str
) -> None:
    with pytest.raises(ScopeRefused):
        decide(somebody(), purpose, **HOW, now=NOW, scope=scope)
    assert not ConsentEvent.objects.exists()


@pytest.mark.requirement("L7")
def test_each_listing_and_channel_stands_alone() -> None:
    anna, later = somebody(), NOW + timedelta(hours=1)
    for scope in (PHONE, EMAIL, contact_scope(OTHER, "phone")):
        give(anna, CONTACT, **HOW, now=NOW, scope=scope)
    withdraw(anna, CONTACT, **HOW, now=later, scope=PHONE)
    refuse(anna, CONTACT, **HOW, now=later, scope=contact_scope(OTHER, "email"))
    assert status(anna, CONTACT, at=NOW, scope=PHONE).permits
    assert not current_status(anna, CONTACT, now=later, scope=PHONE).permits
    assert given_scopes(anna, CONTACT, now=later) == sorted([EMAIL, contact_scope(OTHER, "phone")])
    assert current_status(anna, CONTACT, now=later).state is ConsentState.UNKNOWN
    assert [event.state for event in events_of(anna, CONTACT, scope=PHONE)] == ["withdrawn", "given"]


@pytest.mark.clause("Q16.6")
def test_who_withdraws_by_letter_or_was_a_child_withdraws_every_piece(person: User) -> None:
    for scope in (PHONE, EMAIL):
        give(person.pk, CONTACT, **HOW, now=NOW, scope=scope)
    subject = subject_of_user(person)
    assert withdraw_asked(
        subject, [CONTACT], language="lv", way=Way.PAPER, evidence={}, now=NOW + timedelta(days=1)
    ) == [CONTACT]
    assert given_scopes(person.pk, CONTACT, now=NOW + timedelta(days=1)) == []
    give(person.pk, CONTACT, **HOW, now=NOW + timedelta(days=2), scope=PHONE)
    assert invalidate_consents(person.pk, now=NOW + timedelta(days=3)) == 1
    last = current_status(person.pk, CONTACT, now=NOW + timedelta(days=3), scope=PHONE)
    assert last.state is ConsentState.INVALIDATED


@pytest.mark.clause("Q10.9")
def test_the_journal_knows_the_scope_and_reads_lines_from_before_there_was_one(person: User) -> None:
    give(person.pk, CONTACT, **HOW, now=NOW, scope=PHONE)
    withdraw(person.pk, CONTACT, **HOW, now=NOW + timedelta(hours=1), scope=PHONE)
    given, ended = (_line(entry, person) for entry in JournalEntry.objects.filter(subject=person.pk).order_by("at"))
    assert (given.details["scope"], ended.details["scope"]) == (PHONE, PHONE)
    assert not give_once_more(given, now=NOW)
    assert not end_again(ended, now=NOW)
    for line, purpose in ((given, "LOYALTY"), (ended, "PROFILING")):
        line.details.pop("scope")
        line.details["purpose"] = purpose
    assert give_once_more(given, now=NOW)
    assert end_again(ended, now=NOW)
    assert status(person.pk, "LOYALTY", at=NOW).permits


def _line(entry: JournalEntry, person: User) -> Line:
    return Line(
        n=1,
        id=entry.pk,
        kind=entry.kind,
        at=entry.at,
        subject=entry.subject,
        born=person.date_joined,
        details=dict(entry.details),
        previous="0" * 64,
    )


@pytest.mark.clause("Q20.3")
def test_where_a_consent_stands_is_one_query_also_when_its_wording_was_overtaken(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna = somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    withdraw(anna, "PROFILING", **HOW, now=NOW)
    give(anna, "PROFILING", **HOW, now=NOW + timedelta(seconds=1))
    yes = CookieAnswer("COOKIE_ANALYTICS", "measuring", yes=True)
    receipt = record_cookie_choice([yes], receipt=None, language="lv", method="cookie_banner", now=NOW)
    assert receipt is not None
    draft(tmp_path, "profiling", "2026-12-01", lv="Jauns mērķis {controller}")
    texts.publish(now=NOW + timedelta(days=1), root=tmp_path)
    expected = {
        -1: ConsentState.UNKNOWN,
        0: ConsentState.WITHDRAWN,
        2: ConsentState.GIVEN,
        8 * 86400: ConsentState.GIVEN,
        9 * 86400: ConsentState.RENEWAL_NEEDED,
    }
    for seconds, state in expected.items():
        with django_assert_num_queries(1):
            assert status(anna, "PROFILING", at=NOW + timedelta(seconds=seconds)).state is state, seconds
    with django_assert_num_queries(1):
        assert current_status(anna, "PROFILING", now=NOW + timedelta(days=9)).state is ConsentState.RENEWAL_NEEDED
    with django_assert_num_queries(1):
        assert not cookie_status(receipt, "COOKIE_ANALYTICS", "measuring", at=NOW + timedelta(days=182)).permits


def test_where_a_consent_stands_is_found_by_the_index() -> None:
    anna = somebody()
    give(anna, CONTACT, **HOW, now=NOW, scope=PHONE)
    with CaptureQueriesContext(connection) as captured:
        current_status(anna, CONTACT, now=NOW, scope=PHONE)
    (query,) = captured.captured_queries
    crowd()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
        plan = cursor.fetchone()[0]
    (scan,) = [node for node in _nodes(plan[0]["Plan"]) if node.get("Relation Name") == "consent_consentevent"]
    assert scan["Index Name"] == "consent_event_of"
    assert all(word in json.dumps(scan["Index Cond"]) for word in ("subject_token", "purpose", "scope"))


def crowd() -> None:
    """So many people with the same consent that one index is better than the others."""
    columns = [str(field.column) for field in ConsentEvent._meta.concrete_fields if not field.primary_key]
    copied = ["md5(n::text)" if name == "subject_token" else name for name in columns]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO consent_consentevent ({', '.join(columns)})"
            f" SELECT {', '.join(copied)} FROM consent_consentevent, generate_series(1, 2000) AS n"
        )
        cursor.execute("ANALYZE consent_consentevent")


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for below in plan.get("Plans", []) for node in _nodes(below))]


@pytest.mark.clause("Q5.2")
def test_a_survey_is_consented_to_one_by_one_by_an_account_and_by_an_address() -> None:
    anna, first, second = somebody(), survey_scope(uuid4()), survey_scope(uuid4())
    assert survey_in(first) != survey_in(second)
    for wrong in ("", "survey:x", PHONE, f"{first}:x"):
        with pytest.raises(ScopeRefused):
            give(anna, "SURVEY", **HOW, now=NOW, scope=wrong)
        with pytest.raises(ScopeRefused):
            survey_in(wrong)
    give(anna, "SURVEY", **HOW, now=NOW, scope=first)
    give_by_address("liga@example.lv", "SURVEY", **HOW, now=NOW, scope=second)
    hers, whose = Subject(user_id=anna), email_token("liga@example.lv")
    his = Subject(emails=frozenset({"liga@example.lv"}))
    for person, yes, no in ((hers, first, second), (his, second, first)):
        assert may_process(person, "SURVEY", now=NOW, scope=yes)
        assert not may_process(person, "SURVEY", now=NOW, scope=no)
        assert not may_process(person, "SURVEY", now=NOW)
    assert decided([whose], ConsentPurpose.SURVEY, now=NOW, scope=second) == {whose: True}
    assert decided([whose], ConsentPurpose.SURVEY, now=NOW, scope=first) == {}
    assert withdraw_by_token(whose, "SURVEY", **HOW, now=NOW, scope=first) is None
    assert withdraw_by_token(whose, "SURVEY", **HOW, now=NOW, scope=second) is not None
    assert not may_process(his, "SURVEY", now=NOW, scope=second)


@pytest.mark.clause("Q17.1")
def test_an_erasure_ends_what_an_address_consented_to_piece_by_piece() -> None:
    scope, whose = survey_scope(uuid4()), email_token("liga@example.lv")
    give_by_address("liga@example.lv", "SURVEY", **HOW, now=NOW, scope=scope)
    assert end_with_erasure(Subject(emails=frozenset({"liga@example.lv"})), now=NOW + timedelta(hours=1)) == 1
    assert not current_status_of_token(whose, "SURVEY", now=NOW + timedelta(hours=1), scope=scope).permits
