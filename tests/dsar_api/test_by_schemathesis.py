"""Schemathesis calls every operation with what its description allows and with what it forbids (security H8).

A few calls of each in an ordinary run; `QLEKTA_CALLS=long` makes a thousand, more than twenty thousand in all.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from datamap.terms import Right
from retention.models import AttemptCount
from tests.dsar_api.conftest import send
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("H8")]

CALLS = 1000 if os.environ.get("QLEKTA_CALLS") == "long" else 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
few = hypothesis_settings(
    max_examples=CALLS,
    deadline=None,
    database=None,
    derandomize=CALLS < 1000,
    suppress_health_check=list(HealthCheck),
)


def call_all(visitor: Client, client: Client, number: str) -> Iterator[tuple[str, int]]:
    """Call every operation, about Anna's request where it is about one; yields addresses and statuses."""
    described = schemathesis.openapi.from_dict(visitor.get("/api/v1/schema/").json())
    for found in described.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        yield from call_often(operation.as_strategy(), client, number)
        with suppress(Unsatisfiable):  # what takes nothing can be sent nothing wrong
            yield from call_often(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), client, number)


def call_often(cases: SearchStrategy[Case], client: Client, number: str) -> list[tuple[str, int]]:
    answers = []

    @few
    @given(case=cases)
    def one(case: Case) -> None:
        if "number" in case.path_parameters:
            case.path_parameters["number"] = number
        answer = call(case, client)
        case.validate_response(answer, checks=CHECKS)
        answers.append((case.path, answer.status_code))

    one()
    return answers


def call(case: Any, client: Client) -> Any:
    """Send it through the session of this client, however often it did before."""
    AttemptCount.objects.all().delete()
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    token = client.get("/api/v1/session/").json().get("csrf_token", "")
    headers = {name: str(value) for name, value in sent.headers.items() if name not in {"Cookie", "Content-Length"}}
    media = headers.pop("Content-Type", "application/octet-stream")
    answer = client.generic(
        str(sent.method), str(sent.path_url), sent.body or b"", media, headers=headers | {"X-CSRFToken": token}
    )
    told = {name.lower(): [value] for name, value in answer.headers.items()}
    return schemathesis.Response(answer.status_code, told, answer.content, sent, elapsed=0, verify=False)


@pytest.fixture
def number(anna: Client) -> str:
    """Of a request of Anna's."""
    found: str = send(anna, {"rights": [Right.GENERAL], "text": "Kur ir mans konts?"}).json()["requests"][0]["number"]
    return found


def test_a_person_with_a_session(visitor: Client, anna: Client, number: str) -> None:
    answers = list(call_all(visitor, anna, number))
    for address in (path for path, _ in answers):
        assert any(status < 300 for path, status in answers if path == address), f"{address}: nothing went through"


def test_somebody_without_one(visitor: Client, number: str) -> None:
    for address, status in call_all(visitor, visitor, number):
        assert "{number}" not in address or status >= 400, address


def test_another_person_finds_nothing_under_the_number(visitor: Client, other_person: User, number: str) -> None:
    other = Client(headers={"accept-language": "en"})
    log_in(other, other_person)
    for address, status in call_all(visitor, other, number):
        assert "{number}" not in address or status >= 400, address
