"""The description of the interface is OpenAPI 3.1 and says what is so; its page needs no script and no other site."""

import re
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_openapi_and_knows_every_address(visitor: Client) -> None:
    answer = visitor.get("/api/v1/schema/")
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    found = answer.json()
    validate_schema(found)
    assert found["openapi"] == "3.1.0"
    assert set(found["paths"]) == {
        "/api/v1/session/",
        "/api/v1/requests/",
        "/api/v1/requests/{number}/",
        "/api/v1/requests/{number}/withdraw/",
        "/api/v1/requests/{number}/messages/",
        "/api/v1/opendsr/requests",
        "/api/v1/opendsr/requests/{request_id}",
        "/api/v1/opendsr/discovery",
    }
    filing = found["paths"]["/api/v1/requests/"]["post"]
    assert {"201", "202", "400", "422", "429"} <= set(filing["responses"])
    assert "application/problem+json" in filing["responses"]["422"]["content"]


def test_the_description_raises_no_warning(visitor: Client, capsys: pytest.CaptureFixture[str]) -> None:
    visitor.get("/api/v1/schema/")
    assert "arning" not in capsys.readouterr().err


@pytest.mark.requirement("H2")
def test_the_page_has_no_script_and_names_every_problem(visitor: Client) -> None:
    page = visitor.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<script" not in text
    assert "Idempotency-Key" in text
    assert re.search(r'id="problem-step-up"', text)
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.requirement("H9")
def test_the_operator_can_keep_the_description_for_staff(
    visitor: Client, person: User, officer: User, settings: Any
) -> None:
    settings.API_DOCS_PUBLIC = False
    for address in ("/api/v1/schema/", "/api/v1/docs/"):
        assert visitor.get(address).status_code in {401, 403}
        for user, status in ((person, 403), (officer, 200)):
            client = Client()
            client.force_login(user)
            assert client.get(address).status_code == status
