"""A list of an earlier system from its handing in to its last line: sealed meanwhile, and gone with that line (K12)."""

from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Min, Q

from audit.trail import Actor, record
from consent.services import current_text
from consent.terms import ConsentPurpose
from datamap.catalogue import latest_due_start
from datamap.declarations import Store
from datamap.sweeping import Ended, SweepCounts, end_each
from newsletters.doorbell import ring_imports
from newsletters.models import ListImport
from newsletters.old_lists import OldList
from newsletters.terms import UNDER_WAY, ImportState
from vault.files import delete_on_commit, delete_sealed, read_sealed, sealed_writer
from vault.keys import destroy_key
from vault.tokens import token

SYSTEM: Final = Actor.system("newsletters.importing")


def hand_in(data: bytes, *, once: str, check_only: bool, actor: Actor, now: datetime) -> ListImport:
    """Seal a list for the worker that will read it; the same form, or the same list while it is read, is one import.

    Raises UnfitFile, and NotPublishedError where no wording was ever published.
    """
    found = OldList.of(data)
    current_text(ConsentPurpose.MARKETING_EMAIL, language="lv", on=now.date())
    digest = sha256(data).hexdigest()
    key = token(f"{once}|{digest}|{check_only}", purpose="newsletters.once")
    same = Q(once=key) | Q(digest=digest, check_only=check_only, state__in=UNDER_WAY)
    known = ListImport.objects.filter(same).first()
    if known is not None:
        return known
    row = ListImport(
        id=uuid4(), once=key, digest=digest, check_only=check_only, lines_total=found.count, handed_in_at=now
    )
    with sealed_writer(row.pk, context=row.context) as file:
        file.write(data)
    row.file_name = file.name
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record("newsletter.list_handed_in", actor=actor, about=row, details={"lines": found.count}, now=now)
            transaction.on_commit(ring_imports, robust=True)
    except BaseException as error:
        delete_sealed(file.name)
        destroy_key(row.pk, now=now)
        # Two presses at once: the other one was first, and may even be read to its end by now.
        other = ListImport.objects.filter(Q(once=key) | Q(digest=digest, check_only=check_only)).first()
        if isinstance(error, IntegrityError) and other is not None:
            return other
        raise
    return row


def waiting() -> list[UUID]:
    """The lists that wait for a worker, the oldest first."""
    found = ListImport.objects.filter(state__in=UNDER_WAY).order_by("handed_in_at")
    return list(found.values_list("pk", flat=True))


def contents_of(row: ListImport) -> bytes:
    """The list in clear. Raises VaultError and OSError where key or file is gone."""
    return b"".join(read_sealed(row.pk, row.file_name, context=row.context))


def end(row: ListImport, state: ImportState, *, now: datetime) -> None:
    """Close a list and let its file go, with its key. Runs in the transaction that holds the row."""
    destroy_key(row.pk, now=now)
    delete_on_commit(row.file_name)
    row.state, row.file_name, row.ended_at = state, "", now
    row.save()


def give_up(list_id: UUID, *, now: datetime) -> bool:
    """Close a list that cannot be read to its end; what was taken over stays. False where it is closed already."""
    with transaction.atomic():
        row = ListImport.objects.select_for_update().filter(pk=list_id, state__in=UNDER_WAY).first()
        if row is None:
            return False
        end(row, ImportState.FAILED, now=now)
        record("newsletter.list_given_up", actor=SYSTEM, about=row, now=now)
    return True


def purge(store: Store, *, now: datetime, apply: bool) -> SweepCounts:
    """Give up the lists that nobody has read within their term, and destroy their files."""
    unread = ListImport.objects.filter(state__in=UNDER_WAY)
    keys = list(unread.filter(handed_in_at__lte=latest_due_start(store.period, now)).values_list("pk", flat=True))
    ended = end_each(keys, lambda some: sum(give_up(pk, now=now) for pk in some)) if apply else Ended()
    return ended.counts(due=len(keys), oldest_at=unread.aggregate(oldest=Min("handed_in_at"))["oldest"])
