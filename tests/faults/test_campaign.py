"""Two workers at one campaign, and `kill -9` where it hurts most: nobody gets it twice, nobody is left out (Q13.7)."""

import os
import signal
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from newsletters.campaigns import pause, resume
from newsletters.models import CampaignRecipient, CampaignState, RecipientState
from newsletters.stopping import WayOut, stop
from outbox.models import Effect, State
from tests.faults.conftest import Victims
from tests.mailing.emulated import EmulatedMailgun, mailgun
from tests.newsletters.test_campaigns import STAFF, letters, started, subscriber
from vault.tokens import email_token

__all__ = ["mailgun"]
pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.django_db(transaction=True)]

READERS = [f"lasitajs{number:02}@example.lv" for number in range(12)]


def told(service: EmulatedMailgun) -> list[str]:
    """Whom Mailgun took a letter for, as often as it did."""
    return sorted(message["recipients"][0] for message in service.messages())


@pytest.mark.requirement("F15", "F27")
@pytest.mark.clause("Q13.7")
def test_two_workers_and_a_kill_in_each_half_reach_everybody_once(victims: Victims, mailgun: EmulatedMailgun) -> None:
    for address in READERS:
        subscriber(address)
    campaign = started()
    # One worker is in the middle of writing the letters when the other comes by; then it is killed.
    first = victims.start("campaign", how="stop", at='INSERT INTO "outbox_effect"')
    assert victims.wait(first).ended == "stopped"
    assert victims.run("campaign").ended == "done"
    assert letters() == [], "what is half written is nobody's letter yet"
    os.kill(first, signal.SIGKILL)
    assert victims.wait(first).ended == "killed"
    assert victims.run("campaign").ended == "done"
    assert letters() == sorted(READERS)
    # Somebody ends it, and a worker dies between Mailgun's answer and our record of it.
    stop(WayOut(email_token(READERS[0])), language="lv", place="/", now=timezone.now())
    how: dict[str, Any] = {"now": timezone.now() + timedelta(seconds=1)}
    one = victims.start("drain", mailgun.address, how="stop", at='UPDATE "outbox_providergate"', **how)
    assert victims.wait(one).ended == "stopped"
    assert victims.run("drain", mailgun.address, **how).ended == "done"
    os.kill(one, signal.SIGKILL)
    assert victims.wait(one).ended == "killed"
    assert Effect.objects.filter(state=State.LEASED).exists()
    # What it had only taken is held as well, and free again when its lease has run out.
    Effect.objects.exclude(lease_token=None).update(leased_until=Now() - timedelta(seconds=1))
    assert victims.run("drain", mailgun.address, now=timezone.now() + timedelta(minutes=7)).ended == "done"
    assert told(mailgun) == READERS[1:]
    assert not Effect.objects.exclude(state=State.DONE).exists()
    victims.run("campaign")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DONE


@pytest.mark.clause("Q13.7")
def test_a_worker_that_is_paused_meanwhile_hands_nothing_more_over(victims: Victims) -> None:
    for address in READERS:
        subscriber(address)
    campaign = started()
    worker = victims.start("campaign", how="stop", at='INSERT INTO "newsletters_campaignrecipient"')
    assert victims.wait(worker).ended == "stopped"
    os.kill(worker, signal.SIGKILL)
    assert victims.wait(worker).ended == "killed"
    pause(campaign.pk, actor=STAFF, now=timezone.now())
    assert victims.run("campaign").ended == "done"
    assert letters() == []
    resume(campaign.pk, actor=STAFF, now=timezone.now())
    assert victims.run("campaign").ended == "done"
    assert letters() == sorted(READERS)
    handed = CampaignRecipient.objects.filter(state=RecipientState.HANDED)
    assert handed.count() == len(READERS)
