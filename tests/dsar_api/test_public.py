"""Without a log-in: one answer to everybody, limits that drop no right, and standards that identify nobody."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dsar.challenges import answer_challenge
from dsar.codes import identify
from dsar.deadlines import Channel
from dsar.models import Intake, Package, SubjectRequest
from dsar.terms import ChallengePurpose, Stage
from mailing.models import OutgoingMessage
from retention.attempts import PER_NETWORK
from tests.dsar.test_identity import mailed_code
from tests.dsar_api.conftest import REQUESTS, send

pytestmark = pytest.mark.django_db

OPENDSR = "/api/v1/opendsr/requests"
ADDRESS = "liga@example.lv"


def asking(email: str = ADDRESS, **more: Any) -> dict[str, Any]:
    return {"rights": ["access"], "email": email, **more}


def opendsr(address: str = ADDRESS, **more: Any) -> dict[str, Any]:
    return {
        "subject_request_id": str(uuid4()),
        "subject_request_type": "access",
        "submitted_time": "2026-01-02T03:04:05Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": address, "identity_format": "raw"},
        ],
        **more,
    }


@pytest.mark.requirement("I2")
def test_a_known_and_an_unknown_address_get_the_same_answer_and_the_same_rows(visitor: Client, person: User) -> None:
    known, unknown = send(visitor, asking(person.email)), send(visitor, asking("nobody@example.lv"))
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    # What is left is that of the network that asks, whatever it asks about.
    assert (left_of(known)[0], left_of(unknown)[0]) == (PER_NETWORK.attempts - 1, PER_NETWORK.attempts - 2)
    del known.headers["RateLimit"], unknown.headers["RateLimit"]
    assert dict(known.headers) == dict(unknown.headers)
    assert {case.stage for case in SubjectRequest.objects.all()} == {Stage.IDENTITY_PENDING}
    assert OutgoingMessage.objects.filter(template="notice").count() == 2
    assert not Package.objects.exists()
    assert not known.cookies


def test_the_code_of_the_letter_opens_what_the_interface_filed(visitor: Client) -> None:
    send(visitor, asking(language="en"))
    case = SubjectRequest.objects.get()
    assert (case.channel, case.language) == (Channel.API, "en")
    assert identify(case, mailed_code(), ip="203.0.113.9", now=timezone.now())
    assert Package.objects.filter(request=case).exists()


@pytest.mark.requirement("I4")
def test_a_network_that_asks_too_often_is_told_when_to_come_back_and_loses_nothing(visitor: Client) -> None:
    for turn in range(PER_NETWORK.attempts):
        answer = send(visitor, asking(f"p{turn}@example.lv"))
        assert answer.status_code == 202
        assert answer.headers["RateLimit-Policy"] == '"requests";q=30;w=3600'
        assert left_of(answer)[0] == PER_NETWORK.attempts - 1 - turn
    refused = send(visitor, asking("late@example.lv"))
    assert refused.status_code == 429
    attempts, seconds = left_of(refused)
    assert (attempts, refused.headers["Retry-After"]) == (0, str(seconds))
    assert 0 < seconds <= 3600
    assert SubjectRequest.objects.count() == PER_NETWORK.attempts


def test_what_an_account_has_left_is_its_own(anna: Client, visitor: Client) -> None:
    send(visitor, asking())
    assert left_of(send(anna, {"rights": ["general"], "text": "Kas ir dati?"}))[0] == PER_NETWORK.attempts - 1
    assert "RateLimit" not in anna.get(REQUESTS).headers


def left_of(answer: Any) -> tuple[int, int]:
    """The attempts that are left, and the seconds until the count begins anew."""
    found = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert found
    return int(found[1]), int(found[2])


def test_one_address_asking_again_and_again_has_one_request_and_few_letters(visitor: Client) -> None:
    for _turn in range(15):
        assert send(visitor, asking()).status_code == 202
    assert SubjectRequest.objects.count() == 1
    assert OutgoingMessage.objects.filter(to_address=ADDRESS).count() == 10


def test_a_key_is_bound_to_the_address(visitor: Client) -> None:
    key = {"idempotency-key": "1"}
    objection = {"rights": ["objection"], "text": "No"}
    for email in (ADDRESS, ADDRESS, "other@example.lv"):
        assert send(visitor, {**objection, "email": email}, **key).status_code == 202
    assert SubjectRequest.objects.count() == 2
    assert send(visitor, {**objection, "email": ADDRESS, "text": "Yes"}, **key).status_code == 422


@pytest.mark.requirement("H4")
def test_another_site_cannot_file_through_a_visitors_browser(visitor: Client) -> None:
    for to, body in ((REQUESTS, asking()), (OPENDSR, opendsr())):
        answer = send(visitor, body, to=to, **{"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
    assert not SubjectRequest.objects.exists()


@pytest.mark.clause("Q16.10")
def test_an_opendsr_request_stays_unverified_until_the_code_came_back(visitor: Client, person: User) -> None:
    body = opendsr(person.email)
    receipt = send(visitor, body, to=OPENDSR)
    assert receipt.status_code == 201
    assert receipt.json()["subject_request_id"] == body["subject_request_id"]
    case = SubjectRequest.objects.get()
    assert (case.stage, case.user, case.identified_at) == (Stage.IDENTITY_PENDING, None, None)
    status = f"{OPENDSR}/{body['subject_request_id']}"
    assert visitor.get(status).json()["request_status"] == "pending"
    assert identify(case, mailed_code(person.email), ip="203.0.113.9", now=timezone.now())
    assert visitor.get(status).json()["request_status"] == "in_progress"
    assert visitor.delete(status).status_code == 409
    assert SubjectRequest.objects.get().stage == Stage.OPEN


def test_an_opendsr_request_can_be_withdrawn_and_repeated(visitor: Client) -> None:
    body = opendsr()
    first, again = (send(visitor, body, to=OPENDSR) for _turn in range(2))
    assert first.json() == again.json()
    assert send(visitor, {**body, "subject_request_type": "erasure"}, to=OPENDSR).status_code == 422
    status = f"{OPENDSR}/{body['subject_request_id']}"
    for _turn in range(2):
        assert visitor.delete(status).json()["request_status"] == "cancelled"
    assert SubjectRequest.objects.get().stage == Stage.WITHDRAWN
    assert visitor.get(f"{OPENDSR}/{uuid4()}").status_code == 404


@pytest.mark.requirement("I2")
def test_a_strangers_name_for_a_request_shows_nothing_of_one_that_runs_already(visitor: Client) -> None:
    send(visitor, asking())
    case = SubjectRequest.objects.get()
    identify(case, mailed_code(), ip="203.0.113.9", now=timezone.now())
    body = opendsr()
    joined, fresh = send(visitor, body, to=OPENDSR).json(), send(visitor, opendsr("new@example.lv"), to=OPENDSR).json()
    assert set(joined) == set(fresh)
    assert joined["expected_completion_time"] == fresh["expected_completion_time"]
    status = visitor.get(f"{OPENDSR}/{body['subject_request_id']}").json()
    assert (status["request_status"], status["expected_completion_time"]) == ("pending", None)
    assert visitor.delete(f"{OPENDSR}/{body['subject_request_id']}").status_code == 200
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


def test_discovery_names_what_is_taken(visitor: Client) -> None:
    found = visitor.get("/api/v1/opendsr/discovery").json()
    assert found["supported_subject_request_types"] == ["access", "erasure", "portability", "rectification"]
    assert found["supported_identities"] == [{"identity_type": "email", "identity_format": "raw"}]


def test_a_code_of_no_request_is_no_key(visitor: Client) -> None:
    send(visitor, asking())
    case = SubjectRequest.objects.get()
    assert not answer_challenge(case, ChallengePurpose.DOWNLOAD, mailed_code(), now=timezone.now())
    assert Intake.objects.get().dedupe_key is None
