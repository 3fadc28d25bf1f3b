"""A materially changed policy reaches everybody with an account exactly once; an editorial one nobody (Q20.2)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit import trail
from audit.trail import Actor
from consent import policy_mails, texts
from consent.models import PolicyMailing, PolicyNotice
from consent.policy_mails import write_letters
from datamap.databases import together
from datamap.trace import subject_of_user
from mailing.inbound import came_back
from mailing.models import OutgoingMessage, State
from mailing.sealing import open_letter
from outbox.models import Effect
from outbox.services import drain
from replay import kinds
from retention.erasure import execute_erasure, plan_erasure
from tests.consent.test_publishing import draft
from tests.faults.beside import begin_erasure, elsewhere
from tests.faults.test_locks import until_somebody_waits
from tests.mailing.emulated import EmulatedMailgun, mailgun
from tests.people import PASSWORD
from vault.models import DataKey

__all__ = ["mailgun"]
pytestmark = [pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q20.2")]


def publish(root: Path, *, material: bool = True) -> None:
    draft(root, "policy", "2026-12-01", material=material, lv="Jauns.", en="New.", ru="Новое.")
    texts.publish(now=timezone.now(), root=root)


def people(count: int, **how: Any) -> list[User]:
    made = [
        User(email=f"p{uuid4().hex}@example.lv", given_name="P", date_joined=timezone.now(), **how)
        for _number in range(count)
    ]
    User.objects.bulk_create(made)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=one, email=one.email, verified=True, primary=True) for one in made]
    )
    return made


def test_everybody_gets_one_letter_in_the_own_language(person: User, other_person: User, tmp_path: Path) -> None:
    User.objects.filter(pk=other_person.pk).update(language="ru")
    publish(tmp_path)
    assert not OutgoingMessage.objects.exists(), "the order writes nothing yet"
    for _ring in range(3):
        write_letters(now=timezone.now())
    letters = {message.to_address: open_letter(message) for message in OutgoingMessage.objects.all()}
    assert set(letters) == {person.email, other_person.email}
    assert OutgoingMessage.objects.count() == 2
    assert "/privacy/policy/versions/2026-12-01/changes/" in letters[person.email].text
    assert letters[person.email].subject != letters[other_person.email].subject
    assert PolicyMailing.objects.get().finished_at is not None


@pytest.mark.slow
@pytest.mark.requirement("E7")
@pytest.mark.django_db(transaction=True)
def test_letters_wait_for_an_erasure_under_way_and_leave_no_row_about_whom_it_took(
    person: User, other_person: User, tmp_path: Path
) -> None:
    publish(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        with together():
            begin_erasure(person)
            writing = pool.submit(elsewhere, lambda: write_letters(now=timezone.now()))
            until_somebody_waits()
        writing.result(timeout=60)
    assert [notice.user_id for notice in PolicyNotice.objects.all()] == [other_person.pk]
    assert not OutgoingMessage.objects.filter(template="notice", to_address=person.email).exists()


@pytest.mark.usefixtures("person")
def test_an_editorial_change_and_a_new_wording_of_a_consent_send_none(tmp_path: Path) -> None:
    publish(tmp_path, material=False)
    draft(tmp_path, "loyalty", "2026-12-01", lv="Jauns.")
    texts.publish(now=timezone.now(), root=tmp_path)
    write_letters(now=timezone.now())
    assert not PolicyMailing.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_nobody_may_forget_to_say_whether_a_change_is_material(tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2026-12-01", lv="Jauns.")
    about = tmp_path / "policy" / "2026-12-01" / "version.toml"
    for facts in ("valid_from = 2026-12-01", 'valid_from = 2026-12-01\nmaterial = "perhaps"', "material = true"):
        about.write_text(facts)
        with pytest.raises(texts.TextError, match=r"version\.toml must say"):
            texts.publish(now=timezone.now(), root=tmp_path)


def test_whoever_goes_on_after_a_kill_writes_to_nobody_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = people(23)
    publish(tmp_path)
    monkeypatch.setattr(policy_mails, "BATCH", 5)
    write_letters(now=timezone.now(), batches=2)
    sends = policy_mails.send_many

    def killed_in_the_middle(*words: Any, **how: Any) -> Any:
        sends(*words, **how)
        raise KeyboardInterrupt

    monkeypatch.setattr(policy_mails, "send_many", killed_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        write_letters(now=timezone.now())
    assert OutgoingMessage.objects.count() == 10, "nothing of the batch that was killed is left"
    monkeypatch.setattr(policy_mails, "send_many", sends)
    while write_letters(now=timezone.now(), batches=2):
        pass
    told = list(OutgoingMessage.objects.values_list("to_address", flat=True))
    assert sorted(told) == sorted(one.email for one in everybody)
    assert PolicyNotice.objects.count() == 23


def test_the_database_refuses_a_second_letter(person: User, tmp_path: Path) -> None:
    publish(tmp_path)
    write_letters(now=timezone.now())
    notice = PolicyNotice.objects.get(user_id=person.pk)
    notice.pk, notice.message_id = None, uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_whoever_registers_later_has_read_the_new_version_there(tmp_path: Path) -> None:
    publish(tmp_path)
    register_person(
        email="new@example.lv", password=PASSWORD, given_name="N", now=timezone.now() + timedelta(seconds=1)
    )
    write_letters(now=timezone.now() + timedelta(seconds=2))
    assert not OutgoingMessage.objects.exists()


def test_staff_see_how_far_it_got_and_whom_it_did_not_reach(
    client: Client, officer: User, person: User, tmp_path: Path
) -> None:
    (unverified, closed) = people(2)
    EmailAddress.objects.filter(user=unverified).update(verified=False)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    publish(tmp_path)
    write_letters(now=timezone.now())
    message = OutgoingMessage.objects.get(to_address=person.email)
    sent = {"state": State.SENT, "handed_over_at": timezone.now(), "body_sealed": None}
    OutgoingMessage.objects.filter(pk=message.pk).update(**sent)
    assert came_back(message.pk, person.email, now=timezone.now())
    assert not OutgoingMessage.objects.filter(to_address__in=[unverified.email, closed.email]).exists()
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(officer)
    row = client.get(reverse("admin:consent_policymailing_changelist")).context["cl"].result_list[0]
    assert (row.total, row.written_count, row.bounced_count) == (4, 2, 1)
    assert (row.unverified_count, row.inactive_count, row.not_sent_count) == (1, 1, 0)
    accounts = reverse("admin:consent_policynotice_changelist")
    found = {
        query: [row.user_id for row in client.get(f"{accounts}?{query}").context["cl"].result_list]
        for query in ("came_back=yes", "outcome__exact=unverified")
    }
    assert found == {"came_back=yes": [person.pk], "outcome__exact=unverified": [unverified.pk]}


def test_an_erasure_takes_the_row_along(person: User, other_person: User, tmp_path: Path) -> None:
    publish(tmp_path)
    write_letters(now=timezone.now())
    subject = subject_of_user(person)
    execute_erasure(
        case_number="D-2026-0001",
        subject=subject,
        plan_digest=plan_erasure(subject, now=timezone.now(), archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=timezone.now(),
    )
    assert list(PolicyNotice.objects.values_list("user_id", flat=True)) == [other_person.pk]
    write_letters(now=timezone.now())
    assert PolicyNotice.objects.count() == 1


def test_a_batch_costs_a_handful_of_statements_however_many_it_writes_to(tmp_path: Path) -> None:
    people(40)
    publish(tmp_path)
    with CaptureQueriesContext(connection) as few:
        write_letters(now=timezone.now(), batches=1)
    people(120)
    PolicyMailing.objects.update(ordered_at=timezone.now(), reached=None)
    with CaptureQueriesContext(connection) as many:
        write_letters(now=timezone.now(), batches=1)
    assert OutgoingMessage.objects.count() == Effect.objects.count() == 160
    assert len(many) <= len(few) <= 25


@pytest.mark.network
@pytest.mark.requirement("O1")
@pytest.mark.django_db(transaction=True)
def test_after_a_restore_whoever_has_the_letter_gets_no_second_one_and_the_others_get_theirs(
    tmp_path: Path, mailgun: EmulatedMailgun
) -> None:
    everybody = people(6)
    publish(tmp_path)
    now = timezone.now()
    write_letters(now=now)
    drain(now=now, limit=4)
    reached = [message["recipients"][0] for message in mailgun.messages()]
    assert len(reached) == 4
    # The backup is older than the letters: it knows the order, and nothing else of it.
    Effect.objects.all().delete()
    OutgoingMessage.objects.all().delete()
    DataKey.objects.all().delete()
    PolicyNotice.objects.all().delete()
    PolicyMailing.objects.update(reached=None, finished_at=None)
    trail.record("backup.replayed", actor=Actor.system("test"), now=now)
    kinds.conclude(now=now)
    write_letters(now=now)
    assert OutgoingMessage.objects.count() == 6
    for minutes in (0, 7, 15, 30):
        drain(now=now + timedelta(minutes=minutes))
    told = [message["recipients"][0] for message in mailgun.messages()]
    assert sorted(told) == sorted(one.email for one in everybody)
    assert told[:4] == reached
    assert not OutgoingMessage.objects.exclude(state=State.SENT).exists()


@pytest.mark.network
@pytest.mark.requirement("O1")
@pytest.mark.django_db(transaction=True)
def test_after_a_restore_a_letter_that_was_waiting_in_the_backup_is_looked_up_before_it_goes(
    tmp_path: Path, mailgun: EmulatedMailgun
) -> None:
    people(2)
    publish(tmp_path)
    now = timezone.now()
    write_letters(now=now)
    before = list(Effect.objects.order_by("sequence").values_list("pk", flat=True))
    bodies = dict(OutgoingMessage.objects.values_list("pk", "body_sealed"))
    keys = dict(DataKey.objects.values_list("owner", "wrapped"))
    drain(now=now, limit=1)
    (gone,) = OutgoingMessage.objects.filter(state=State.SENT).values_list("pk", flat=True)
    # The database is as it was before the first letter went.
    Effect.objects.filter(pk__in=before).update(state="pending", finished_at=None, attempts=0)
    values = {"state": State.QUEUED, "handed_over_at": None, "tried_at": None, "body_sealed": bodies[gone]}
    OutgoingMessage.objects.filter(pk=gone).update(**values, handed_to="", provider_id="")
    DataKey.objects.filter(owner=gone).update(wrapped=keys[gone], destroyed_at=None)
    kinds.conclude(now=now)
    for minutes in (0, 7, 15):
        drain(now=now + timedelta(minutes=minutes))
    assert len(mailgun.messages()) == 2
    assert not OutgoingMessage.objects.exclude(state=State.SENT).exists()
