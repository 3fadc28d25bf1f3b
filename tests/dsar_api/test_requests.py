"""A person's own requests through the interface: the same rules as on the pages, and nothing done twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from datamap.terms import Right
from dsar.casework import Step, ask_person
from dsar.deadlines import Channel, PauseKind
from dsar.models import Intake, Package, SubjectRequest
from dsar.services import file_request
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from tests.dsar.conftest import NOW
from tests.dsar_api.conftest import REQUESTS, send
from tests.people import log_in

pytestmark = pytest.mark.django_db

OBJECTION = {"rights": ["objection"], "text": "My reasons are my own.", "language": "ru"}


@pytest.mark.clause("Q19.4")
def test_one_message_with_two_rights_opens_two_linked_requests_with_one_receipt(anna: Client, person: User) -> None:
    answer = send(anna, {"rights": ["erasure", "access"], "text": "Both, please."})
    assert answer.status_code == 201
    numbers = [item["number"] for item in answer.json()["requests"]]
    assert [item["right"] for item in answer.json()["requests"]] == ["access", "erasure"]
    first = anna.get(f"{REQUESTS}{numbers[0]}/").json()
    assert first["linked"] == numbers[1:]
    assert Package.objects.filter(request__number=numbers[0]).exists()
    assert Intake.objects.get().channel == Channel.API
    assert OutgoingMessage.objects.filter(to_address=person.email, template="notice").count() == 1


@pytest.mark.clause("Q4.2")
def test_a_request_says_its_dates_with_the_arithmetic_and_what_happens_next(anna: Client) -> None:
    filed = send(anna, OBJECTION).json()
    found = anna.get(filed["requests"][0]["url"]).json()
    assert found["dates"]["due"] == found["due"]
    assert len(found["dates"]["arithmetic"]) > 1
    assert found["dates"]["clock"] == "RUNNING"
    assert (found["stage"], found["outcome"], found["right"]) == ("open", "", "objection")
    assert found["next"]
    assert [item["action"] for item in found["events"]][:2] == ["received", "identified_by_login"]
    assert found["standards"] == {"opendsr": "in_progress", "drp": "in_progress", "drp_reason": ""}
    assert SubjectRequest.objects.get().language == "ru"
    (brief,) = anna.get(REQUESTS).json()["results"]
    assert {name: brief[name] for name in ("number", "stage", "due")} == {
        name: found[name] for name in ("number", "stage", "due")
    }


def test_somebody_elses_request_does_not_exist(anna: Client, other_person: User) -> None:
    theirs = file_request(user=other_person, right=Right.OBJECTION, channel=Channel.PORTAL_AUTH, now=NOW)
    for path, method in (("", anna.get), ("withdraw/", anna.post), ("messages/", anna.get)):
        answer = method(f"{REQUESTS}{theirs.number}/{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert anna.get(REQUESTS).json()["count"] == 0


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("right", ["access", "erasure"])
def test_a_copy_and_an_erasure_need_the_password_entered_lately(person: User, right: str) -> None:
    stale = Client()
    log_in(stale, person)
    answer = send(stale, {"rights": [right]})
    assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/docs/#problem-step-up")
    assert not SubjectRequest.objects.exists()
    assert send(stale, OBJECTION).status_code == 201


@pytest.mark.requirement("H4")
def test_a_session_without_its_token_changes_nothing(anna: Client, person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    answer = send(strict, OBJECTION)
    assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/docs/#problem-foreign")
    assert not SubjectRequest.objects.exists()
    token = strict.get("/api/v1/session/").json()["csrf_token"]
    assert send(strict, OBJECTION, **{"x-csrftoken": token}).status_code == 201


@pytest.mark.clause("Q19.4")
def test_the_same_key_with_the_same_body_files_once_and_with_another_is_refused(anna: Client) -> None:
    key = {"idempotency-key": "2f1c-once"}
    first = send(anna, OBJECTION, **key)
    again = send(anna, dict(reversed(OBJECTION.items())), **key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = send(anna, {**OBJECTION, "text": "Another one."}, **key)
    assert (other.status_code, other.json()["type"]) == (422, "/api/v1/docs/#problem-key-used")
    assert SubjectRequest.objects.count() == 1
    assert send(anna, OBJECTION).status_code == 409, "these words run already"
    assert send(anna, {**OBJECTION, "text": "Another one."}).status_code == 201
    assert SubjectRequest.objects.count() == 2


def test_what_runs_already_is_named_and_not_filed_again_also_the_second_time(anna: Client) -> None:
    send(anna, {"rights": ["access"]})
    running = SubjectRequest.objects.get().number
    alone = send(anna, {"rights": ["access"]})
    assert (alone.status_code, alone.json()["number"]) == (409, running)
    answers = [send(anna, {"rights": ["access", "objection"]}, **{"idempotency-key": "two"}).json() for _ in range(2)]
    assert answers[0]["under_way"] == [running]
    assert answers[0] == answers[1]
    assert SubjectRequest.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("Q19.4")
def test_the_same_key_many_times_at_once_opens_one_request(anna: Client) -> None:
    def post(_turn: int) -> Any:
        try:
            client = Client(headers={"accept-language": "en"})
            client.cookies = anna.cookies
            return send(client, OBJECTION, **{"idempotency-key": "storm"}).json()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert SubjectRequest.objects.count() == 1
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.requirement("P3")
def test_a_withdrawal_twice_is_once_and_later_is_a_conflict(anna: Client) -> None:
    url = send(anna, OBJECTION).json()["requests"][0]["url"]
    for _turn in range(2):
        answer = anna.post(f"{url}withdraw/")
        assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn")
        assert answer.json()["standards"]["drp"] == "revoked"
    refused = send(anna, {"text": "Wait"}, to=f"{url}messages/")
    assert (refused.status_code, refused.json()["new_request"]) == (409, "/api/v1/requests/")
    assert "general" in refused.json()["detail"], "nobody is told what to do instead"


@pytest.mark.clause("Q4.2")
def test_messages_go_both_ways_and_an_answer_lets_the_time_run_again(anna: Client, officer: User) -> None:
    url = send(anna, OBJECTION).json()["requests"][0]["url"]
    case = SubjectRequest.objects.get()
    step = Step(by=officer, reason="unclear", now=case.received_at)
    ask_person(case.pk, PauseKind.CLARIFICATION, "Which data do you mean?", step=step)
    assert anna.get(url).json()["dates"]["clock"] == "PAUSED"
    answer = send(anna, {"text": "All <b>of</b> it."}, to=f"{url}messages/")
    assert (answer.status_code, answer.json()["direction"]) == (201, "from_person")
    assert "All <b>of</b> it." in [item["text"] for item in anna.get(f"{url}messages/").json()]
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


def test_a_list_costs_the_same_whatever_its_length(anna: Client, person: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            anna.get(REQUESTS)
        return len(found)

    file_request(user=person, right=Right.OBJECTION, channel=Channel.PORTAL_AUTH, now=NOW)
    one = queries()
    for _turn in range(4):
        file_request(user=person, right=Right.OBJECTION, channel=Channel.PORTAL_AUTH, now=NOW)
    assert queries() == one
