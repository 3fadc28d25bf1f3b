"""Who sells objects to a removal, and another person of the staff decides (Regulation 2022/2065 Art. 20; Q14.6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.contacts import Channel
from accounts.models import User
from audit.models import Entry
from datamap.registry import registry
from marketplace.models import Listing, Removal, Report
from marketplace.moderating import DecisionRefused, answer_objection, object_to
from marketplace.report_terms import RemovalState, ReportState
from retention.sweeps import sweep
from tests.marketplace.conftest import Offer
from tests.marketplace.test_leaving import leave
from tests.marketplace.test_moderation import WHY, page, removed, step, told
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q14.6")]


@pytest.fixture
def listing(with_phone: User, offered: Offer) -> Listing:
    """Of Anna, with her telephone number beside it."""
    return offered(with_phone, contacts=(Channel.PHONE,))


def test_the_seller_objects_once_and_another_person_of_the_staff_brings_it_back(
    client: Client, person: User, *, officer: User, second: User, listing: Listing
) -> None:
    removal = removed(listing, officer)
    log_in(client, person)
    assert WHY in client.get(page(listing, "removed")).content.decode()
    for wrong in ("", " ", "x" * 2001, "a\u202eb"):
        assert client.post(page(listing, "removed"), {"text": wrong}).status_code == 400
    for text in ("Man ir čeks.", "Un vēl."):
        assert client.post(page(listing, "removed"), {"text": text}).status_code == 302
    removal.refresh_from_db()
    assert (removal.state, removal.objection, removal.ends_at) == (RemovalState.OBJECTED, "Man ir čeks.", None)
    same: dict[str, Any] = {"restores": True, "reason": "Labi.", "now": timezone.now()}
    with pytest.raises(DecisionRefused):
        answer_objection(removal.pk, by=officer, **same)
    with pytest.raises(IntegrityError), transaction.atomic():
        Removal.objects.filter(pk=removal.pk).update(decided_by=officer.pk)
    other = Client()
    log_in(other, second)
    shown = other.post(step(removal, "reveal"), {"reason": "to_answer"}).content.decode()
    assert [word for word in ("Man ir čeks.", WHY, step(removal, "decide")) if word not in shown] == []
    form = {"decision": "restore", "reason": "Čeks der."}
    assert other.post(step(removal, "decide"), {**form, "reason": ""}).status_code == 400
    assert other.post(step(removal, "decide"), form).status_code == 302
    back = Client().get(page(listing))
    assert back.status_code == 200
    assert "26 123 456" not in back.content.decode()
    assert "Čeks der." in told(person.email)
    assert Entry.objects.filter(action="removal.restored", subject=person.pk, actor_id=str(second.pk)).exists()
    assert removed(listing, officer).pk != removal.pk


def test_who_took_it_down_sees_no_button_and_a_stranger_no_page(
    desk: Client, person: User, *, other_person: User, officer: User, listing: Listing
) -> None:
    removal = removed(listing, officer)
    object_to(removal.pk, "Man ir čeks.", user=person, now=timezone.now())
    shown = desk.post(step(removal, "reveal"), {"reason": "to_answer"}).content.decode()
    assert "Man ir čeks." in shown
    assert 'name="decision"' not in shown
    assert desk.post(step(removal, "decide"), {"decision": "restore", "reason": "Jā."}).status_code == 400
    client = Client()
    client.force_login(other_person)
    assert client.get(page(listing, "removed")).status_code == 404
    assert client.post(page(listing, "removed"), {"text": "Mans."}).status_code == 404
    assert Client().get(page(listing)).status_code == 410


def test_an_objection_that_fails_leaves_it_down(person: User, officer: User, second: User, listing: Listing) -> None:
    removal = removed(listing, officer)
    object_to(removal.pk, "Man ir čeks.", user=person, now=timezone.now())
    answer_objection(removal.pk, restores=False, reason="Čeks neder.", by=second, now=timezone.now())
    assert "Čeks neder." in told(person.email)
    assert Client().get(page(listing)).status_code == 410


@pytest.mark.clause("Q10.1")
def test_what_stays_down_goes_after_three_years_and_an_open_objection_waits(
    person: User, officer: User, second: User, listing: Listing
) -> None:
    removal = removed(listing, officer)
    object_to(removal.pk, "Man ir čeks.", user=person, now=timezone.now())
    holding, later = registry().holding(Removal), timezone.now() + timedelta(days=2000)
    sweep(holding, now=later, apply=True)
    assert Removal.objects.count() == 1
    done = answer_objection(removal.pk, restores=False, reason="Nē.", by=second, now=timezone.now())
    assert done.ends_at is not None
    for now, left in ((done.ends_at - timedelta(seconds=1), 1), (done.ends_at, 0)):
        sweep(holding, now=now, apply=True)
        assert (Removal.objects.count(), Listing.objects.count()) == (left, left)


@pytest.mark.clause("Q14.7", "Q16.7")
def test_when_its_seller_leaves_a_removed_listing_goes_and_the_decision_stays_without_her(
    person: User, officer: User, listing: Listing
) -> None:
    removal = removed(listing, officer)
    object_to(removal.pk, "Man ir čeks.", user=person, now=timezone.now())
    leave(person)
    removal.refresh_from_db()
    assert (removal.seller, removal.listing, removal.objection, removal.reason) == (None, None, "", WHY)
    assert Listing.objects.count() == 0
    assert Report.objects.get().state == ReportState.REMOVED
