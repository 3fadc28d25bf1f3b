"""The IP address of a subscription: sealed under a key of its own, seen by those who trace misuse, gone at its term."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.revealing import MASK, RevealReason
from consent.erasure import start_proof_terms
from consent.models import SubscriptionEvidence
from consent.services import give, note_subscription
from datamap.registry import registry
from datamap.trace import Subject
from retention.sweeps import sweep
from tests.consents import HOW
from tests.people import log_in
from vault.keys import KeyDestroyed, destroy_key, has_key, unseal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IP = "198.51.100.47"

pytestmark = [pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q13.4")]


@pytest.fixture
def evidence(person: User) -> SubscriptionEvidence:
    return note_subscription(give(person.pk, "MARKETING_EMAIL", **HOW, now=NOW), ip=IP)


def page_for(client: Client, officer: User, evidence: SubscriptionEvidence, *permissions: str) -> str:
    officer.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    log_in(client, officer)
    return client.get(reverse("admin:consent_subscriptionevidence_change", args=[evidence.pk])).content.decode()


@pytest.mark.clause("Q15.2")
def test_sql_does_not_show_the_address(evidence: SubscriptionEvidence) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM consent_subscriptionevidence e")
        text = str(cursor.fetchone())
    assert (IP in text, IP.encode().hex() in text) == (False, False)
    assert SubscriptionEvidence.objects.get().ip == IP


@pytest.mark.requirement("G3")
def test_staff_without_the_task_see_a_mask(client: Client, officer: User, evidence: SubscriptionEvidence) -> None:
    page = page_for(client, officer, evidence, "view_subscriptionevidence")
    assert (MASK in page, IP in page) == (True, False)
    assert IP not in client.get(reverse("admin:consent_subscriptionevidence_changelist")).content.decode()
    reveal = reverse("admin:consent_subscriptionevidence_reveal", args=[evidence.pk])
    assert client.post(reveal, {"reason": RevealReason.WORK}).status_code == 403


@pytest.mark.requirement("G3")
def test_who_traces_misuse_sees_the_address_for_a_reason(
    client: Client, officer: User, evidence: SubscriptionEvidence
) -> None:
    page = page_for(client, officer, evidence, "view_subscriptionevidence", "trace_misuse")
    assert (MASK in page, IP in page) == (True, False)
    reveal = reverse("admin:consent_subscriptionevidence_reveal", args=[evidence.pk])
    page = client.post(reveal, {"reason": RevealReason.WORK}).content.decode()
    assert (MASK in page, IP in page) == (False, True)


@pytest.mark.clause("Q15.2")
def test_it_outlives_the_key_of_the_account_and_its_own_key_ends_with_the_term(
    person: User, evidence: SubscriptionEvidence
) -> None:
    destroy_key(person.pk, now=NOW)
    start_proof_terms(Subject(user_id=person.pk), now=NOW)
    kept = SubscriptionEvidence.objects.get()
    assert (kept.ip, has_key(kept.pk)) == (IP, True)

    sealed: Any = SubscriptionEvidence.objects.values_list("ip", flat=True).get()
    holding = registry().holding(SubscriptionEvidence)
    assert kept.ends_at is not None
    assert sweep(holding, now=kept.ends_at - timedelta(seconds=1), apply=True).deleted == 0
    assert sweep(holding, now=kept.ends_at, apply=True).deleted == 1
    assert not has_key(kept.pk)
    with pytest.raises(KeyDestroyed):
        unseal(kept.pk, sealed, context="consent_subscriptionevidence|ip")


@pytest.mark.requirement("G6")
def test_staff_read_a_consent_in_words_without_salt_hash_or_token(
    client: Client, officer: User, evidence: SubscriptionEvidence
) -> None:
    officer.user_permissions.set(Permission.objects.filter(codename="view_consentevent"))
    log_in(client, officer)
    event = evidence.event
    page = client.get(reverse("admin:consent_consentevent_change", args=[event.pk])).content.decode()
    assert str(event.get_purpose_display()) in page
    hidden = [event.purpose, event.subject_token, event.text_sha256, bytes(event.salt or b"").hex()]
    assert all(hidden)
    assert [value for value in hidden if value in page] == []
