"""What a person takes along: given or observed, under consent or contract, and nothing else (Art. 20)."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from accounts.models import LoginEvent, User
from datamap.dpv import CATEGORY_TERMS
from datamap.registry import registry
from datamap.terms import Access, LawfulBasis, Right, Source
from datamap.trace import subject_of_user
from dsar.access import build_package, copies_to_build, take_download
from dsar.access_copy import write_portability
from dsar.access_copy.portability import is_portable
from dsar.terms import Stage
from tests.dsar.conftest import NOW, File
from visits.models import Visit
from visits.partitions import ensure_days

pytestmark = pytest.mark.django_db


def taken(user: User) -> ZipFile:
    out = BytesIO()
    write_portability(out, subject_of_user(user), case=None, package=None, now=NOW)
    return ZipFile(BytesIO(out.getvalue()))


def data_of(copy: ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(copy.read("portability.json"), parse_constant=pytest.fail)
    return found


@pytest.mark.clause("Q16.10")
def test_it_fits_its_published_schema(person: User, client: Any) -> None:
    schema = json.loads(client.get("/privacy/schema/portability-1.json").content)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data_of(taken(person)))


def test_it_holds_what_was_given_under_a_contract(person: User) -> None:
    (account,) = [table for table in data_of(taken(person))["data"] if table["table"] == "accounts.User"]
    (record,) = account["records"]
    assert (record["email"], record["given_name"]) == (person.email, person.given_name)
    assert "password" not in record


def test_visits_and_what_was_derived_stay_out_and_are_named(person: User) -> None:
    ensure_days([NOW.date()])
    common = {"kind": "page", "platform": "desktop", "status": 200, "response_ms": 1}
    Visit.objects.create(at=NOW, user_id=person.pk, path="/canary", **common)
    copy = taken(person)
    assert not any("/canary" in copy.read(name).decode() for name in copy.namelist())
    manifest = json.loads(copy.read("manifest.json"))
    left_out = {item["table"] for item in manifest["left_out"]}
    assert "visits.Visit" in left_out
    assert {item["table"] for item in manifest["tables"]} | left_out == {item.model for item in registry().holdings}
    for table in data_of(copy)["data"]:
        holding = registry().holding(table["table"])
        assert holding.basis in {LawfulBasis.CONSENT, LawfulBasis.CONTRACT}
        assert holding.source in {Source.PROVIDED, Source.OBSERVED}
        hidden = {name for name, item in holding.personal.items() if item.on_access.verdict is not Access.DISCLOSE}
        assert not hidden & {field["name"] for field in table["fields"]}


@pytest.mark.requirement("D10")
def test_nothing_of_anybody_else_is_taken_along(person: User, other_person: User) -> None:
    copy = taken(person)
    text = "".join(copy.read(name).decode() for name in copy.namelist())
    assert person.email in text
    assert other_person.email not in text
    assert str(other_person.pk) not in text


def test_the_linked_data_say_the_same_in_the_words_of_dpv(person: User) -> None:
    copy = taken(person)
    linked = json.loads(copy.read("portability.jsonld"))
    assert linked["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert all(isinstance(item, str | float) and "@import" not in str(item) for item in linked["@context"].values())
    handled = linked["dpv:hasProcess"]
    records = [item["dpv:hasPersonalData"]["rdf:value"]["@value"] for item in handled]
    assert records == [table["records"] for table in data_of(copy)["data"]]
    assert {item["dpv:hasLegalBasis"]["@id"] for item in handled} <= {"eu-gdpr:A6-1-a", "eu-gdpr:A6-1-b"}


def test_every_category_has_its_term() -> None:
    categories = {item.category for holding in registry().holdings for item in holding.personal.values()}
    assert categories <= set(CATEGORY_TERMS)
    assert any(is_portable(holding) for holding in registry().holdings)


@pytest.mark.clause("Q16.10")
def test_a_worker_answers_a_request_for_portability(file: File, person: User) -> None:
    LoginEvent.objects.create(user=person, at=NOW - timedelta(days=1), kind="login", ip="192.0.2.7")
    case = file(Right.PORTABILITY)
    assert copies_to_build(NOW) == [case.pk]
    package = build_package(case.pk, now=NOW)
    assert package is not None
    case.refresh_from_db()
    assert (case.stage, case.outcome) == (Stage.ANSWERED, "fulfilled")
    copy = ZipFile(BytesIO(b"".join(take_download(package, now=NOW))))
    assert set(copy.namelist()) == {"README.txt", "portability.json", "portability.jsonld", "manifest.json"}
    assert data_of(copy)["request"] == case.number
