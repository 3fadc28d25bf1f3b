"""What the vault does when a person is erased: the key goes, and with it everything it sealed (Art. 17)."""

from datetime import datetime

from datamap.trace import Subject
from vault.keys import destroy_key


def destroy_subject_key(subject: Subject, *, now: datetime) -> int:
    """Destroy the data key of this account; the number of keys destroyed, 0 on every repetition."""
    return 0 if subject.user_id is None else int(destroy_key(subject.user_id, now=now))
