"""What an erasure leaves here: the address, as a code, among those without advertising (Art. 21(3), Q13.10)."""

from datetime import datetime

from datamap.trace import Subject
from mailing.models import Suppression
from vault.tokens import email_token

ERASED = "erasure"


def suppress_erased(subject: Subject, *, now: datetime) -> int:
    """Put every address of the person on the list, so that no list imported later brings advertising back to her.

    One statement for many people too. Repeating the erasure after a restore does the same, so nothing is journalled.
    """
    rows = [Suppression(email_token=email_token(one), at=now, reason=ERASED) for one in sorted(subject.emails)]
    return len(Suppression.objects.bulk_create(rows, ignore_conflicts=True))
