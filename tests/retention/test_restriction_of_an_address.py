"""Somebody without an account is restricted as well: by the address at which she reads her mail (Art. 18; Q4.2)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.services import register_person
from audit.models import Entry
from consent.services import give_by_address
from consent.terms import Method
from datamap.gate import may_process
from datamap.registry import registry
from datamap.standstill import kept_back, without_restricted
from datamap.trace import Subject, subject_of_user
from mailing.composing import Letter
from mailing.effects import refusal
from mailing.inbound import came_back, came_back_again
from mailing.models import OutgoingMessage
from mailing.services import send_rendered
from newsletters.audience import audience
from newsletters.models import Subscription
from replay.models import JournalHead
from retention import lifting, restriction
from retention.erasure import plan_erasure
from retention.models import ErasureReceipt, Restriction
from retention.remembering import RESTRICTED, restrict_again
from retention.restriction import RestrictionRefused
from retention.standing import RestrictionGround, Telling
from tests.people import PASSWORD, prove_again
from tests.retention.conftest import NOW, hand_over_letters
from tests.retention.test_replay_standing import lines
from vault.keys import has_key
from vault.staff_views import MASK
from vault.tokens import email_token

HERS = "Lasitaja@Example.lv"
SPELT = "lasitaja@example.lv"
OTHERS = "cits@example.lv"
LATER = NOW + timedelta(days=1)


def restrict(by: User, ground: RestrictionGround = RestrictionGround.CLAIMS) -> Restriction:
    return restriction.place_at(
        HERS, language="ru", ground=ground, case_number="QP-1", reason="asked for it", by=by, now=NOW
    )


def subscribe(address: str) -> Subscription:
    return Subscription.objects.create(
        email_token=email_token(address), email=address, language="lv", confirmed_at=NOW - timedelta(weeks=30)
    )


def letter(address: str, purpose: str = "SERVICE") -> OutgoingMessage:
    return send_rendered(Letter("x", "y"), to=address, language="lv", purpose=purpose, now=NOW)


@pytest.mark.clause("Q16.10", "Q4.2")
@pytest.mark.requirement("E10")
def test_her_rows_without_an_account_vanish_from_every_list_and_the_others_stay(officer: User) -> None:
    for address in (SPELT, OTHERS):
        subscribe(address)
        letter(address)
    item = restrict(officer)
    assert {row.email for row in without_restricted(Subscription.objects.all())} == {OTHERS}
    assert {row.to_address for row in without_restricted(OutgoingMessage.objects.all())} == {OTHERS}
    assert Subscription.objects.count() == 2, "stored all the same"
    tell_and_lift(item, officer)
    assert {row.email for row in without_restricted(Subscription.objects.all())} == {SPELT, OTHERS}


@pytest.mark.clause("Q16.10", "Q13.1")
@pytest.mark.usefixtures("published_texts")
def test_no_campaign_is_prepared_for_her_and_what_waits_is_not_sent(officer: User) -> None:
    give_by_address(
        SPELT, "MARKETING_EMAIL", language="lv", method=Method.NEWSLETTER_FORM, place="/", now=timezone.now()
    )
    subscribe(SPELT)
    waiting, now = letter(SPELT), timezone.now()
    assert (audience(now=now).count, refusal(waiting, now=now)) == (1, "")
    restrict(officer)
    assert audience(now=now).count == 0
    assert "Art. 18" in refusal(waiting, now=now)
    assert refusal(letter(SPELT, "ACCOUNTABILITY"), now=now) == ""
    hers = Subject(emails=frozenset({SPELT}))
    allowed = {code for code in ("CLAIMS", "ACCOUNTABILITY", "SERVICE", "SECURITY") if may_process(hers, code, now=NOW)}
    assert allowed == {"CLAIMS", "ACCOUNTABILITY"}


@pytest.mark.clause("Q16.10")
@pytest.mark.parametrize(("ground", "stays"), [("a", False), ("c", True)])
def test_time_takes_nothing_where_she_wants_it_kept(officer: User, ground: str, *, stays: bool) -> None:
    row = letter(SPELT)
    restrict(officer, RestrictionGround(ground))
    kept = kept_back(registry().holding(OutgoingMessage))
    assert (bool(kept) and OutgoingMessage.objects.filter(kept, pk=row.pk).exists()) is stays
    assert plan_erasure(Subject(emails=frozenset({SPELT})), now=NOW, archive=False).is_restricted is stays


@pytest.mark.clause("Q16.10")
def test_an_account_that_she_opens_later_stands_still_with_her_address(officer: User) -> None:
    restrict(officer)
    hers = register_person(email=SPELT, password=PASSWORD, given_name="Dace", now=NOW)
    other = register_person(email=OTHERS, password=PASSWORD, given_name="Cits", now=NOW)
    assert restriction.is_restricted(subject_of_user(hers))
    assert not restriction.is_restricted(subject_of_user(other))
    assert set(without_restricted(User.objects.filter(is_staff=False))) == {other}


@pytest.mark.clause("Q16.10", "Q18.2")
def test_it_ends_with_her_erasure_and_neither_address_nor_key_stays(erase: object, officer: User) -> None:
    subscribe(SPELT)
    item = restrict(officer, RestrictionGround.ACCURACY)
    assert has_key(item.pk)
    receipt: ErasureReceipt = erase(Subject(emails=frozenset({SPELT})))  # type: ignore[operator]
    assert receipt.document["state"] == "done"
    item.refresh_from_db()
    assert (item.email_token, item.address, item.lifted_at) == ("", "", None)
    assert item.ends_at is not None
    assert not has_key(item.pk)
    assert not Subscription.objects.exists()


def test_the_same_ground_twice_is_one_restriction_and_the_database_says_so(officer: User) -> None:
    assert restrict(officer) == restrict(officer)
    with pytest.raises(IntegrityError, match="an_address"), transaction.atomic():
        Restriction.objects.create(
            email_token=email_token(SPELT),
            address=SPELT,
            ground="c",
            case_number="QP-2",
            reason="x",
            placed_by=officer.pk,
            placed_at=NOW,
        )
    with pytest.raises(IntegrityError, match="of_somebody"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE retention_restriction SET address = ''::bytea")


def tell_and_lift(item: Restriction, by: User) -> None:
    lifting.tell(item.pk, by=by, reason="settled", now=NOW)
    hand_over_letters(NOW)
    lifting.lift(item.pk, by=by, reason="settled", now=LATER)


@pytest.mark.clause("Q16.10", "Q5.6")
def test_she_is_told_at_her_address_in_her_language_before_it_is_lifted(officer: User) -> None:
    item = restrict(officer)
    tell_and_lift(item, officer)
    (mail,) = OutgoingMessage.objects.all()
    assert (mail.to_address, mail.language, mail.purpose) == (SPELT, "ru", "ACCOUNTABILITY")
    item.refresh_from_db()
    assert (item.told_with, item.address, has_key(item.pk)) == (Telling.EMAIL, "", False)
    assert [entry["action"].split(".")[1] for entry in item.history] == ["placed", "told", "lifted"]


@pytest.mark.clause("Q16.10")
def test_nothing_is_lifted_before_the_letter_went_and_a_day_passed(officer: User) -> None:
    item = restrict(officer)
    lifting.tell(item.pk, by=officer, reason="settled", now=NOW)
    with translation.override("en"):
        with pytest.raises(RestrictionRefused, match="not been handed over"):
            lifting.lift(item.pk, by=officer, reason="x", now=LATER)
        hand_over_letters(NOW)
        with pytest.raises(RestrictionRefused, match="A day must lie between"):
            lifting.lift(item.pk, by=officer, reason="x", now=LATER - timedelta(microseconds=1))
    assert restriction.active().exists()
    lifting.lift(item.pk, by=officer, reason="x", now=LATER)
    assert not restriction.active().exists()


@pytest.mark.clause("Q16.10")
def test_a_letter_that_came_back_told_nobody_and_one_by_post_does(officer: User) -> None:
    item = restrict(officer)
    lifting.tell(item.pk, by=officer, reason="settled", now=NOW)
    hand_over_letters(NOW)
    assert came_back(OutgoingMessage.objects.get().pk, SPELT, now=NOW)
    with translation.override("en"), pytest.raises(RestrictionRefused, match=r"did not reach her.*by post"):
        lifting.lift(item.pk, by=officer, reason="x", now=LATER)
    item.refresh_from_db()
    assert (item.told_at, item.told_by, item.letter) == (None, None, None)
    assert lifting.came_back(item)
    assert Entry.objects.filter(action=lifting.LETTER_CAME_BACK, object_id=str(item.pk)).count() == 1
    with translation.override("en"):
        for day in (timezone.localdate(NOW) - timedelta(days=1), timezone.localdate(LATER)):
            with pytest.raises(RestrictionRefused, match="not in the future"):
                lifting.tell_by_post(item.pk, delivered_on=day, by=officer, reason="RR 1", now=NOW)
        lifting.tell_by_post(item.pk, delivered_on=timezone.localdate(NOW), by=officer, reason="RR 1", now=NOW)
        with pytest.raises(RestrictionRefused, match="A day must lie between"):
            lifting.lift(item.pk, by=officer, reason="x", now=LATER - timedelta(seconds=1))
    lifting.lift(item.pk, by=officer, reason="x", now=LATER)
    item.refresh_from_db()
    assert (item.told_with, item.lifted_at) == (Telling.POST, LATER)


@pytest.mark.clause("Q16.10")
def test_the_desk_finds_what_came_back_and_writes_the_letter_by_post_down(officer: User, client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    prove_again(client)
    item = restrict(officer)
    found = f"{reverse('admin:retention_restriction_changelist')}?work=came_back"
    assert str(item.pk) not in client.get(found).content.decode()
    lifting.tell(item.pk, by=officer, reason="settled", now=NOW)
    hand_over_letters(NOW)
    came_back(OutgoingMessage.objects.get(to_address=SPELT).pk, SPELT, now=NOW)
    page = client.get(found).content.decode()
    assert str(item.pk) in page
    row = client.get(reverse("admin:retention_restriction_change", args=[item.pk])).content.decode()
    assert (MASK in row, SPELT in page + row) == (True, False)
    step = reverse("admin:retention_restriction_step", args=[item.pk, "tell-by-post"])
    answer = client.post(step, {"reason": "RR 1", "delivered_on": timezone.localdate().isoformat()})
    assert answer.status_code == 302
    assert str(item.pk) not in client.get(found).content.decode()


@pytest.mark.clause("Q10.9", "Q16.10")
@pytest.mark.django_db(transaction=True)
def test_it_stands_again_after_a_restore_with_its_address(officer: User) -> None:
    subscribe(SPELT)
    item = restrict(officer)
    Restriction.objects.all().delete()
    (line,) = [line for line in lines() if line.kind == RESTRICTED]
    assert line.subject is None
    assert SPELT not in str(line.details)
    assert item.email_token not in str(line.details)
    assert [restrict_again(line, now=NOW), restrict_again(line, now=NOW)] == [True, False]
    assert restriction.active().get().address == SPELT
    assert not without_restricted(Subscription.objects.all()).exists()
    assert JournalHead.objects.get().position == line.n


@pytest.mark.clause("Q10.9", "Q16.10")
@pytest.mark.django_db(transaction=True)
def test_a_bounce_that_is_heard_again_writes_no_line_of_its_own(officer: User) -> None:
    item = restrict(officer)
    lifting.tell(item.pk, by=officer, reason="settled", now=NOW)
    hand_over_letters(NOW)
    before = len(lines())
    assert came_back_again(OutgoingMessage.objects.get().pk, now=NOW)
    assert len(lines()) == before
    item.refresh_from_db()
    assert item.told_at is None
