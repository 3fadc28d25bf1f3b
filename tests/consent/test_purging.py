"""The proof of a consent ends three years after it, out of the middle of a chain that stays whole (K10, T14)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.ledger import append, verify
from audit.models import Forgetting
from audit.trail import Actor
from consent import purging
from consent.erasure import start_proof_terms
from consent.models import ConsentEvent, ProofTerm
from consent.queries import receipt_token, status
from consent.terms import ConsentState, Method
from datamap.registry import registry
from datamap.sweeping import SweepCounts
from datamap.trace import Subject, rows_about
from retention.erasure import execute_erasure, plan_erasure
from retention.restriction import place
from retention.standing import RestrictionGround
from tests.database import as_owner
from vault.tokens import subject_token

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2018, 6, 1, 12, tzinfo=UTC)


def event(whose: UUID, state: ConsentState, at: datetime, **more: Any) -> ConsentEvent:
    token: Callable[[UUID], str] = more.pop("token", subject_token)
    words = {"purpose": "LOYALTY", "language": "lv", "method": Method.ACCOUNT, "place": "/kanārija/"} | more
    return append(ConsentEvent(subject_token=token(whose), state=state, at=at, evidence={"notice": "1"}, **words))


def purge(*, now: datetime | None = None, apply: bool = True) -> SweepCounts:
    return purging.purge(registry().holding(ConsentEvent), now=now or timezone.now(), apply=apply)


def is_left(*, now: datetime | None = None) -> bool:
    return purging.is_left(registry().holding(ConsentEvent), now=now or timezone.now())


def left() -> set[int]:
    return set(ConsentEvent.objects.exclude(subject_token="").values_list("pk", flat=True))


@pytest.mark.clause("Q5.10")
@pytest.mark.requirement("R3", "L3", "R8")
def test_what_ended_goes_what_holds_stays_and_the_chain_is_whole() -> None:
    gone, holding = uuid4(), uuid4()
    kept = event(holding, ConsentState.GIVEN, LONG_AGO)
    event(gone, ConsentState.GIVEN, LONG_AGO)
    event(gone, ConsentState.WITHDRAWN, LONG_AGO + timedelta(days=30))
    newest = event(gone, ConsentState.REFUSED, timezone.now())
    assert purge(apply=False) == SweepCounts(due=2, deleted=0, oldest_at=LONG_AGO)
    assert purge() == SweepCounts(due=2, deleted=2, oldest_at=LONG_AGO)
    assert left() == {kept.pk, newest.pk}
    assert status(holding, "LOYALTY", at=timezone.now()).permits
    faded = ConsentEvent.objects.filter(subject_token="")
    assert {(row.place, row.purpose, row.state, bytes(row.salt), str(row.evidence)) for row in faded} == {
        ("", "", "", b"", "{}")
    }
    report = verify(ConsentEvent)
    assert (report.is_whole, report.rows, report.hashes_only) == (True, 4, 2)
    assert purge() == SweepCounts(oldest_at=LONG_AGO)


@pytest.mark.clause("Q16.6")
def test_the_term_begins_with_the_end_of_the_consent_not_with_its_beginning() -> None:
    whose, ended = uuid4(), datetime(2023, 2, 1, 12, tzinfo=UTC)
    event(whose, ConsentState.GIVEN, LONG_AGO)
    event(whose, ConsentState.RENEWED, LONG_AGO + timedelta(days=400))
    event(whose, ConsentState.WITHDRAWN, ended)
    end = datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert purge(now=end - timedelta(seconds=1)).due == 0
    assert purge(now=end).deleted == 3


def test_a_cookie_choice_ends_by_itself() -> None:
    event(uuid4(), ConsentState.GIVEN, LONG_AGO, token=receipt_token, purpose="COOKIE_ANALYTICS")
    assert purge(now=datetime(2021, 11, 1, tzinfo=UTC)).due == 0
    assert purge(now=datetime(2021, 12, 2, tzinfo=UTC)).deleted == 1


def test_with_the_account_every_consent_ends_and_its_proof_three_years_later(person: User) -> None:
    event(person.pk, ConsentState.GIVEN, LONG_AGO)
    erased = datetime(2022, 1, 5, 12, tzinfo=UTC)
    start_proof_terms(Subject(user_id=person.pk), now=erased)
    start_proof_terms(Subject(user_id=person.pk), now=timezone.now())
    assert ProofTerm.objects.get().ended_at == erased
    holding, end = registry().holding(ProofTerm), datetime(2025, 1, 5, 12, tzinfo=UTC)
    assert purging.purge_terms(holding, now=end, apply=True).due == 0, "its proof still waits for it"
    assert purge(now=end - timedelta(seconds=1)).due == 0
    assert purge(now=end).deleted == 1
    assert purging.purge_terms(holding, now=end, apply=True).deleted == 1


def test_an_erasure_starts_the_term(person: User, published_texts: None) -> None:
    now = timezone.now()
    event(person.pk, ConsentState.GIVEN, now)
    subject = Subject(user_id=person.pk)
    execute_erasure(
        case_number="Q-1",
        subject=subject,
        plan_digest=plan_erasure(subject, now=now, archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=now,
    )
    assert rows_about(registry().holding(ProofTerm), subject).get().ended_at == now


@pytest.mark.requirement("O3")
@pytest.mark.parametrize("ending", ["withdrawal", "refusal", "cookies", "account"])
def test_the_alarm_knows_what_a_purge_would_take_to_the_second(person: User, ending: str) -> None:
    ended = datetime(2022, 2, 1, 12, tzinfo=UTC)
    due = datetime(2025, 2, 1, 12, tzinfo=UTC)
    event(person.pk, ConsentState.GIVEN, LONG_AGO)
    if ending == "account":
        start_proof_terms(Subject(user_id=person.pk), now=ended)
    elif ending == "cookies":
        event(uuid4(), ConsentState.GIVEN, ended, token=receipt_token, purpose="COOKIE_ANALYTICS")
        due += purging.COOKIE_CHOICE_HOLDS
    else:
        event(person.pk, ConsentState.WITHDRAWN if ending == "withdrawal" else ConsentState.REFUSED, ended)
    for moment, is_due in ((due - timedelta(hours=2), False), (due + timedelta(days=2), True)):
        assert is_left(now=moment) is bool(purge(now=moment, apply=False).due) is is_due
    assert purge(now=due + timedelta(days=2)).deleted
    assert not is_left(now=due + timedelta(days=2))


@pytest.mark.requirement("O3")
def test_the_alarm_looks_at_no_consent_that_holds_however_many_there_are() -> None:
    standing = event(uuid4(), ConsentState.GIVEN, LONG_AGO)
    columns = ", ".join(str(field.column) for field in ConsentEvent._meta.concrete_fields if not field.primary_key)
    values = columns.replace("subject_token", "md5(n::text)")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO consent_consentevent (id, {columns}) SELECT id + n, {values}"
            " FROM consent_consentevent, generate_series(1, 20000) n WHERE id = %s",
            [standing.pk],
        )
        cursor.execute("ANALYZE consent_consentevent")
    with CaptureQueriesContext(connection) as queries:
        assert not is_left()
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
            (plan,) = cursor.fetchone()[0]
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 40, query["sql"]


@pytest.mark.requirement("R7")
def test_what_a_restricted_person_wants_kept_stays(person: User, officer: User) -> None:
    event(person.pk, ConsentState.REFUSED, LONG_AGO)
    place(person, ground=RestrictionGround.CLAIMS, case_number="R-1", reason="x", by=officer, now=LONG_AGO)
    assert purge() == SweepCounts(due=1, held=1, oldest_at=LONG_AGO)


@pytest.mark.requirement("R6")
def test_a_clock_that_runs_ahead_forgets_nothing() -> None:
    event(uuid4(), ConsentState.REFUSED, timezone.now())
    assert purge(now=timezone.now() + timedelta(days=4000)).due == 0


@pytest.mark.requirement("L1")
def test_the_site_can_blank_neither_what_is_young_nor_what_must_stay_nor_half_a_row() -> None:
    young = event(uuid4(), ConsentState.REFUSED, timezone.now())
    old = event(uuid4(), ConsentState.REFUSED, LONG_AGO)
    forgetting = append(Forgetting(at=LONG_AGO, ledger="x", rows=1, last_id=1, last_hash="0" * 64))
    for table, pk in (("consent_consentevent", young.pk), ("audit_forgetting", forgetting.pk), ("vault_datakey", 1)):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT audit_fade(%s, %s)", [table, [pk]])
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ConsentEvent.objects.filter(pk=old.pk).update(place="")
    assert verify(ConsentEvent).hashes_only == 0
