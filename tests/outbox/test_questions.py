"""A question to a recipient ends in a word, whatever happens on the way; "nothing" is asked for twice (Art. 15, 28)."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from django.db import transaction

from datamap.processors import Outcome
from outbox.handlers import AnswerLost, EffectError, Halted, Permanent, Transient, Waits
from outbox.models import ProviderGate
from outbox.questions import InsideTransaction, ask

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


class Asked:
    """A question that counts how often it is put."""

    def __init__(self, *answers: Iterable[str] | EffectError) -> None:
        self.answers = list(answers)
        self.times = 0

    def __call__(self) -> Iterable[str]:
        self.times += 1
        answer = self.answers.pop(0)
        if isinstance(answer, EffectError):
            raise answer
        return answer


def test_what_is_held_is_believed_at_once_and_nothing_only_when_said_twice() -> None:
    some = Asked(["a parcel"])
    assert (ask("MAILGUN", some, now=NOW).held, some.times) == (("a parcel",), 1)
    nothing = Asked([], [])
    assert (ask("MAILGUN", nothing, now=NOW).outcome, nothing.times) == (Outcome.NOTHING_LEFT, 2)
    doubted = Asked([], ["a parcel"])
    assert ask("MAILGUN", doubted, now=NOW).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize(
    ("error", "outcome", "failures"),
    [
        (Transient("busy"), Outcome.UNKNOWN, 1),
        (AnswerLost("lost"), Outcome.UNKNOWN, 1),
        (Permanent("no"), Outcome.REFUSED, 0),
        (Halted("our key"), Outcome.REFUSED, 0),
        (Waits("not now"), Outcome.WAITS, 0),
    ],
)
@pytest.mark.parametrize("asked_before", [0, 1])
def test_every_error_becomes_a_word_and_the_gate_counts_it(
    error: EffectError, outcome: Outcome, failures: int, asked_before: int
) -> None:
    found = ask("MAILGUN", Asked(*[[]] * asked_before, error), now=NOW)
    assert (found.outcome, found.held, found.detail) == (outcome, (), error.sentence)
    gate = ProviderGate.objects.filter(provider="MAILGUN").first()
    assert (gate.failures if gate else 0) == failures
    assert (gate is not None and gate.needs_staff) is isinstance(error, Halted)


def test_who_answers_too_slowly_is_not_waited_for_and_not_called_broken() -> None:
    found = ask("MAILGUN", Asked(iter(["a", "b"])), now=NOW, patience=-1.0)
    assert (found.outcome, found.held) == (Outcome.UNKNOWN, ())
    assert not ProviderGate.objects.filter(failures__gt=0).exists()


def test_nobody_is_asked_whom_the_catalogue_does_not_have() -> None:
    question = Asked()
    assert ask("SENDGRID", question, now=NOW).outcome is Outcome.WAITS
    assert question.times == 0


def test_nobody_is_asked_inside_a_transaction() -> None:
    question = Asked()
    with transaction.atomic(), pytest.raises(InsideTransaction):
        ask("MAILGUN", question, now=NOW)
    assert question.times == 0
