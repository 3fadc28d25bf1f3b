"""A receipt of a consent says everything, is signed, and proves itself when the account is gone (ISO/IEC TS 27560)."""

import copy
import json
import re
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from audit.sealing import Signer, seal
from audit.trail import Actor
from consent.models import ConsentEvent, TextVersion
from consent.receipts import RIGHT_TERMS, STATE_TERMS, TYPE, NothingOnRecord, receipt, seal_of
from consent.services import give, withdraw
from consent.terms import COOKIE_PURPOSES, ConsentPurpose, ConsentState
from datamap.trace import subject_of_user
from retention.erasure import execute_erasure, plan_erasure
from retention.sealing import first_forged
from tests.consents import HOW
from tests.dsar.test_dpv import VOCABULARIES, is_known, words
from vault.signing import is_ours, key_id, public_key_of, sign
from vault.tokens import subject_token

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def document(person: User) -> dict[str, Any]:
    now = timezone.now()
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=now + timedelta(seconds=1))
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now + timedelta(seconds=2))
    return receipt(subject_token(person.pk), "MARKETING_EMAIL", now=now + timedelta(seconds=3))


def record_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["dpv:hasRecordOfActivity"]
    return found


def check(client: Client, document: dict[str, Any]) -> str:
    answer = client.post(reverse("privacy:verify") + "?lang=en", {"text": json.dumps(document)})
    return str(answer.content.decode())


def test_a_receipt_has_every_field_that_the_standard_demands(document: dict[str, Any], person: User) -> None:
    record = record_of(document)
    process = record["dpv:hasProcess"]
    assert document["dct:conformsTo"].endswith("dpv-27560#receipt-eu-gdpr")
    assert record["dct:conformsTo"].endswith("dpv-27560#record-eu-gdpr")
    assert document["dct:identifier"] != record["dct:identifier"]
    assert record["dpv:hasDataSubject"]["dct:identifier"] == subject_token(person.pk)
    assert record["dpv:hasDataController"]["dpv:hasName"] == "SIA Qlekta"
    assert record["dpv:hasDataController"]["dpv:hasContact"][0] == "privacy@qlekta.example"
    assert record["dpv:hasJurisdiction"] == {"@id": "loc:LV"}
    assert record["dpv:hasAuthority"]["dpv:hasContact"] == "https://www.dvi.gov.lv"
    assert process["dpv:hasPurpose"]["dct:identifier"] == "MARKETING_EMAIL"
    assert process["dpv:hasLegalBasis"] == {"@id": "eu-gdpr:A6-1-a"}
    assert "pd:EmailAddress" in [item["@type"][1] for item in process["dpv:hasPersonalData"]]
    assert [item["dpv:hasName"] for item in process["dpv:hasRecipient"]] == ["Mailgun Technologies, Inc."]
    kinds = [item["@type"] for item in process["dpv:hasStorageCondition"]]
    assert {"dpv:StorageLocation", "dpv:StorageDuration"} == set(kinds)
    assert record["dpv:hasConsentControl"]["dpv:isExercisedAt"]["@id"].endswith("/privacy/consents/")
    assert {term for right in record["dpv:hasRight"] for term in right["@type"]} >= {"eu-gdpr:A7-3", "eu-gdpr:A77"}


def test_a_receipt_shows_the_words_and_all_that_happened_in_its_order(document: dict[str, Any]) -> None:
    record = record_of(document)
    text = TextVersion.objects.get(code="MARKETING_EMAIL", version="2026-11", language="lv")
    words_shown = record["dpv:hasNotice"][0]
    assert words_shown["sha256"] == words_shown["sha256_of_the_latvian_text"] == text.sha256
    assert words_shown["dct:hasVersion"] == "2026-11"
    assert "SIA Qlekta" in words_shown["dct:description"]
    events = record["dpv:hasConsentStatus"]
    assert [event["@type"] for event in events] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn", "dpv:ConsentGiven"]
    assert events[0]["dpv:hasIndicationMethod"]["dct:identifier"] == "consents_page"
    assert events[0]["dct:source"] == "/privacy/consents/"
    assert record["state"]["permits"] is True


def test_a_receipt_uses_published_terms_of_dpv_only(document: dict[str, Any]) -> None:
    used = {word for word in words(document) if re.fullmatch(rf"({'|'.join(VOCABULARIES)}):[\w-]+", word)}
    assert {"dpv:ConsentReceipt", "dpv:hasConsentStatus", "loc:LV"} <= used
    terms = used | set(STATE_TERMS.values()) | set(RIGHT_TERMS.values())
    assert [term for term in terms if not is_known(term)] == []
    assert set(STATE_TERMS) == set(ConsentState)


def test_a_receipt_is_valid_and_read_out_after_the_account_is_gone(
    document: dict[str, Any], person: User, client: Client
) -> None:
    subject = subject_of_user(person)
    execute_erasure(
        case_number="D-2026-0001",
        subject=subject,
        plan_digest=plan_erasure(subject, now=timezone.now(), archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=timezone.now(),
    )
    assert not User.objects.exists()
    page = check(client, document)
    assert "Valid: we signed exactly this receipt." in page
    assert "2026-11" in page
    assert subject_token(person.pk) in page


def test_a_receipt_outlives_the_account_and_the_key_that_signed_it(
    document: dict[str, Any], person: User, client: Client, settings: Any
) -> None:
    seal(ConsentEvent, signer=Signer(key_id(), sign), now=timezone.now())
    sealed = receipt(subject_token(person.pk), "MARKETING_EMAIL", now=timezone.now())
    User.objects.filter(pk=person.pk).delete()
    retired = (public_key_of(settings.SIGNING_KEY), None, timezone.now().astimezone(UTC).date())
    settings.SIGNING_KEY = b"another seed of thirty-two bytes"
    assert "Not valid" in check(client, sealed)
    settings.RETIRED_SIGNING_KEYS = [retired]
    page = check(client, sealed)
    assert "Valid: we signed exactly this receipt." in page
    assert page.count("in our record under seal 1") == 3
    assert {sealed["key_id"], key_id()} <= set(re.findall(r"Key ([0-9a-f]{32})", page)), "both keys are published"
    seal(ConsentEvent, signer=Signer(key_id(), sign), now=timezone.now())
    assert first_forged() is None, "the seals of the old key still hold"


def test_a_changed_receipt_and_a_foreign_text_with_our_signature_are_not_valid(
    document: dict[str, Any], client: Client
) -> None:
    assert is_ours(document)
    changed = copy.deepcopy(document)
    record_of(changed)["dpv:hasConsentStatus"].pop()
    other = {"type": TYPE, "signature": document["signature"]}
    for forged in (changed, other, {**document, "signature": 1}):
        assert "Not valid" in check(client, forged)


def test_a_receipt_proves_that_its_events_stand_under_a_signed_seal(
    document: dict[str, Any], person: User, client: Client
) -> None:
    assert "proof" not in record_of(document)["dpv:hasConsentStatus"][0], "they wait for their seal"
    seal(ConsentEvent, signer=Signer(key_id(), sign), now=timezone.now())
    sealed = receipt(subject_token(person.pk), "MARKETING_EMAIL", now=timezone.now())
    proofs = [event["proof"] for event in record_of(sealed)["dpv:hasConsentStatus"]]
    assert [seal_of(proof) for proof in proofs] == [1, 1, 1]
    assert check(client, sealed).count("in our record under seal 1") == 3
    forged = copy.deepcopy(proofs[0])
    forged["content"]["state"] = "withdrawn"
    assert seal_of(forged) is None


def test_somebody_without_events_gets_no_receipt(person: User, other_person: User, document: dict[str, Any]) -> None:
    for whose in (subject_token(other_person.pk), ""):
        with pytest.raises(NothingOnRecord):
            receipt(whose, "MARKETING_EMAIL", now=timezone.now())
    with pytest.raises(NothingOnRecord):
        receipt(subject_token(person.pk), "LOYALTY", now=timezone.now())


def test_the_page_offers_the_files_to_their_person_alone(
    document: dict[str, Any], client: Client, person: User, other_person: User
) -> None:
    address = reverse("consent:receipt", args=["MARKETING_EMAIL"])
    assert client.get(address).status_code == 302
    client.force_login(other_person)
    assert client.get(address).status_code == 404
    assert address not in client.get("/privacy/consents/").content.decode()
    client.force_login(person)
    assert address in client.get("/privacy/consents/").content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "application/ld+json"
    assert 'filename="consent-marketing-email.jsonld"' in answer["Content-Disposition"]
    assert is_ours(json.loads(answer.content))
    assert client.get(reverse("consent:receipt", args=["WORLD_DOMINATION"])).status_code == 404
    for scope in ("\0", "listing:x:phone", "\u202e"):
        assert client.get(address, {"scope": scope}).status_code in {400, 404}


def test_the_export_for_older_programs_says_the_same(document: dict[str, Any], client: Client, person: User) -> None:
    client.force_login(person)
    address = reverse("consent:receipt-kantara", args=["MARKETING_EMAIL"]) + "?lang=en"
    found = client.get(address).json()
    assert found["version"] == "KI-CR-v1.1.0"
    assert found["piiPrincipalId"] == subject_token(person.pk)
    assert isinstance(found["consentTimestamp"], int)
    purpose = found["services"][0]["purposes"][0]
    assert purpose["purposeCategory"] == ["MARKETING_EMAIL"]
    assert purpose["thirdPartyName"] == "Mailgun Technologies, Inc."
    assert "button" in purpose["termination"]
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now() + timedelta(minutes=1))
    ended = client.get(address).json()["services"][0]["purposes"][0]
    assert ended["termination"].startswith("Ended: withdrawn")


@pytest.mark.parametrize("purpose", ConsentPurpose.values)
@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_every_consent_has_a_receipt_in_every_language(person: User, purpose: str, language: str) -> None:
    pieces = {"CONTACT_PUBLISH": f"listing:{uuid4()}:phone", "SURVEY": f"survey:{uuid4()}"}
    scope = pieces.get(purpose, "language" if purpose in COOKIE_PURPOSES else "")
    how = HOW | {"language": language, "scope": scope}
    give(person.pk, purpose, **how, now=timezone.now())
    with translation.override(language):
        found = record_of(receipt(subject_token(person.pk), purpose, now=timezone.now(), scope=scope))
    assert found.get("dpv:hasScope", "") == scope
    assert found["dpv:hasNotice"][0]["dct:language"] == language
    assert found["dpv:hasProcess"]["dpv:hasPersonalData"]
