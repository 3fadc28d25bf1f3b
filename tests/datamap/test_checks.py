"""`manage.py check` refuses a table or a field that nobody answers for (clause Q1.1)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from django.core.checks import CheckMessage

from datamap import checks
from datamap.declarations import Holding, Personal, Recipient, Via
from datamap.processors import VERBS, Outcome, RecipientResult
from datamap.registry import Registry, registry, tables
from datamap.terms import (
    BLANK,
    DETACH,
    Access,
    Category,
    Erasure,
    LawfulBasis,
    OnAccess,
    OnErasure,
    RecipientRole,
    Safeguard,
    Source,
    keep,
)
from datamap.trace import Subject

LOGIN_EVENT = "accounts.LoginEvent"


@pytest.fixture
def holding() -> Holding:
    return registry().holding(LOGIN_EVENT)


def ids(found: Iterable[CheckMessage]) -> set[str]:
    return {str(item.id) for item in found}


@pytest.mark.clause("Q1.1")
@pytest.mark.requirement("E8")
def test_everything_installed_is_declared() -> None:
    assert checks.check_declarations() == []


@pytest.mark.clause("Q1.1")
def test_the_walk_covers_third_party_tables_and_automatic_ones() -> None:
    labels = {model._meta.label for model in tables()}
    assert {"account.EmailAddress", "sessions.Session", "admin.LogEntry", "accounts.User_groups"} <= labels


def test_an_undeclared_table_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    without = replace(registry(), holdings=tuple(item for item in registry().holdings if item.model != LOGIN_EVENT))
    monkeypatch.setattr(checks, "registry", lambda: without)
    found = checks.check_declarations()
    assert ids(found) == {"datamap.E001"}
    assert "ip" in str(found[0].hint)


def test_a_table_declared_twice_is_an_error(monkeypatch: pytest.MonkeyPatch, holding: Holding) -> None:
    twice: Registry = replace(registry(), holdings=(*registry().holdings, holding))
    monkeypatch.setattr(checks, "registry", lambda: twice)
    assert ids(checks.check_declarations()) == {"datamap.E001"}


def test_an_app_without_its_privacy_module_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    without = replace(registry(), apps_with_privacy=registry().apps_with_privacy - {"accounts"})
    monkeypatch.setattr(checks, "registry", lambda: without)
    assert ids(checks.check_declarations()) == {"datamap.E010"}


class Deaf:
    """A handler that knows only the two oldest verbs."""

    def describe(self, subject: Subject) -> str:
        return ""

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        return RecipientResult("DEAF", Outcome.NOTHING_HELD)


def test_a_handler_that_lacks_a_verb_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = Recipient(
        code="DEAF",
        name="Deaf",
        role=RecipientRole.CONTROLLER,
        service="x",
        country="US",
        safeguard=Safeguard.SCC,
        handler=f"{__name__}.Deaf",
    )
    assert list(checks._speechless_handlers()) == [], "each of ours knows them all"
    monkeypatch.setitem(checks.catalogue().recipients, "DEAF", deaf)
    found = list(checks._speechless_handlers())
    assert ids(found) == {"datamap.E014"}
    assert len(found) == len(VERBS) - 2


def test_a_recipient_without_a_handler_is_an_error(monkeypatch: pytest.MonkeyPatch, holding: Holding) -> None:
    mute = Recipient(
        code="MUTE", name="Mute", role=RecipientRole.PROCESSOR, service="x", country="US", safeguard=Safeguard.SCC
    )
    facts = checks.catalogue()
    monkeypatch.setattr(checks, "catalogue", lambda: replace(facts, recipients={**facts.recipients, "MUTE": mute}))
    found = list(checks._recipients_without_handler([replace(holding, recipients=("MUTE",))]))
    assert ids(found) == {"datamap.E008"}


def without_ip(holding: Holding) -> Holding:
    return replace(holding, personal={name: item for name, item in holding.personal.items() if name != "ip"})


def with_field(name: str, item: Personal) -> Callable[[Holding], Holding]:
    return lambda holding: replace(holding, personal={**holding.personal, name: item})


@pytest.mark.clause("Q2.2")
@pytest.mark.parametrize(
    ("expected", "spoil"),
    [
        ("E002", without_ip),
        ("E003", with_field("shoe_size", Personal(Category.DEVICE))),
        ("E004", lambda holding: replace(holding, neutral={*holding.neutral, "ip"})),
        ("E005", lambda holding: replace(holding, about={})),
        ("E005", lambda holding: replace(holding, about={"user": "kind"})),
        ("E005", lambda holding: replace(holding, about={"user": "nobody__at_all"})),
        ("E005", lambda holding: replace(holding, about={"user": Via("nowhere", by="x.y")})),
        ("E005", lambda holding: replace(holding, about={"shoe": "user"})),
        ("E006", lambda holding: replace(holding, clock="", ends="")),
        ("E006", lambda holding: replace(holding, clock="shoe_size")),
        ("E006", lambda holding: replace(holding, swept_after="shoes.Size")),
        ("E007", with_field("ip", Personal(Category.NETWORK, OnAccess(Access.WITHHOLD)))),
        ("E007", with_field("ip", Personal(Category.NETWORK, on_erasure=OnErasure(Erasure.KEEP)))),
        ("E012", lambda holding: replace(holding, period="FOREVER_AND_A_DAY")),
        ("E012", lambda holding: replace(holding, purposes=("CURIOSITY",))),
        ("E012", lambda holding: replace(holding, recipients=("NEIGHBOUR",))),
        ("E013", with_field("ip", Personal(Category.NETWORK, on_erasure=keep("we like it", act="none")))),
        ("E011", lambda holding: replace(holding, ledger=True)),
    ],
)
def test_a_spoilt_declaration_is_an_error(expected: str, spoil: Callable[[Holding], Holding], holding: Holding) -> None:
    assert ids(list(checks.findings_of(holding))) == set()
    assert f"datamap.{expected}" in ids(list(checks.findings_of(spoil(holding))))


@pytest.mark.clause("Q2.1")
def test_free_text_without_a_note_is_an_error() -> None:
    for holding in registry().holdings:
        for name, item in holding.personal.items():
            if item.note:
                spoilt = replace(holding, personal={**holding.personal, name: replace(item, note="")})
                if "datamap.E009" in ids(list(checks.findings_of(spoilt))):
                    return
    pytest.fail("no declared text field needed its note")


def test_the_row_follows_the_strongest_verdict() -> None:
    fields = {"a": Personal(Category.EMAIL, on_erasure=BLANK), "b": Personal(Category.EMAIL, on_erasure=DETACH)}
    declared = Holding(
        model="x.Y",
        label="",
        about={},
        purposes=(),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="",
        personal=fields,
    )
    assert declared.erasure is Erasure.BLANK
    assert replace(declared, personal={**fields, "c": Personal(Category.EMAIL)}).erasure is Erasure.DELETE
