"""Every operation is described with examples of what is sent and answered, and the running interface agrees."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.models import User
from datamap.terms import Right
from dsar.api.reading import LARGEST_BODY
from dsar.deadlines import Channel
from dsar.models import SubjectRequest
from dsar.services import file_request
from retention.attempts import PER_NETWORK
from tests.dsar.conftest import NOW
from tests.dsar_api.conftest import REQUESTS, send
from tests.people import log_in

pytestmark = pytest.mark.django_db

JSON, PROBLEM = "application/json", "application/problem+json"
OPENDSR = "/api/v1/opendsr/requests"
Description = dict[str, Any]


@pytest.fixture
def described(visitor: Client) -> Description:
    found: Description = visitor.get("/api/v1/schema/").json()
    return found


def operations(described: Description) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def contents(described: Description) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of the description, by where it stands."""
    for path, method, operation in operations(described):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path} {media}", content
        for status, answer in operation["responses"].items():
            for media, content in answer.get("content", {}).items():
                yield f"{method} {path} {status} {media}", content


def against(described: Description, shape: dict[str, Any], value: Any) -> list[str]:
    """What of a value does not fit its shape."""
    whole = {**shape, "components": described["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def test_every_body_that_is_described_has_an_example_that_fits_its_own_shape(described: Description) -> None:
    found = dict(contents(described))
    assert len(found) > 40
    assert [place for place, content in found.items() if not content.get("examples")] == []
    wrong = {
        f"{place}: {name}": trouble
        for place, content in found.items()
        for name, example in content["examples"].items()
        if (trouble := against(described, content["schema"], example["value"]))
    }
    assert wrong == {}


def test_a_value_that_does_not_fit_is_seen(described: Description) -> None:
    shape = {"$ref": "#/components/schemas/FiledAnswer"}
    assert against(described, shape, {"received_at": "2026-11-22T12:00:00Z", "requests": []})


def test_limits_and_the_time_to_come_back_are_described_as_headers(described: Description) -> None:
    for path in (REQUESTS, OPENDSR):
        answers = described["paths"][path]["post"]["responses"]
        assert set(answers["201"]["headers"]) == {"RateLimit-Policy", "RateLimit"}
        assert set(answers["429"]["headers"]) == {"RateLimit-Policy", "RateLimit", "Retry-After"}


@pytest.fixture
def answers(anna: Client, visitor: Client, person: User, described: Description) -> list[tuple[str, Any]]:
    """What the running interface says to the examples, and to what is wrong with them; by operation and status."""
    filing = examples_of(described, "post", REQUESTS)
    found: list[tuple[str, Any]] = []

    def told(place: str, answer: Any) -> Any:
        found.append((f"{place} {answer.status_code}", answer))
        return answer.json()

    own = told(f"post {REQUESTS}", send(anna, filing["with a log in"]))["requests"][0]["url"]
    told(f"post {REQUESTS}", send(visitor, filing["without a log in"]))
    told("get /api/v1/session/", anna.get("/api/v1/session/"))
    told("get /api/v1/session/", visitor.get("/api/v1/session/"))
    told(f"get {REQUESTS}", anna.get(REQUESTS))
    told(f"get {REQUESTS}", anna.get(f"{REQUESTS}?page=9"))
    told(f"get {REQUESTS}", visitor.get(REQUESTS))
    one, messages = f"{REQUESTS}{{number}}/", f"{REQUESTS}{{number}}/messages/"
    body = examples_of(described, "post", messages)["message"]
    told(f"post {messages}", send(anna, body, to=f"{own}messages/"))
    told(f"get {messages}", anna.get(f"{own}messages/"))
    told(f"get {one}", anna.get(own))
    told(f"get {one}", anna.get(f"{REQUESTS}QP-0/"))
    told(f"post {one}withdraw/", anna.post(f"{own}withdraw/"))
    told(f"post {messages}", send(anna, body, to=f"{own}messages/"))
    dsr = examples_of(described, "post", OPENDSR)["access"]
    told(f"post {OPENDSR}", send(visitor, dsr, to=OPENDSR))
    told(f"post {OPENDSR}", send(visitor, dsr | {"subject_request_type": "erasure"}, to=OPENDSR))
    named = f"{OPENDSR}/{dsr['subject_request_id']}"
    told(f"get {OPENDSR}/{{request_id}}", visitor.get(named))
    told(f"delete {OPENDSR}/{{request_id}}", visitor.delete(named))
    told("get /api/v1/opendsr/discovery", visitor.get("/api/v1/opendsr/discovery"))
    told(f"post {REQUESTS}", send(anna, {"rights": ["nothing"]}))
    told(f"post {REQUESTS}", visitor.post(REQUESTS, "{", content_type=JSON))
    told(f"post {REQUESTS}", visitor.post(REQUESTS, {"rights": "access"}))
    told(f"post {REQUESTS}", visitor.post(REQUESTS, "x" * (LARGEST_BODY + 1), content_type=JSON))
    key = {"idempotency-key": "7d0c"}
    send(anna, filing["with a log in"], **key)
    told(f"post {REQUESTS}", send(anna, filing["with a log in"] | {"text": "Other words."}, **key))
    file_request(user=person, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=NOW)
    told(f"post {REQUESTS}", send(anna, {"rights": ["access"]}))
    stale = Client()
    log_in(stale, person)
    told(f"post {REQUESTS}", send(stale, {"rights": ["access"]}))
    for _turn in range(PER_NETWORK.attempts):
        last = send(visitor, filing["without a log in"])
    told(f"post {REQUESTS}", last)
    return found


def examples_of(described: Description, method: str, path: str) -> dict[str, Any]:
    content = described["paths"][path][method]["requestBody"]["content"][JSON]
    return {re.sub(r"\W+", " ", name).lower(): item["value"] for name, item in content["examples"].items()} | {
        item.get("summary", name): item["value"] for name, item in content["examples"].items()
    }


def test_the_running_interface_answers_as_its_examples_say(
    answers: list[tuple[str, Any]], described: Description
) -> None:
    known = dict(contents(described))
    seen = set()
    for place, answer in answers:
        media = answer.headers["Content-Type"]
        content, body = known[f"{place} {media}"], answer.json()
        assert against(described, content["schema"], body) == [], place
        values = [item["value"] for item in content["examples"].values()]
        if media == PROBLEM:
            values = [value for value in values if value["type"] == body["type"]]
            optional = {"errors", "number", "new_request", "step_up_page"}
            assert [set(body) - optional] == [set(value) - optional for value in values], (place, body)
        elif isinstance(body, list):
            assert {frozenset(item) for item in body} == {frozenset(item) for item in values[0]}
        else:
            assert [set(body)] == [set(value) for value in values], place
        seen.add(f"{place} {media}")
    bodies = {place for place in known if place.rpartition(" ")[0][-3:].isdigit()}
    assert {place for place in bodies if place.endswith(JSON) and " 2" in place} <= seen
    assert {answer.status_code for _place, answer in answers} >= {
        *(200, 201, 202, 400, 401, 403, 404, 409, 413, 415, 422, 429)
    }
    assert SubjectRequest.objects.count() > 2


def test_the_page_shows_every_example_without_a_script(visitor: Client, described: Description) -> None:
    page = visitor.get("/api/v1/docs/").content.decode()
    count = sum(len(content["examples"]) for _place, content in contents(described))
    assert page.count("<pre") == count
    assert "Retry-After" in page
    assert "RateLimit" in page
    for foreign in ("<script", "https://cdn", "unpkg"):
        assert foreign not in page
