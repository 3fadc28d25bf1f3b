"""A hold keeps exactly its rows, through purges and erasures, until two people release it (Q5.19, X41)."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import LoginEvent, User
from audit.models import Entry
from datamap.registry import registry
from datamap.terms import Erasure
from datamap.trace import Subject, rows_about
from dsar.access_copy.contents import table_for
from retention import holds
from retention.archive import erase_on_objection
from retention.aside import content_of
from retention.holds import HoldRefused, NewHold
from retention.models import ArchiveRecord, ErasureReceipt, HeldCopy, LegalHold, RunState
from retention.plan import plan_erasure
from retention.queries import overdue
from retention.receipts import verify_document
from retention.standing import HoldGround
from retention.sweeps import sweep
from tests.people import prove_again
from tests.retention.conftest import NOW
from vault.keys import has_key
from visits.models import Visit
from visits.partitions import ensure_days, existing_days, log_connection

LOG_INS = "accounts.LoginEvent"
TERM = timedelta(weeks=20)
LATE = NOW - TERM - timedelta(hours=3)

Erase = Callable[..., ErasureReceipt]


@pytest.fixture
def second(db: None) -> User:
    return User.objects.create_user("maris@qlekta.example", None, given_name="Māris", is_staff=True)


def hold_rows(by: User, table: str, query: dict[str, Any], **more: Any) -> LegalHold:
    words = {
        "case_number": "C-7",
        "reason": "complaint about a stolen account",
        "ground": HoldGround.COMPLAINT,
        "act": "GDPR Art. 17(3)(e)",
        "owner": by.pk,
        "review_on": date(2027, 2, 1),
    }
    return holds.place(NewHold(table=table, query=query, **{**words, **more}), by=by, now=NOW)


def release(hold: LegalHold, first: User, second: User) -> None:
    holds.propose_release(hold.pk, by=first, reason="settled", now=NOW)
    holds.release(hold.pk, by=second, reason="settled, agreed", now=NOW)


def log_in(user: User, at: datetime = LATE, *, browser: str = "") -> LoginEvent:
    return LoginEvent.objects.create(user=user, at=at, kind="login", user_agent=browser)


@pytest.mark.clause("Q5.19", "X41")
@pytest.mark.requirement("R7")
def test_a_purge_skips_exactly_the_held_row_and_takes_it_after_the_release(
    person: User, officer: User, second: User
) -> None:
    held, _free = log_in(person), log_in(person)
    hold = hold_rows(officer, LOG_INS, {"pk": held.pk})
    report = sweep(registry().holding(LOG_INS), now=NOW, apply=True)
    assert (report.due, report.deleted, report.held, report.failed) == (2, 1, 1, 0)
    assert list(LoginEvent.objects.all()) == [held]
    assert overdue(NOW) == []
    release(hold, officer, second)
    report = sweep(registry().holding(LOG_INS), now=NOW, apply=True)
    assert (report.due, report.deleted, report.held) == (1, 1, 0)
    assert not LoginEvent.objects.exists()


@pytest.mark.clause("Q5.19")
@pytest.mark.requirement("R7")
def test_a_day_of_visits_with_a_held_row_loses_all_others(person: User, officer: User, second: User) -> None:
    ensure_days([LATE.date()])
    first, held = (
        Visit.objects.create(at=LATE, kind="page", platform="desktop", path=f"/{name}", status=200, response_ms=1)
        for name in ("first", "held")
    )
    hold = hold_rows(officer, "visits.Visit", {"pk": held.pk, "at": LATE.isoformat()})
    later = NOW + timedelta(days=2)
    dry = sweep(registry().holding(Visit), now=later, apply=False)
    report = sweep(registry().holding(Visit), now=later, apply=True)
    assert (dry.due, dry.held, report.due, report.deleted, report.held) == (2, 1, 2, 1, 1)
    assert list(Visit.objects.values_list("pk", flat=True)) == [held.pk] != [first.pk]
    release(hold, officer, second)
    assert sweep(registry().holding(Visit), now=later, apply=True).deleted == 1
    assert LATE.date() not in {day.day for day in existing_days(log_connection())}


@pytest.mark.clause("Q5.19")
@pytest.mark.requirement("R7")
def test_an_erasure_keeps_exactly_the_held_row_and_names_it(
    anna: Subject, person: User, officer: User, erase: Erase
) -> None:
    held = log_in(person, NOW, browser="the thief's")
    hold = hold_rows(officer, LOG_INS, {"pk": held.pk})
    plan = plan_erasure(anna, now=NOW, archive=True)
    (line,) = [line for line in plan.kept if line.hold == hold.pk]
    assert (line.table, line.count, line.act, line.until) == (LOG_INS, 1, "GDPR Art. 17(3)(e)", date(2027, 2, 1))
    assert next(line.count for line in plan.erased if line.table == LOG_INS) == 1
    assert plan.conflicts
    document = erase(anna).document
    assert document["state"] == RunState.DONE
    assert [line["until"] for line in document["lines"] if line["kept_as"]] == ["2027-02-01"]
    assert len(document["conflicts"]) == 1
    assert not LoginEvent.objects.exists()
    assert not User.objects.filter(pk=person.pk).exists()
    copy = HeldCopy.objects.get()
    (row,) = content_of(copy)["rows"]
    assert (row["user_agent"], row["user_id"]) == ("the thief's", str(person.pk))


@pytest.mark.clause("Q5.19")
def test_the_release_carries_out_the_rest_and_issues_a_new_receipt(
    anna: Subject, officer: User, second: User, erase: Erase
) -> None:
    hold = hold_rows(officer, LOG_INS, {"pk": LoginEvent.objects.create(user_id=anna.user_id, at=NOW, kind="login").pk})
    before = erase(anna)
    copy = HeldCopy.objects.get()
    release(hold, officer, second)
    assert not HeldCopy.objects.exists()
    assert not has_key(copy.pk)
    after = ErasureReceipt.objects.latest("id")
    assert after.pk != before.pk
    assert after.secret_digest == before.secret_digest
    assert [line for line in after.document["lines"] if line["kept_as"]] == []
    lines = [line for line in after.document["lines"] if line["table"] == LOG_INS]
    assert {line["action"] for line in lines} == {Erasure.DELETE}
    assert sum(line["count"] for line in lines) == 2
    assert verify_document(after.document)


def test_a_row_under_two_holds_stays_until_both_are_released(
    anna: Subject, officer: User, second: User, erase: Erase
) -> None:
    row = LoginEvent.objects.create(user_id=anna.user_id, at=NOW, kind="login")
    both = [hold_rows(officer, LOG_INS, {"pk": row.pk}, case_number=number) for number in ("C-1", "C-2")]
    one, other = sorted(both, key=lambda hold: hold.pk)
    erase(anna)
    assert _held() == {str(one.pk): 1}
    release(one, officer, second)
    assert HeldCopy.objects.get().hold == other
    assert _held() == {str(other.pk): 1}, "the receipt no longer says what is held"
    assert not [
        line for line in _lines() if line["table"] == LOG_INS and line["action"] == "delete" and line["count"] > 1
    ]
    release(other, officer, second)
    assert not HeldCopy.objects.exists()
    assert sum(line["count"] for line in _lines() if line["table"] == LOG_INS and line["action"] == "delete") == 2


def _held() -> dict[str, int]:
    return {line["kept_as"]: line["count"] for line in _lines() if line["kept_as"]}


def _lines() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = ErasureReceipt.objects.latest("id").document["lines"]
    return lines


def test_a_hold_between_preview_and_confirmation_makes_a_new_plan(anna: Subject, person: User, officer: User) -> None:
    row = log_in(person, NOW)
    before = plan_erasure(anna, now=NOW, archive=True).digest
    hold_rows(officer, LOG_INS, {"pk": row.pk})
    assert plan_erasure(anna, now=NOW, archive=True).digest != before


@pytest.mark.clause("Q10.5")
def test_an_objection_while_a_claim_is_pending_leaves_the_archive_record(
    anna: Subject, officer: User, second: User, erase: Erase
) -> None:
    erase(anna)
    record = ArchiveRecord.objects.get()
    hold = hold_rows(officer, "retention.ArchiveRecord", {"pk": str(record.pk)}, ground=HoldGround.CLAIM)
    assert erase_on_objection("anna@example.lv", now=NOW) == 0
    report = sweep(registry().holding(ArchiveRecord), now=record.ends_at, apply=True)
    assert (report.deleted, report.held) == (0, 1)
    release(hold, officer, second)
    assert erase_on_objection("anna@example.lv", now=NOW) == 1


@pytest.mark.parametrize(
    ("table", "query", "sentence"),
    [
        ("accounts.User", {"given_name": "Anna"}, "whole account"),
        (LOG_INS, {"user": "00000000-0000-0000-0000-000000000001"}, "whole account"),
        (LOG_INS, {}, "whole table"),
        (LOG_INS, {"shoe_size": 1}, "no field"),
        (LOG_INS, {"user__email": "anna@example.lv"}, "this way"),
        (LOG_INS, {"user_agent__regex": ".*"}, "this way"),
        (LOG_INS, {"pk": "x"}, "does not fit"),
        (LOG_INS, {"at__gte": "2026-01-01T00:00:00"}, "does not fit"),
        (LOG_INS, {"pk__in": []}, "does not fit"),
        (LOG_INS, {"pk": 0}, "No row fits"),
        ("auth.Permission", {"pk": 1}, "no table"),
        ("vault.DataKey", {"pk": 1}, "cannot be held"),
        ("retention.LegalHold", {"pk": 1}, "cannot be held"),
    ],
)
def test_a_hold_names_rows_and_never_an_account(
    officer: User, table: str, query: dict[str, Any], sentence: str
) -> None:
    with translation.override("en"), pytest.raises(HoldRefused, match=sentence):
        hold_rows(officer, table, query)
    assert not LegalHold.objects.exists()


@pytest.mark.clause("Q5.19")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"pk__gte": 0}, "needs an end"),
        ({"pk__lte": 10**9}, "needs an end"),
        ({"at__gte": "2000-01-01T00:00:00Z"}, "needs an end"),
        ({"user": "anna", "pk__gte": 0, "pk__lt": 10**9}, "all that it holds"),
        ({"user": "anna", "kind": "login"}, "all that it holds"),
        ({"pk__gte": 0, "pk__lt": 10**9}, "whole table"),
        ({"at__gte": "2000-01-01T00:00:00Z", "at__lt": "2100-01-01T00:00:00Z"}, "whole table"),
    ],
)
def test_a_hold_takes_nobodys_all_whatever_its_words_are(
    person: User, other_person: User, officer: User, *, query: dict[str, Any], sentence: str
) -> None:
    for user in (person, person, other_person):
        log_in(user)
    named = {key: str(person.pk) if value == "anna" else value for key, value in query.items()}
    with translation.override("en"), pytest.raises(HoldRefused, match=sentence):
        hold_rows(officer, LOG_INS, named)
    assert not LegalHold.objects.exists()


def test_a_hold_covers_some_of_the_rows_and_not_too_many(person: User, other_person: User, officer: User) -> None:
    some, _other = log_in(person), log_in(person, LATE - timedelta(hours=9))
    hold_rows(officer, LOG_INS, {"user": str(person.pk), "at__gte": LATE.isoformat(), "at__lte": LATE.isoformat()})
    many = LoginEvent.objects.bulk_create(
        LoginEvent(user=other_person, at=LATE - timedelta(hours=1), kind="login") for _n in range(holds.MOST_ROWS + 1)
    )
    with translation.override("en"), pytest.raises(HoldRefused, match="more than 200 rows"):
        hold_rows(officer, LOG_INS, {"pk__in": [row.pk for row in many]})
    assert list(LoginEvent.objects.filter(holds.keeping()(registry().holding(LOG_INS)))) == [some]


@pytest.mark.parametrize("review_on", [NOW.date(), NOW.date() + timedelta(days=183)])
def test_the_next_look_is_due_within_half_a_year(person: User, officer: User, review_on: date) -> None:
    row = log_in(person)
    with translation.override("en"), pytest.raises(HoldRefused, match="half a year"):
        hold_rows(officer, LOG_INS, {"pk": row.pk}, review_on=review_on)


def test_a_hold_that_nobody_looked_at_again_is_listed(person: User, officer: User) -> None:
    hold = hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})
    assert list(holds.reviews_due(today=date(2027, 1, 31))) == []
    assert list(holds.reviews_due(today=date(2027, 2, 1))) == [hold]
    holds.review(
        hold.pk, review_on=date(2027, 7, 1), by=officer, reason="in court", now=datetime(2027, 2, 1, tzinfo=UTC)
    )
    assert list(holds.reviews_due(today=date(2027, 2, 1))) == []


@pytest.mark.requirement("G4")
def test_nobody_releases_or_confirms_alone(person: User, officer: User) -> None:
    hold = hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})
    with translation.override("en"):
        with pytest.raises(HoldRefused, match="another person"):
            holds.confirm(hold.pk, by=officer, reason="x", now=NOW)
        with pytest.raises(HoldRefused, match="Nobody has proposed"):
            holds.release(hold.pk, by=officer, reason="x", now=NOW)
        holds.propose_release(hold.pk, by=officer, reason="x", now=NOW)
        with pytest.raises(HoldRefused, match="another person"):
            holds.release(hold.pk, by=officer, reason="x", now=NOW)


@pytest.mark.requirement("G4")
@pytest.mark.parametrize(
    "columns",
    [
        "released_by = placed_by, released_at = now(), ends_at = now()",
        "release_proposed_by = id, release_proposed_at = now(), released_by = id, released_at = now(), ends_at = now()",
        "confirmed_by = placed_by, confirmed_at = now()",
        "query = '{}'",
    ],
)
def test_the_database_refuses_one_person_too(person: User, officer: User, columns: str) -> None:
    hold = hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE retention_legalhold SET {columns} WHERE id = %s", [hold.pk])


def test_a_hold_is_seen_in_the_access_answer_unless_it_is_secret(anna: Subject, person: User, officer: User) -> None:
    hold_rows(officer, LOG_INS, {"pk": log_in(person, NOW).pk})
    hold_rows(
        officer, LOG_INS, {"pk": log_in(person, NOW).pk}, secrecy="Criminal Procedure Law s. 192", case_number="S"
    )
    table = table_for(registry().holding(LegalHold), anna)
    assert table.count == 1
    assert "C-7" in json.dumps(list(table.rows()), default=str)
    secret = [line for line in plan_erasure(anna, now=NOW, archive=True).kept if line.hold and line.until is None]
    with translation.override("en"):
        assert ["hold" in str(line.reason) for line in secret] == [False]


def test_a_hold_shows_nothing_to_anybody_else(anna: Subject, janis: Subject, person: User, officer: User) -> None:
    hold_rows(officer, LOG_INS, {"pk": log_in(person, NOW).pk})
    assert not rows_about(registry().holding(LegalHold), janis).exists()


@pytest.mark.clause("Q5.19")
def test_why_stays_with_the_hold_and_the_trail_names_the_step(person: User, officer: User, second: User) -> None:
    hold = hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})
    release(hold, officer, second)
    hold.refresh_from_db()
    assert [item["action"] for item in hold.history] == ["hold.placed", "hold.release_proposed", "hold.released"]
    assert hold.ends_at == datetime(2029, 11, 22, 12, tzinfo=UTC)
    trail = Entry.objects.filter(object_type="retention.LegalHold").order_by("id")
    assert [entry.action for entry in trail] == [item["action"] for item in hold.history]
    assert "stolen" not in json.dumps([entry.details for entry in trail])


def test_what_a_held_row_hangs_on_stays_too(person: User, officer: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=False)
    User.objects.filter(pk=person.pk).update(date_joined=LATE)
    hold_rows(officer, LOG_INS, {"pk": log_in(person).pk})
    report = sweep(registry().holding(User), now=NOW, apply=True)
    assert (report.deleted, report.held) == (0, 1)
    assert LoginEvent.objects.count() == 1


@pytest.mark.requirement("G4", "G7")
@pytest.mark.clause("Q5.19")
def test_the_desk_places_and_two_people_release(person: User, officer: User, second: User, client: Client) -> None:
    User.objects.filter(is_staff=True).update(is_superuser=True)
    row = log_in(person)
    client.force_login(officer)
    form = {
        "table": LOG_INS,
        "numbers": str(row.pk),
        "case_number": "C-9",
        "ground": HoldGround.COMPLAINT,
        "act": "GDPR Art. 17(3)(e)",
        "review_on": (timezone.now() + timedelta(days=30)).date().isoformat(),
        "reason": "complaint",
    }
    place = reverse("admin:retention_legalhold_place")
    to_the_password = reverse("account_reauthenticate")
    assert client.get(place).headers["Location"].startswith(to_the_password)
    prove_again(client)
    assert client.get(place).status_code == 200
    assert client.post(place, form | {"table": "accounts.User"}).status_code == 400
    assert client.post(place, form).status_code == 302
    hold = LegalHold.objects.get()
    steps = [reverse("admin:retention_legalhold_step", args=[hold.pk, name]) for name in ("propose-release", "release")]
    for step in steps:
        client.post(step, {"reason": "settled"})
    hold.refresh_from_db()
    assert hold.released_at is None
    client.force_login(second)
    assert client.get(reverse("admin:retention_legalhold_changelist"), {"work": "active"}).status_code == 200
    client.post(steps[1], {"reason": "settled"})
    hold.refresh_from_db()
    assert hold.released_by == second.pk
