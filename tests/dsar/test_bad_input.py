"""Whatever is typed into the forms of a request gets a sentence, and comes out inert (issue 4, bad input)."""

import pytest
from django.test import Client
from django.urls import reverse

from dsar.models import CaseMessage, SubjectRequest
from tests.dsar.test_case_page import at, shown
from tests.dsar.test_public_form import FORM, filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

ODD = [
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "\u2066\u2067\u2069",
    "\x00",
    "\x1b[31m",
    '=HYPERLINK("http://evil.example")',
    "'; DROP TABLE dsar_subjectrequest; --",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "%s%(x)s%n",
    "../../etc/passwd",
    "\ufeff\u200b\u00ad",
    "Z\u0351\u036b" * 50,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\r\nBcc: a@example.lv",
    "a" * 10_000,
    "\ufffd",
    "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
]


@pytest.mark.requirement("P3")
def test_odd_texts_in_every_field_get_an_answer_and_come_out_inert(client: Client) -> None:
    for number, odd in enumerate(ODD):
        for field in ("text", "name", "email", "numbers", "once", "language", "capacity", "right"):
            words = filled("objection", email=f"a{number}@example.lv") | {
                "acts_for": "on",
                "name": "A",
                "capacity": "other",
            }
            network = f"203.{number}.{len(field)}.1"
            answer = client.post(FORM, words | {field: odd}, REMOTE_ADDR=network)
            assert answer.status_code in {200, 302, 400}, (field, odd[:20])
            assert "<script>alert" not in answer.content.decode()


def test_odd_messages_and_codes_get_an_answer(client: Client) -> None:
    (case, *_others) = shown()
    for number, odd in enumerate(ODD):
        for name, field in (("case-message", "text"), ("case-identity", "code"), ("case-code", "purpose")):
            assert client.post(at(case, name), {field: odd}, REMOTE_ADDR=f"203.0.{number}.1").status_code < 500, (
                name,
                odd[:20],
            )
    page = client.get(at(case)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert 'dir="auto"' in page
    assert CaseMessage.objects.exists()


def test_ten_thousand_letters_are_taken_and_one_more_is_refused(client: Client) -> None:
    assert client.post(FORM, filled("objection", text="x" * 10_000)).status_code == 302
    assert client.post(FORM, filled("objection", text="x" * 10_001)).status_code == 400
    assert SubjectRequest.objects.count() == 1


def test_odd_keys_and_numbers_lead_nowhere(client: Client) -> None:
    for odd in ("..%2f", "%00", "%F0%9F%92%A9", "x" * 5000, "%ff"):
        assert client.get(f"/privacy/cases/{odd}/").status_code in {400, 404}
        assert client.get(f"/privacy/stop/{odd}/").status_code in {400, 404}
    assert client.get(reverse("privacy:request-stop", args=["0" * 43])).status_code == 404
