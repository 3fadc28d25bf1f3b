"""A subscriber without an account has the rights of everybody: she sees her proofs, and they end in time (Q13.8)."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from audit.trail import Actor
from consent.models import ConsentEvent, ProofTerm, SubscriptionEvidence
from consent.queries import current_status_of_token
from consent.services import give_by_address
from consent.terms import Method
from consent.withdrawing import end_with_erasure
from datamap.catalogue import period
from datamap.terms import Erasure
from datamap.trace import Subject
from newsletters.models import Subscription
from retention.erasure import execute_erasure, plan_erasure
from tests.dsar.conftest import copy_about
from tests.dsar.test_copy import rows_of
from tests.newsletters.test_subscribing import LIGA, letter_to, link_in, subscribe, wanted
from vault.tokens import email_token

OTHER = "zane@example.lv"

pytestmark = [pytest.mark.usefixtures("published_texts")]


def subscribed(client: Client, address: str = LIGA) -> Subject:
    subscribe(client, address)
    client.post(link_in(letter_to(address)))
    return Subject(emails=frozenset({address}))


def erase(subject: Subject, *, now: datetime) -> None:
    execute_erasure(
        case_number="Q-1",
        subject=subject,
        plan_digest=plan_erasure(subject, now=now, archive=False).digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )


@pytest.mark.clause("Q13.8", "Q13.3", "Q16.2")
def test_the_copy_of_a_subscriber_has_her_consent_and_its_evidence_and_nobody_elses(client: Client) -> None:
    subscribed(client, OTHER)
    copy = copy_about(subscribed(client), now=timezone.now())
    (consent,) = rows_of(copy, "consent.ConsentEvent")
    assert (consent["state"], consent["subject_token"]) == ("dota", email_token(LIGA))
    (evidence,) = rows_of(copy, "consent.SubscriptionEvidence")
    assert evidence["ip"] == "127.0.0.1"


@pytest.mark.clause("Q13.8", "Q18.1", "Q10.3")
def test_with_her_erasure_the_consent_ends_on_record_and_its_proof_in_time(client: Client) -> None:
    other, liga = subscribed(client, OTHER), subscribed(client)
    now = timezone.now()
    kept = {line.table for line in plan_erasure(liga, now=now, archive=False).lines if line.action is Erasure.KEEP}
    assert {"consent.ConsentEvent", "consent.SubscriptionEvidence"} <= kept
    erase(liga, now=now)
    assert not wanted()
    assert wanted(OTHER)
    assert list(Subscription.objects.values_list("email_token", flat=True)) == [email_token(OTHER)]
    status = current_status_of_token(email_token(LIGA), "MARKETING_EMAIL", now=now)
    assert (status.state, status.event and status.event.method) == ("withdrawn", Method.ERASURE)
    evidence = SubscriptionEvidence.objects.get(subject_token=email_token(LIGA))
    assert status.event
    assert evidence.ends_at == period("CONSENT_PROOF").ends_at(status.event.at)
    assert end_with_erasure(other, now=now) == 1


def test_who_comes_back_after_the_erasure_has_a_proof_that_stays(client: Client) -> None:
    erase(subscribed(client), now=timezone.now())
    assert client.post(link_in(subscribe_again(client))).status_code == 200
    assert not ProofTerm.objects.exists(), "it would end her new proof with the old one"
    assert wanted()
    states = ConsentEvent.objects.filter(subject_token=email_token(LIGA)).order_by("id").values_list("state", flat=True)
    assert list(states) == ["given", "withdrawn", "given"]


def subscribe_again(client: Client) -> str:
    subscribe(client)
    return letter_to(LIGA)


def test_an_erasure_ends_no_consent_twice(client: Client) -> None:
    subject, now = subscribed(client), timezone.now()
    for _time in range(2):
        end_with_erasure(subject, now=now)
    assert ConsentEvent.objects.filter(state="withdrawn").count() == 1
    give_by_address(
        LIGA, "MARKETING_EMAIL", language="lv", method=Method.NEWSLETTER_FORM, place="/newsletter/", now=timezone.now()
    )
    assert wanted()
