"""Orders what must be set aside for a request, and takes it away again: with the case, or earlier (clauses.md D12).

A purge asks before it deletes (`KEEPERS`), and a worker copies after the commit. So filing costs everybody the same, a
person with a million rows or an address nobody knows (security I2), and from that commit on no purge is faster.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from dsar.access_copy.stood import spoken_of
from dsar.doorbell import TAKE_SNAPSHOT, ring
from dsar.models import Snapshot, SubjectRequest
from dsar.queries import subject_of
from dsar.terms import CLOSED, PACKAGED, Stage
from vault.files import delete_on_commit
from vault.keys import destroy_key


def order(case: SubjectRequest, *, now: datetime) -> None:
    """Order a snapshot in the caller's transaction, where the right is answered with a file; wake a worker then."""
    if case.right in PACKAGED:
        Snapshot.objects.create(case=case, ordered_at=now)
        transaction.on_commit(lambda: ring(TAKE_SNAPSHOT, case.pk), robust=True)


def drop_needless(case: SubjectRequest, *, now: datetime) -> None:
    """Destroy the snapshot of a request that closed without an identity, or that the person took back."""
    if case.stage in CLOSED and (case.stage == Stage.WITHDRAWN or case.identified_at is None):
        destroy_of(case.pk, now=now)


def destroy_of(case_id: Any, *, now: datetime) -> int:
    """Take the key, the row and the file of this request's snapshot away, in the caller's transaction."""
    return destroy(Snapshot.objects.filter(case_id=case_id), now=now)


def renew_where_foreign(case: SubjectRequest) -> None:
    """Order the snapshot anew where it turned out that the request is about somebody else than it seemed to be: what
    was copied is never given to the other one. In the transaction that shows the identity.
    """
    snapshot = Snapshot.objects.select_for_update().filter(case=case, taken_at__isnull=False).first()
    if snapshot is None or spoken_of(snapshot, subject_of(case)):
        return
    delete_on_commit(snapshot.file_name)
    transaction.on_commit(lambda: ring(TAKE_SNAPSHOT, case.pk), robust=True)
    Snapshot.objects.filter(pk=snapshot.pk).update(
        file_name="", manifest={}, taken_at=None, reaches_until=None, attempts=0, lease=None, leased_until=None
    )


def destroy(snapshots: QuerySet[Any], *, now: datetime) -> int:
    """Take the keys, the rows and the files of these snapshots away; how many rows went."""
    deleted = 0
    for found in snapshots.order_by("pk").values("pk", "case_id"):
        with transaction.atomic():
            # The request first, as the worker does.
            list(SubjectRequest.objects.select_for_update().filter(pk=found["case_id"]).values("pk"))
            current = Snapshot.objects.select_for_update().filter(pk=found["pk"]).first()
            if current is None:
                continue
            destroy_key(current.key_owner, now=now)
            delete_on_commit(current.file_name)
            current.delete()
            deleted += 1
    return deleted
