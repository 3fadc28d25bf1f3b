"""Nothing about a person goes to a third party unless a disclosure with its ground stands first (policy clause 8)."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import StreamingHttpResponse
from django.urls import reverse

from accounts.models import LoginEvent, LoginKind, User
from audit.models import Entry
from audit.trail import Actor
from consent import services as consent
from consent.terms import Method
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from datamap.transfers import received_about
from dsar.access_copy import write_copy
from dsar.deadlines import Channel
from dsar.services import file_request
from registers.disclosures import NewDisclosure, Secrecy, disclose
from registers.extracts import Extract, Scope
from registers.models import Disclosure
from registers.refusals import RegisterRefused
from registers.terms import BY_REQUEST, Ground, RecipientKind
from retention.erasure import execute_erasure, plan_erasure
from retention.restriction import place
from retention.standing import RestrictionGround
from retention.sweeps import sweep
from tests.registers.conftest import NOW, Postman, desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LOGINS = Scope(("accounts.LoginEvent",))
DEBT = NewDisclosure(
    kind=RecipientKind.DEBT_COLLECTOR,
    recipient="SIA Parādi",
    ground=Ground.LEGITIMATE_INTERESTS,
    scope=LOGINS,
    balance="The debt is a year old and undisputed; only what the claim needs goes out.",
)


@pytest.fixture
def anna(person: User, other_person: User) -> Subject:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.77")
    LoginEvent.objects.create(user=other_person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.88")
    return subject_of_user(person)


def agree(anna: Subject, *, to: str = "LOYALTY") -> Any:
    how = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/privacy/consents/"}
    return consent.give(anna.user_id, to, now=NOW - timedelta(hours=1), **how)  # type: ignore[arg-type]


def withdraw(anna: Subject) -> None:
    how = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/privacy/consents/"}
    consent.withdraw(anna.user_id, "LOYALTY", now=NOW, **how)  # type: ignore[arg-type]


PARTNER = replace(DEBT, kind=RecipientKind.PARTNER, ground=Ground.CONSENT, purpose="LOYALTY", balance="")


@pytest.mark.clause("Q8.1")
def test_the_record_stands_before_the_data_leave(anna: Subject, first: User) -> None:
    seen: list[int] = []

    def adapter(extract: Extract) -> None:
        seen.append(Disclosure.objects.filter(pk=extract.number, handed_over_at=None).count())
        assert "192.0.2.77" in str([list(rows) for _name, rows in extract.tables()])

    row = disclose(DEBT, anna, adapter, by=first, now=NOW)
    assert seen == [1]
    assert (row.handed_over_at, row.categories[0]) == (NOW, "Account")
    assert Entry.objects.get(action="disclosure.recorded").subject == anna.user_id


@pytest.mark.clause("Q8.1")
@pytest.mark.clause("Q8.3")
@pytest.mark.clause("Q8.4")
@pytest.mark.clause("Q8.10")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": " "}, "who gets the data"),
        ({"scope": Scope(())}, "Name the tables"),
        ({"scope": Scope(("vault.DataKey",))}, "Name the tables"),
        ({"scope": Scope(("accounts.LoginEvent",), NOW, NOW)}, "ends before it begins"),
        ({"balance": "  "}, "do not outweigh ours"),
        ({"ground": Ground.LEGAL_OBLIGATION}, "Cite the act"),
        ({"ground": Ground.LEGAL_OBLIGATION, "act": "some law"}, "Cite the act"),
        ({"ground": Ground.CONSENT}, "Name the consent"),
        ({"ground": Ground.CONSENT, "purpose": "SERVICE"}, "Name the consent"),
        ({"kind": RecipientKind.PARTNER}, "only where the person agreed"),
        ({"kind": RecipientKind.SECURITY}, "abuse, fraud or crime"),
        ({"secrecy": Secrecy("Criminal Procedure Law s. 375")}, "needs both"),
        ({"secrecy": Secrecy("", date(2027, 1, 1))}, "needs both"),
        ({"secrecy": Secrecy("Criminal Procedure Law s. 375", date(2026, 11, 22))}, "still to come"),
        *(({"kind": kind}, "registered request") for kind in sorted(BY_REQUEST)),
    ],
)
def test_without_its_ground_nothing_is_written_and_nothing_leaves(
    anna: Subject, first: User, *, postman: Postman, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RegisterRefused, match=sentence):
        disclose(replace(DEBT, **change), anna, postman, by=first, now=NOW)
    assert postman.parcels == []
    assert not Disclosure.objects.exists()


@pytest.mark.clause("Q8.2")
def test_a_disclosure_on_consent_points_to_the_event_and_dies_with_it(
    anna: Subject, first: User, postman: Postman
) -> None:
    with pytest.raises(RegisterRefused, match="not agreed"):
        disclose(PARTNER, anna, postman, by=first, now=NOW)
    event = agree(anna)
    row = disclose(PARTNER, anna, postman, by=first, now=NOW)
    assert row.consent == f"consent.ConsentEvent:{event.pk}"
    withdraw(anna)
    with pytest.raises(RegisterRefused, match="agrees no longer"):
        disclose(PARTNER, anna, postman, by=first, now=NOW)
    assert len(postman.parcels) == 1


@pytest.mark.clause("Q8.8")
def test_debt_collectors_and_insolvency_administrators_are_typed_recipients(
    anna: Subject, first: User, postman: Postman
) -> None:
    for kind in (RecipientKind.DEBT_COLLECTOR, RecipientKind.INSOLVENCY):
        assert disclose(replace(DEBT, kind=kind), anna, postman, by=first, now=NOW).kind == kind


@pytest.mark.clause("Q8.1", "Q16.3")
@pytest.mark.parametrize("kind", [RecipientKind.ADVISER, RecipientKind.PARTNER])
def test_the_data_of_a_restricted_person_go_out_for_claims_and_the_rights_of_others_only(
    anna: Subject, other_person: User, first: User, *, postman: Postman, kind: RecipientKind
) -> None:
    agree(anna)
    new = PARTNER if kind is RecipientKind.PARTNER else replace(DEBT, kind=kind)
    user = User.objects.get(email="anna@example.lv")
    place(user, ground=RestrictionGround.ACCURACY, case_number="Q", reason="she says it is wrong", by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="restricted"):
        disclose(new, anna, postman, by=first, now=NOW)
    assert postman.parcels == []
    disclose(DEBT, anna, postman, by=first, now=NOW)
    disclose(replace(DEBT, kind=RecipientKind.ADVISER), subject_of_user(other_person), postman, by=first, now=NOW)
    assert len(postman.parcels) == 2


@pytest.mark.clause("Q8.1", "Q16.5")
def test_nothing_goes_out_on_our_interests_against_an_objection_and_a_law_still_stands(
    anna: Subject, first: User, postman: Postman
) -> None:
    file_request(
        user=User.objects.get(email="anna@example.lv"), right=Right.OBJECTION, channel=Channel.PORTAL_AUTH, now=NOW
    )
    with pytest.raises(RegisterRefused, match="objected"):
        disclose(DEBT, anna, postman, by=first, now=NOW)
    assert postman.parcels == []
    by_law = replace(DEBT, ground=Ground.LEGAL_OBLIGATION, act="Insolvency Law s. 65", balance="")
    disclose(by_law, anna, postman, by=first, now=NOW)
    assert len(postman.parcels) == 1


@pytest.mark.clause("Q8.10")
def test_a_security_disclosure_says_why_and_the_silence_about_it_ends(
    anna: Subject, first: User, postman: Postman
) -> None:
    fraud = replace(
        DEBT, kind=RecipientKind.SECURITY, reason="Stolen cards.", secrecy=Secrecy("s. 375", date(2030, 1, 1))
    )
    row = disclose(fraud, anna, postman, by=first, now=NOW)
    assert list(received_about(anna)) == []
    assert Entry.objects.get(action="disclosure.recorded").subject is None
    Disclosure.objects.filter(pk=row.pk).update(secret_until=date(2020, 1, 1))
    assert [item.name for item in received_about(anna)] == ["SIA Parādi"]


def test_only_the_rows_of_the_person_and_of_the_time_go_out(anna: Subject, first: User, postman: Postman) -> None:
    since = replace(DEBT, scope=Scope(("accounts.LoginEvent",), since=NOW + timedelta(hours=1)))
    disclose(DEBT, anna, postman, by=first, now=NOW)
    disclose(since, anna, postman, by=first, now=NOW)
    (rows,) = postman.parcels[0].values()
    assert [row["ip"] for row in rows] == ["192.0.2.77"]
    assert list(postman.parcels[1].values()) == [[]]


def test_what_the_person_may_not_read_no_third_party_gets(anna: Subject, first: User, postman: Postman) -> None:
    disclose(replace(DEBT, scope=Scope(("accounts.User",))), anna, postman, by=first, now=NOW)
    (rows,) = postman.parcels[0].values()
    assert rows[0]["email"] == "anna@example.lv"
    assert "password" not in rows[0]


def copy_of(subject: Subject) -> str:
    out = io.BytesIO()
    write_copy(out, subject, case=None, package=None, now=NOW)
    return ZipFile(io.BytesIO(out.getvalue())).read("data.json").decode()


@pytest.mark.clause("Q8.5")
@pytest.mark.clause("Q16.2")
def test_her_copy_names_the_recipient_with_time_and_ground(
    anna: Subject, other_person: User, first: User, postman: Postman
) -> None:
    disclose(DEBT, anna, postman, by=first, now=NOW)
    (received,) = [item for item in json.loads(copy_of(anna))["recipients"] if item["name"] == "SIA Parādi"]
    assert "Art. 6(1)(f)" in received["service"]
    assert received["received"]
    assert "SIA Parādi" not in copy_of(subject_of_user(other_person))


@pytest.mark.clause("Q8.10")
def test_a_secret_disclosure_leaves_no_trace_in_her_copy(anna: Subject, first: User, postman: Postman) -> None:
    secret = replace(DEBT, secrecy=Secrecy("Criminal Procedure Law s. 375", date(2090, 1, 1)))
    row = disclose(secret, anna, postman, by=first, now=NOW)
    text = copy_of(anna)
    assert "SIA Parādi" not in text
    assert "disclosure.recorded" not in text
    assert str(row.pk) not in text


def test_a_disclosure_outlives_the_account_and_still_answers_to_the_address(
    anna: Subject, first: User, postman: Postman
) -> None:
    disclose(DEBT, anna, postman, by=first, now=NOW)
    plan = plan_erasure(anna, now=NOW, archive=False)
    execute_erasure(
        case_number="QP-2026-000001",
        subject=anna,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=NOW,
    )
    row = Disclosure.objects.get()
    assert str(anna.user_id) not in _text_of(row)
    assert [item.name for item in received_about(Subject(emails=frozenset({"anna@example.lv"})))] == ["SIA Parādi"]


def _text_of(row: Disclosure) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM registers_disclosure t WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.clause("Q10.3")
def test_a_disclosure_is_forgotten_three_years_later_and_not_a_day_before(
    anna: Subject, first: User, postman: Postman
) -> None:
    disclose(DEBT, anna, postman, by=first, now=NOW)
    end = NOW.replace(year=2029)
    holding = registry().holding(Disclosure)
    sweep(holding, now=end - timedelta(seconds=1), apply=True)
    assert Disclosure.objects.exists()
    sweep(holding, now=end, apply=True)
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("values", [{"balance": ""}, {"tables": []}, {"kind": "security"}, {"secret_under": "s. 1"}])
def test_the_database_itself_refuses_a_disclosure_with_a_hole(
    anna: Subject, first: User, postman: Postman, values: dict[str, Any]
) -> None:
    row = disclose(DEBT, anna, postman, by=first, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=row.pk).update(**values)


def test_what_failed_on_the_way_is_not_written_down_as_handed_over(anna: Subject, first: User) -> None:
    def broken(_extract: Extract) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        disclose(DEBT, anna, broken, by=first, now=NOW)
    assert Disclosure.objects.get().handed_over_at is None
    assert list(received_about(anna)) == []


FORM = {
    "kind": "debt_collector",
    "recipient": "SIA Parādi",
    "ground": "A6_1_F",
    "balance": "Undisputed.",
    "address": "anna@example.lv",
    "tables": ["accounts.LoginEvent"],
}


def body_of(answer: Any) -> dict[str, Any]:
    assert isinstance(answer, StreamingHttpResponse)
    parts: Iterator[bytes] = iter(answer)
    found: dict[str, Any] = json.loads(b"".join(parts))
    return found


def test_staff_write_a_disclosure_down_and_get_the_file(anna: Subject, first: User) -> None:
    browser, address = desk(first), reverse("admin:registers_disclosure_new")
    assert browser.get(address).status_code == 200
    assert browser.post(address, {**FORM, "balance": ""}).status_code == 400
    assert browser.post(address, {**FORM, "address": "nobody@example.lv"}).status_code == 400
    answer = browser.post(address, FORM)
    assert "no-store" in answer.headers["Cache-Control"]
    row = Disclosure.objects.get()
    found = body_of(answer)
    assert [item["table"] for item in found["tables"]] == ["accounts.LoginEvent"]
    assert found["head"] == {"disclosure": str(row.pk), "recipient": "SIA Parādi"}
    assert "192.0.2.77" in json.dumps(found["tables"])
    assert "192.0.2.88" not in json.dumps(found["tables"])
    page = browser.get(reverse("admin:registers_disclosure_change", args=[row.pk])).content.decode()
    assert "Undisputed." in page
    assert row.subject_token not in page


def test_disclosing_is_for_its_group_and_a_fresh_password_only(officer: User, anna: Subject) -> None:
    assert desk(officer).post(reverse("admin:registers_disclosure_new"), FORM).status_code == 403
    assert not Disclosure.objects.exists()
