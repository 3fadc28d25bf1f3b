"""News from the mail service about somebody who was erased brings nothing of hers back (Art. 17; security E14)."""

from collections.abc import Callable
from typing import Any

import pytest

from datamap.registry import registry
from datamap.trace import Subject
from mailing.models import OutgoingMessage, State
from retention.models import ErasureReceipt
from tests.faults.conftest import differing, everything
from tests.mailing.calls import NOW, configured, report


@pytest.fixture
def webhooks(settings: Any, time_machine: Any) -> None:
    configured(settings)
    time_machine.move_to(NOW, tick=False)


@pytest.mark.requirement("E14", "F17")
@pytest.mark.parametrize("event", ["failed", "complained", "unsubscribed"])
def test_news_about_an_erased_person_changes_no_row_of_any_table(
    webhooks: None, anna: Subject, erase: Callable[..., ErasureReceipt], event: str
) -> None:
    (address,) = anna.emails
    letter = OutgoingMessage.objects.get(to_address=address)
    OutgoingMessage.objects.filter(pk=letter.pk).update(state=State.SENT, handed_over_at=NOW)
    erase(anna)
    before = everything()
    for _twice in range(2):
        assert report(str(letter.pk), address, event=event) == 200
    # The call itself is remembered, by its random number, so that it counts once.
    assert differing(before, everything()) == {"mailing_inboundevent"}
    assert "mailing.InboundEvent" in {item.model for item in registry().not_personal}
