"""The receipt says what the plan said, is signed, and leads to nobody (Art. 5(2))."""

import copy
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit.ledger import verify
from datamap.catalogue import catalogue, length_of, period
from datamap.trace import Subject
from mailing.models import OutgoingMessage, State
from retention import receipts
from retention.models import ErasureReceipt
from retention.plan import plan_erasure
from tests.retention.conftest import NOW

Erase = Callable[..., ErasureReceipt]


@pytest.fixture
def receipt(anna: Subject, erase: Erase) -> ErasureReceipt:
    return erase(anna)


def check(client: Client, **data: object) -> str:
    response = client.post(reverse("privacy:verify") + "?lang=en", data)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.clause("Q10.3", "Q17.1")
def test_the_receipt_repeats_the_plan_line_by_line(anna: Subject, erase: Erase) -> None:
    plan = plan_erasure(anna, now=NOW, archive=True)
    document = erase(anna).document
    assert [(line["table"], line["action"], line["count"]) for line in document["lines"]] == [
        (line.table, line.action.value, line.count) for line in (*plan.lines, *plan.created)
    ]
    kept = [line for line in document["lines"] if line["action"] == "keep"]
    assert kept
    assert all(line["reason"] and line["act"] for line in kept)


def test_the_receipt_names_controller_authority_recipients_and_limits(receipt: ErasureReceipt) -> None:
    document = receipts.receipt_document(receipt)
    assert document["controller"]["name"] == "SIA Qlekta"
    assert document["authority"]["url"] == "https://www.dvi.gov.lv"
    whoever_may_have_got_some = [item.name for item in catalogue().recipients.values() if item.handler]
    assert [item["name"] for item in document["recipients"]] == whoever_may_have_got_some
    assert any("35" in sentence for sentence in document["out_of_scope"])
    assert any(str(period("TRACES").label) in sentence for sentence in document["out_of_scope"])


@pytest.mark.clause("Q9.6")
def test_the_receipt_says_until_when_a_recipient_keeps_something(anna: Subject, erase: Erase, client: Client) -> None:
    OutgoingMessage.objects.create(
        to_address=next(iter(anna.emails)),
        purpose="SERVICE",
        language="lv",
        subject="x",
        state=State.SENT,
        created_at=NOW,
        handed_over_at=NOW,
        handed_to="MAILGUN",
    )
    receipt = erase(anna)
    (mailgun,) = [item for item in receipt.document["recipients"] if item["name"].startswith("Mailgun")]
    last = (NOW + length_of("MAILGUN_LOG")).date()
    assert (mailgun["outcome"], mailgun["until"]) == ("kept", last.isoformat())
    page = client.get(reverse("privacy:receipt", args=[receipts.secret_of(receipt)]), {"lang": "en"})
    assert f"kept until {last.day} {last:%B %Y}" in page.content.decode()


@pytest.mark.requirement("X2")
def test_the_receipt_holds_nothing_of_the_person(anna: Subject, receipt: ErasureReceipt) -> None:
    text = json.dumps(receipt.document, ensure_ascii=False).lower()
    assert [word for word in ("anna", "bērziņa", str(anna.user_id), "192.0.2.1") if word in text] == []


def test_the_receipt_speaks_the_language_of_the_person(anna: Subject, janis: Subject, erase: Erase) -> None:
    with translation.override("en"):
        assert erase(anna).document["state_label"].startswith("Done.")


def test_the_secret_finds_the_receipt_and_is_stored_nowhere(receipt: ErasureReceipt) -> None:
    secret = receipts.secret_of(receipt)
    assert receipts.receipt_by_secret(secret) == receipt
    assert receipts.receipt_by_secret(receipt.secret_digest) is None
    assert secret not in json.dumps(list(ErasureReceipt.objects.values("secret_digest", "document")))


def test_the_receipts_are_a_whole_chain(receipt: ErasureReceipt) -> None:
    assert verify(ErasureReceipt).is_whole


def test_a_changed_receipt_is_not_valid(receipt: ErasureReceipt) -> None:
    document = receipts.receipt_document(receipt)
    assert receipts.verify_document(document)
    changed = copy.deepcopy(document)
    changed["lines"][0]["count"] += 1
    assert not receipts.verify_document(changed)
    assert not receipts.verify_document(document | {"extra": 1})
    assert not receipts.verify_document({**document, "signature": "AAAA"})
    assert not receipts.verify_document({})


def test_anybody_can_check_a_receipt_on_the_page(client: Client, receipt: ErasureReceipt) -> None:
    text = json.dumps(receipt.document)
    assert "Valid: we signed exactly this receipt." in check(client, text=text)
    assert "Valid: we signed" in check(client, file=SimpleUploadedFile("receipt.json", text.encode()))
    assert "Not valid" in check(client, text=text.replace("Q-1", "Q-2"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Please paste the receipt"),
        ("{", "cannot be read as JSON"),
        ("[1]", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"type": NaN}', "cannot be read as JSON"),
        ('{"count": 99999, "count": 3}', "cannot be read as JSON"),
        ('{"type": "qlekta-erasure-receipt/1", "signature": "ā"}', "Not valid"),
        ('{"type": "qlekta-erasure-receipt/1", "signature": "AAAA", "n": 1e400}', "Not valid"),
        ('{"signature": {"a": 1}}', "Not valid"),
        ("x" * 200_001, "far longer than a receipt"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(client: Client, text: str, sentence: str) -> None:
    assert sentence in check(client, text=text)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\x00", b"x" * 200_001])
def test_a_file_that_is_no_receipt_is_answered_with_a_sentence(client: Client, content: bytes) -> None:
    page = check(client, file=SimpleUploadedFile("receipt.json", content))
    assert "cannot be read as JSON" in page or "far larger than a receipt" in page


@pytest.mark.django_db
def test_the_page_shows_the_public_key(client: Client) -> None:
    page = client.get(reverse("privacy:verify")).content.decode()
    assert "-----BEGIN PUBLIC KEY-----" in page
