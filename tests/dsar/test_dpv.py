"""Every term of W3C DPV that leaves the house is one that the published vocabularies have."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from accounts.models import User
from datamap.dpv import CATEGORY_TERMS, CONTEXT, LEGAL_BASIS_TERMS, SOURCE_TERMS
from datamap.terms import Source
from datamap.trace import subject_of_user
from dsar.access_copy import write_portability
from dsar.terms import DelayReason, RefusalReason
from tests.dsar.conftest import NOW

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "dpv_terms.json").read_text())
OURS = {RefusalReason.NOTHING_HELD, RefusalReason.UNMET}
"""Nothing is refused by these but said: DPV has no justification for what is not there."""

VOCABULARIES = {name for name, found in KNOWN.items() if isinstance(found, dict)}


def is_known(term: str) -> bool:
    prefix, _, name = term.partition(":")
    return name in KNOWN[prefix]["terms"]


def words(found: Any) -> Iterator[str]:
    """Every key and every text of a JSON value."""
    match found:
        case dict():
            for key, value in found.items():
                yield key
                yield from words(value)
        case list():
            for item in found:
                yield from words(item)
        case str():
            yield found


def test_the_tables_hold_published_terms_only() -> None:
    terms = {*CATEGORY_TERMS.values(), *LEGAL_BASIS_TERMS.values(), *SOURCE_TERMS.values()}
    assert [term for term in terms if not is_known(term)] == []
    assert not is_known("pd:DeviceStuff")
    assert SOURCE_TERMS[Source.PROVIDED] == "dpv:ProvidedPersonalData"


def test_the_prefixes_are_the_published_namespaces() -> None:
    assert {name: CONTEXT[name] for name in VOCABULARIES & set(CONTEXT)} == {
        name: KNOWN[name]["namespace"] for name in VOCABULARIES & set(CONTEXT)
    }


@pytest.mark.django_db
def test_what_a_person_takes_along_uses_published_terms_only(person: User) -> None:
    out = BytesIO()
    write_portability(out, subject_of_user(person), case=None, package=None, now=NOW)
    linked = json.loads(ZipFile(BytesIO(out.getvalue())).read("portability.jsonld"))
    used = {word for word in words(linked) if re.fullmatch(rf"({'|'.join(VOCABULARIES)}):[\w-]+", word)}
    assert {"dpv:hasProcess", "dpv:hasRight", "eu-gdpr:A20", "pd:EmailAddress"} <= used
    assert [term for term in used if not is_known(term)] == []


@pytest.mark.parametrize("reason", [*(reason for reason in RefusalReason if reason not in OURS), *DelayReason])
def test_grounds_of_refusal_and_delay_are_justifications_of_dpv(reason: RefusalReason | DelayReason) -> None:
    assert is_known(f"justifications:{reason.value.title().replace('_', '')}")
