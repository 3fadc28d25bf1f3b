"""A restricted person's data are stored and nothing else; she is told before that ends (Art. 18)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import LoginEvent, User
from accounts.services import register_person
from audit.models import Entry
from audit.trail import Actor
from datamap.gate import may_process
from datamap.registry import registry
from datamap.standstill import without_restricted
from datamap.terms import Right
from datamap.trace import Subject, rows_about, subject_of_user
from dsar import casework
from dsar.deadlines import Channel
from dsar.refusals import WrongStage
from dsar.services import file_request
from dsar.step_forms import RestrictionForm
from dsar.steps import Step
from mailing.composing import Letter
from mailing.effects import refusal
from mailing.models import OutgoingMessage
from mailing.services import send_rendered
from retention import lifting, restriction
from retention.erasure import ErasureRestricted, execute_erasure, plan_erasure
from retention.models import Restriction
from retention.restriction import RestrictionRefused
from retention.standing import STAFF_GROUNDS, RestrictionGround
from retention.sweeps import sweep
from tests.people import PASSWORD, prove_again
from tests.retention.conftest import NOW, hand_over_letters
from visits.models import Visit
from visits.queries import current

TERM = timedelta(weeks=20)


def restrict(user: User, by: User, ground: RestrictionGround = RestrictionGround.CLAIMS) -> Restriction:
    return restriction.place(user, ground=ground, case_number="QP-1", reason="asked for it", by=by, now=NOW)


def lift(item: Restriction, by: User) -> None:
    lifting.tell(item.pk, by=by, reason="the case is closed", now=NOW + timedelta(days=1))
    hand_over_letters(NOW + timedelta(days=1))
    lifting.lift(item.pk, by=by, reason="the case is closed", now=NOW + timedelta(days=8))


@pytest.mark.clause("Q16.10")
@pytest.mark.requirement("E10")
def test_her_rows_vanish_from_every_list_and_the_others_stay(
    anna: Subject, janis: Subject, person: User, officer: User
) -> None:
    item = restrict(person, officer)
    for model, field in ((LoginEvent, "user_id"), (Visit, "user_id"), (OutgoingMessage, "to_address"), (User, "pk")):
        shown = set(without_restricted(model._base_manager.all()).values_list(field, flat=True))
        assert shown.isdisjoint({person.pk, "anna@example.lv"})
        assert shown & {janis.user_id, "janis@example.lv"}
    assert set(current(now=NOW).values_list("user_id", flat=True)) == {janis.user_id}
    lift(item, officer)
    assert without_restricted(User.objects.all()).filter(pk=person.pk).exists()


@pytest.mark.clause("Q16.10")
def test_staff_do_not_find_her_in_their_lists(anna: Subject, person: User, officer: User, client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    page = reverse("admin:accounts_user_change", args=[person.pk])
    assert client.get(page).status_code == 200
    restrict(person, officer)
    assert client.get(page).status_code == 404
    assert str(person.pk) not in client.get(reverse("admin:accounts_user_changelist")).content.decode()


@pytest.mark.clause("Q16.10")
def test_she_gets_no_mail_but_what_the_gdpr_demands(anna: Subject, person: User, officer: User) -> None:
    restrict(person, officer)
    for user_id in (person.pk, None):
        mails = [
            send_rendered(Letter("x", "y"), to="Anna@example.lv", language="lv", purpose=code, now=NOW, user_id=user_id)
            for code in ("SERVICE", "ACCOUNTABILITY")
        ]
        assert ["Art. 18" in refusal(mail, now=NOW) for mail in mails] == [True, False]


@pytest.mark.clause("Q16.10")
def test_every_purpose_but_claims_and_accountability_is_refused(anna: Subject, person: User, officer: User) -> None:
    restrict(person, officer)
    allowed = {
        code
        for code in ("CLAIMS", "ACCOUNTABILITY", "SERVICE", "SECURITY", "OFFER", "LEGAL", "MARKETING_EMAIL")
        if may_process(anna, code, now=NOW)
    }
    assert allowed == {"CLAIMS", "ACCOUNTABILITY"}


@pytest.mark.clause("Q16.10")
@pytest.mark.parametrize(("ground", "stays"), [("a", False), ("b", True), ("c", True), ("d", False)])
def test_the_purge_stops_where_she_wants_the_rows_kept(
    person: User, officer: User, ground: str, *, stays: bool
) -> None:
    LoginEvent.objects.create(user=person, at=NOW - TERM, kind="login")
    restrict(person, officer, RestrictionGround(ground))
    report = sweep(registry().holding(LoginEvent), now=NOW, apply=True)
    assert (report.deleted, report.held) == ((0, 1) if stays else (1, 0))


@pytest.mark.clause("Q16.10")
def test_an_erasure_waits_for_the_lifting_and_says_so(anna: Subject, person: User, officer: User) -> None:
    item = restrict(person, officer)
    plan = plan_erasure(anna, now=NOW, archive=True)
    assert plan.is_restricted
    assert plan.conflicts
    with pytest.raises(ErasureRestricted):
        _erase(anna, plan.digest, officer)
    assert User.objects.filter(pk=person.pk).exists()
    lift(item, officer)
    _erase(anna, plan_erasure(anna, now=NOW, archive=True).digest, officer)
    assert not User.objects.filter(pk=person.pk).exists()


def _erase(subject: Subject, digest: str, by: User) -> None:
    execute_erasure(
        case_number="Q-9",
        subject=subject,
        plan_digest=digest,
        objection_to_archive=False,
        actor=Actor.of(by),
        now=NOW,
    )


@pytest.mark.clause("Q16.10", "Q18.2")
def test_a_restriction_that_keeps_nothing_ends_with_the_erasure_and_binds_nobody_new(
    anna: Subject, person: User, officer: User
) -> None:
    item = restrict(person, officer, RestrictionGround.ACCURACY)
    _erase(anna, plan_erasure(anna, now=NOW, archive=True).digest, officer)
    item.refresh_from_db()
    assert item.ends_at == datetime(2029, 11, 22, 12, tzinfo=UTC)
    assert (item.lifted_at, item.email_token) == (None, "")
    assert not restriction.active().exists()
    anew = register_person(email=person.email, password=PASSWORD, given_name="Cita", now=NOW)
    assert not restriction.is_restricted(subject_of_user(anew))
    assert not rows_about(registry().holding(Restriction), subject_of_user(anew)).exists()


@pytest.mark.clause("Q16.10")
def test_a_restriction_stays_with_its_person_when_her_old_address_is_somebody_elses(
    person: User, officer: User
) -> None:
    restrict(person, officer)
    User.objects.filter(pk=person.pk).update(email="jauna@example.lv")
    EmailAddress.objects.filter(user=person).update(email="jauna@example.lv")
    assert restriction.is_restricted(Subject(emails=frozenset({"anna@example.lv"})))
    other = register_person(email="anna@example.lv", password=PASSWORD, given_name="Cita", now=NOW)
    assert not restriction.is_restricted(subject_of_user(other))
    assert not restriction.is_restricted(Subject(emails=frozenset({"anna@example.lv"})))
    person.refresh_from_db()
    assert restriction.is_restricted(subject_of_user(person))


@pytest.mark.clause("Q16.10")
def test_nothing_is_lifted_before_she_was_told(person: User, officer: User) -> None:
    item = restrict(person, officer)
    with translation.override("en"), pytest.raises(RestrictionRefused, match="told before"):
        lifting.lift(item.pk, by=officer, reason="x", now=NOW)
    lift(item, officer)
    (mail,) = OutgoingMessage.objects.filter(user_id=person.pk)
    assert (mail.to_address, mail.purpose) == (person.email, "ACCOUNTABILITY")
    item.refresh_from_db()
    assert [entry["action"].split(".")[1] for entry in item.history] == ["placed", "told", "lifted"]
    assert Entry.objects.filter(action="restriction.lifted", subject=person.pk).count() == 1


def test_the_database_does_not_lift_without_telling_either(person: User, officer: User) -> None:
    item = restrict(person, officer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE retention_restriction SET lifted_at = now(), lifted_by = placed_by, ends_at = now() WHERE id = %s",
            [item.pk],
        )


def test_the_same_ground_twice_is_one_restriction(person: User, officer: User) -> None:
    assert restrict(person, officer) == restrict(person, officer)
    assert Restriction.objects.count() == 1


@pytest.mark.clause("Q16.10", "Q3.2")
def test_the_desk_restricts_on_a_request_and_not_by_itself(person: User, officer: User) -> None:
    case = file_request(user=person, right=Right.RESTRICTION, channel=Channel.PORTAL_AUTH, now=NOW)
    assert not restriction.is_restricted(subject_of_user(person))
    casework.restrict(case.pk, RestrictionGround.ACCURACY, step=Step(by=officer, reason="contested", now=NOW))
    assert restriction.is_restricted(subject_of_user(person))
    assert Restriction.objects.get().case_number == case.number
    other = file_request(user=person, right=Right.COMPLAINT, channel=Channel.PORTAL_AUTH, now=NOW)
    with pytest.raises(WrongStage):
        casework.restrict(other.pk, RestrictionGround.ACCURACY, step=Step(by=officer, reason="x", now=NOW))


def test_the_desk_tells_and_lifts_step_by_step(person: User, officer: User, client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    item = restrict(person, officer)
    page = client.get(reverse("admin:retention_restriction_change", args=[item.pk])).content.decode()
    assert "/steps/tell/" in page
    assert "/steps/lift/" not in page
    prove_again(client)
    for name in ("tell", "lift"):
        step = reverse("admin:retention_restriction_step", args=[item.pk, name])
        assert client.get(step).status_code == 200
        assert client.post(step, {"reason": "closed"}).status_code == 302
        hand_over_letters(timezone.now() - timedelta(days=1))
    item.refresh_from_db()
    assert item.lifted_at is not None


def test_a_restriction_names_who_decided_and_tells_its_history_in_words(
    person: User, officer: User, client: Client
) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    item = restrict(person, officer)
    page = client.get(reverse("admin:retention_restriction_change", args=[item.pk]))
    shown = page.content.decode().partition('id="content"')[2]
    assert shown.count(officer.email) == 2
    assert "asked for it" in shown
    assert [
        raw for raw in (str(officer.pk), "restriction.placed", "&quot;", item.history[0]["at"]) if raw in shown
    ] == []


@pytest.mark.clause("Q16.10")
@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_staff_read_about_the_person_who_is_herself_addressed(language: str) -> None:
    with translation.override(language):
        hers = [str(ground.label) for ground in RestrictionGround]
        for_staff = [Restriction(ground=ground).ground_for_staff for ground in RestrictionGround]
        field: Any = RestrictionForm().fields["ground"]
        offered = [label for _code, label in field.choices]
    her_word = re.compile(r"\b(jūs\w*|jum\w*|you\w*|вы|вам|ваш\w*)\b", re.IGNORECASE)
    assert all(her_word.search(words) for words in hers)
    assert not any(her_word.search(str(words)) for words in for_staff)
    assert [*map(str, offered), str(STAFF_GROUNDS[RestrictionGround.CHILD])] == list(map(str, for_staff))
