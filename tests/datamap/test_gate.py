"""May we process this person's data for this purpose, now? Nobody answering means no."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from datamap import gate
from datamap.declarations import Purpose
from datamap.gate import Decision, Gatekeeper, UnknownPurpose, may_process
from datamap.registry import registry
from datamap.trace import Subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PERSON = Subject(user_id=uuid4())

Install = Callable[..., None]
"""Takes the gatekeepers that are to answer."""


def says_yes(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    return Decision(True, "asked and answered")


def says_no(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    return Decision(False, "withdrawn")


def says_nothing(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    return None


@pytest.fixture
def keepers(monkeypatch: pytest.MonkeyPatch) -> Install:
    def install(*functions: Gatekeeper) -> None:
        paths = tuple(f"{__name__}.{function.__name__}" for function in functions)  # type: ignore[attr-defined]
        found = replace(registry(), gatekeepers=paths)
        monkeypatch.setattr(gate, "registry", lambda: found)

    return install


@pytest.mark.clause("Q7.4")
def test_a_purpose_on_consent_needs_an_express_yes(keepers: Install) -> None:
    keepers(says_nothing)
    assert not may_process(PERSON, "MARKETING_EMAIL", now=NOW)
    keepers(says_yes)
    assert may_process(PERSON, "MARKETING_EMAIL", now=NOW)


def test_one_refusal_outweighs_every_yes(keepers: Install) -> None:
    keepers(says_yes, says_no)
    decision = may_process(PERSON, "MARKETING_EMAIL", now=NOW)
    assert (decision.allowed, decision.reason) == (False, "withdrawn")


def test_a_purpose_on_contract_goes_on_when_nothing_stands_against_it(keepers: Install) -> None:
    keepers(says_nothing)
    assert may_process(PERSON, "SERVICE", now=NOW)
    keepers(says_no)
    assert not may_process(PERSON, "SERVICE", now=NOW)


def test_an_unknown_purpose_is_refused_loudly() -> None:
    with pytest.raises(UnknownPurpose, match="CURIOSITY"):
        may_process(PERSON, "CURIOSITY", now=NOW)
