"""Whatever is sent gets a sentence: 400 and its neighbours as RFC 9457, never an error of ours (security H7, H8)."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from datamap.terms import Right
from dsar.models import SubjectRequest
from qlekta.views import server_error
from tests.dsar_api.conftest import REQUESTS, send

pytestmark = pytest.mark.django_db
OPENDSR = "/api/v1/opendsr/requests"

BODIES = {
    "nothing": b" ",
    "half": b'{"rights": ["access"',
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "deep but read": b'{"text": ' + b"[" * 20 + b"]" * 20 + b"}",
    "nan": b'{"rights": NaN}',
    "a long number": b'{"rights": ' + b"9" * 5000 + b"}",
    "a name twice": b'{"rights": ["access"], "rights": ["erasure"]}',
    "null character": b'{"rights": ["general"], "email": "a@example.lv", "text": "a\\u0000b"}',
    "half a character": b'{"rights": ["general"], "email": "a@example.lv", "text": "\\ud800"}',
    "null character in a name": b'{"a\\u0000": 1}',
    "a list": b"[]",
    "a text": b'"access"',
    "null": b"null",
    "a number": b"7",
}


@pytest.mark.requirement("H7")
@pytest.mark.requirement("H8")
@pytest.mark.parametrize("to", [REQUESTS, OPENDSR])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_damaged_body_gets_a_sentence(visitor: Client, body: bytes, to: str) -> None:
    answer = visitor.post(to, body, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    found = answer.json()
    assert (found["status"], bool(found["detail"]), bool(found["title"])) == (400, True, True)
    assert not SubjectRequest.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rights": []}, "rights"),
        ({"rights": "access"}, "rights"),
        ({"rights": ["access", "everything"]}, "rights[1]"),
        ({"rights": [["access"]]}, "rights[0]"),
        ({"rights": [None]}, "rights[0]"),
        ({"rights": ["access"] * 12}, "rights"),
        ({"text": 7}, "text"),
        ({"text": None}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"language": "tlh"}, "language"),
        ({"email": "nobody"}, "email"),
        ({"email": ["a@example.lv"]}, "email"),
        ({"email": "a@" + "b" * 300 + ".lv"}, "email"),
        ({"user": "anna"}, "user"),
        ({"identity": {"verified": True}}, "identity"),
    ],
)
def test_a_field_that_does_not_fit_is_named(visitor: Client, changes: dict[str, Any], field: str) -> None:
    answer = send(visitor, {"rights": ["general"], "email": "a@example.lv", **changes})
    assert answer.status_code == 400
    assert {entry["field"] for entry in answer.json()["errors"]} == {field}
    assert not SubjectRequest.objects.exists()


def test_an_address_is_needed_without_a_log_in_and_refused_with_one(visitor: Client, anna: Client) -> None:
    assert send(visitor, {"rights": ["general"]}).json()["errors"][0]["field"] == "email"
    answer = send(anna, {"rights": ["general"], "email": "janis@example.lv"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "email")


def test_other_media_large_bodies_and_other_methods_are_refused_with_their_status(visitor: Client) -> None:
    form = visitor.post(REQUESTS, {"rights": "access", "email": "a@example.lv"})
    assert (form.status_code, form.json()["type"]) == (415, "/api/v1/docs/#problem-media-type")
    large = visitor.post(REQUESTS, b'{"text": "' + b"x" * 300_000 + b'"}', content_type="application/json")
    assert large.status_code == 413
    for method in (visitor.put, visitor.patch, visitor.delete, visitor.options):
        answer = method(REQUESTS)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST, HEAD")
    assert visitor.get("/api/v1/no/such/").headers["Content-Type"] == "application/problem+json"
    assert visitor.get(REQUESTS).headers["WWW-Authenticate"].startswith("Session")


@pytest.mark.parametrize("key", ["x" * 201, "ā"])
def test_a_key_that_is_none_is_refused(visitor: Client, key: str) -> None:
    answer = visitor.post(
        REQUESTS,
        json.dumps({"rights": ["general"], "email": "a@example.lv"}),
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=key,
    )
    assert answer.status_code == 400


@pytest.mark.clause("Q16.9")
def test_a_problem_speaks_the_language_of_the_person(visitor: Client) -> None:
    spoken = {
        language: visitor.get(REQUESTS, headers={"accept-language": language}).json()["detail"]
        for language in ("lv", "en", "ru")
    }
    assert len(set(spoken.values())) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "rights": JSON | st.lists(st.sampled_from([right.value for right in Right]), max_size=3),
        "text": JSON,
        "email": JSON | st.sampled_from(["a@example.lv", "ā@bērzs.lv", "a@xn--", "a@[127.0.0.1]", '"a b"@example.lv']),
        "language": JSON | st.sampled_from(["lv", "en", "ru"]),
    },
)
NEARLY_OPENDSR = st.fixed_dictionaries(
    {},
    optional={
        "subject_request_id": JSON | st.uuids().map(str),
        "subject_request_type": JSON | st.sampled_from(["access", "erasure"]),
        "submitted_time": JSON | st.datetimes().map(lambda at: f"{at.isoformat()}Z") | st.just("0001-01-01T00:00Z"),
        "subject_identities": JSON
        | st.just([{"identity_type": "email", "identity_value": "a@example.lv", "identity_format": "raw"}]),
    },
)


@pytest.mark.requirement("H8")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=st.one_of(st.tuples(st.just(REQUESTS), NEARLY | JSON), st.tuples(st.just(OPENDSR), NEARLY_OPENDSR | JSON))
)
def test_no_body_whatever_is_an_error_of_ours(visitor: Client, target: tuple[str, Any]) -> None:
    to, body = target
    answer = visitor.post(to, json.dumps(body), content_type="application/json")
    assert answer.status_code in {201, 202, 400, 422, 429}
    assert answer.status_code < 400 or answer.json()["detail"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON | st.fixed_dictionaries({"text": JSON}))
def test_no_message_whatever_is_an_error_of_ours(anna: Client, body: Any) -> None:
    case = SubjectRequest.objects.first()
    url = f"{REQUESTS}{case.number}/" if case else send(anna, {"rights": ["general"]}).json()["requests"][0]["url"]
    answer = anna.post(f"{url}messages/", json.dumps(body), content_type="application/json")
    assert answer.status_code in {201, 400, 429}


def test_the_names_of_the_listed_rights_are_all_taken(visitor: Client, person: User) -> None:
    answer = send(visitor, {"rights": list(Right.values), "email": "a@example.lv"})
    assert answer.status_code == 202
    assert SubjectRequest.objects.count() == len(Right)


@pytest.mark.requirement("H8")
def test_what_is_damaged_before_any_view_reads_it_gets_a_sentence_too(visitor: Client) -> None:
    answer = visitor.generic("POST", REQUESTS, b"x", "multipart/form-data")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["type"].endswith("#problem-unreadable")


@pytest.mark.requirement("H9")
@pytest.mark.parametrize(("trouble", "status"), [(RuntimeError("secret"), 500), (OperationalError("secret"), 503)])
def test_a_mistake_of_ours_is_told_to_a_program_as_one(trouble: Exception, status: int, rf: RequestFactory) -> None:
    try:
        raise trouble
    except (RuntimeError, OperationalError):
        answer = server_error(rf.get("/api/v1/session/"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(answer.content)["status"] == status
    assert b"secret" not in answer.content
