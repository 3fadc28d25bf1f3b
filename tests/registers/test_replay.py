"""What the registers learned since the backup is there again after a restore, once (Q10.9)."""

from datetime import date
from typing import Any, Self

import pytest
from django.db import transaction

from accounts.models import LoginEvent, LoginKind, User
from audit.ledger import verify
from datamap.trace import subject_of_user
from registers.authority import approve, give_out, register_request
from registers.breaches import assess
from registers.contracts import decide
from registers.disclosures import disclose
from registers.models import AuthorityRequest, Breach, BreachEntry, ContractVersion, Disclosure
from registers.refusals import RegisterRefused
from registers.replays import keep_row_again
from registers.terms import RequestState, Risk
from replay.models import JournalEntry
from replay.segments import GENESIS, Line
from tests.registers.conftest import NOW, Postman, breach, expired
from tests.registers.test_authority import new
from tests.registers.test_disclosures import DEBT

__all__ = ["new"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("published_texts"),
    pytest.mark.clause("Q10.9"),
]


class Forgotten(Exception):
    """Rolls everything back, as a restored backup does."""


class Restore:
    """Forgets what happens inside it, but for the lines of the journal."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._atomic = transaction.atomic()

    def __enter__(self) -> Self:
        self._atomic.__enter__()
        return self

    def __exit__(self, *_error: object) -> bool:
        entries = JournalEntry.objects.filter(kind="registers.kept").order_by("at", "pk")
        found = [Line(1, e.pk, e.kind, e.at, e.subject, e.born, e.details, GENESIS) for e in entries]
        self.lines = sorted(found, key=lambda line: self.order.index(line.details["table"]))
        self._atomic.__exit__(Forgotten, Forgotten(), None)
        return False

    order = (
        "registers.ContractVersion",
        "registers.AuthorityRequest",
        "registers.Disclosure",
        "registers.BreachEntry",
        "registers.Breach",
    )

    def repeat(self) -> list[bool]:
        return [keep_row_again(line, now=NOW) for line in self.lines]


def test_a_contract_that_ended_since_the_backup_stops_the_hand_over_again(first: User) -> None:
    with Restore() as restore:
        expired(first, on=date(2026, 11, 21))
    assert decide("MAILGUN", NOW.date())
    assert restore.repeat() == [True]
    assert restore.repeat() == [False]
    assert not decide("MAILGUN", NOW.date())
    assert verify(ContractVersion).is_whole


def test_a_disclosure_since_the_backup_is_still_told(person: User, first: User, postman: Postman) -> None:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.77")
    with Restore() as restore:
        disclose(DEBT, subject_of_user(person), postman, by=first, now=NOW)
    assert not Disclosure.objects.exists()
    assert "Parādi" not in str([line.details for line in restore.lines])
    restore.repeat()
    assert Disclosure.objects.get().recipient == "SIA Parādi"


def test_an_answered_request_is_not_answered_twice(new: Any, first: User, second: User, postman: Postman) -> None:
    with Restore() as restore:
        request = register_request(new, by=first, now=NOW)
        approve(request.pk, reason="In order.", by=second, now=NOW)
        give_out(request.pk, postman, by=first, now=NOW)
    assert not AuthorityRequest.objects.exists()
    states = [line for line in restore.lines if line.details["table"] == "registers.AuthorityRequest"]
    assert len(states) == 3
    for line in sorted(states, key=_state):
        keep_row_again(line, now=NOW)
    assert AuthorityRequest.objects.get().state == RequestState.ANSWERED
    with pytest.raises(RegisterRefused):
        give_out(request.pk, postman, by=first, now=NOW)


def _state(line: Line) -> int:
    from replay.journal import opened

    words = ["registered", "approved", "answered"]
    return words.index(opened(line)["row"][0]["fields"]["state"])


def test_a_breach_keeps_its_number_its_entries_and_its_clock(first: User) -> None:
    with Restore() as restore:
        number = breach(first).number
        assess(number, Risk.NONE, "Nobody saw it.", by=first, now=NOW)
    assert not Breach.objects.exists()
    restore.repeat()
    assert Breach.objects.get().aware_at == NOW
    assert {entry.action for entry in BreachEntry.objects.all()} == {"opened", "assessed"}
    assert breach(first).number != number
