"""Sealed files that no row names: left by a killed worker, destroyed when their term is over (Art. 5(1)(e))."""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.apps import apps

from datamap.catalogue import latest_due_start
from datamap.declarations import Store
from datamap.registry import registry
from datamap.sweeping import SweepCounts
from vault.files import sealed_files

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the directory shows it; `name` is what a row would call it, finished or not."""

    path: str
    name: str
    written_at: datetime


def purge(store: Store, *, now: datetime, apply: bool) -> SweepCounts:
    """Destroy what is older than the term of the store and named by no row; files that a process writes are held.

    Due is only what is old by the clock of this host too, which gave the files their times.
    """
    limit = latest_due_start(store.period, min(now, datetime.now(UTC)))
    orphans = _unclaimed(sorted(_files(), key=lambda file: file.written_at))
    due = [file for file in orphans if file.written_at <= limit]
    held = failed = 0
    gone = set()
    for file in due:
        try:
            if _is_left(file, destroy=apply):
                gone.add(file.path)
            else:
                held += 1
        except OSError:
            failed += 1
    left = [file.written_at for file in orphans if not (apply and file.path in gone)]
    return SweepCounts(
        due=len(due),
        deleted=len(gone) if apply else 0,
        held=held,
        failed=failed,
        failure=OSError.__name__ if failed else "",
        oldest_at=left[0] if left else None,
    )


def _files() -> Iterable[_File]:
    for entry in sealed_files():
        try:
            written_at = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
        except FileNotFoundError:  # finished or removed since the directory was read
            continue
        yield _File(entry.path, entry.name.removesuffix(".part"), written_at)


def _unclaimed(files: list[_File]) -> list[_File]:
    """Those that no row names: asked after the directory was read, so that a row that came meanwhile is seen."""
    claimed: set[str] = set()
    for place in registry().sealed_files:
        model, field = place.rsplit(".", 1)
        rows = apps.get_model(model)._base_manager
        for start in range(0, len(files), BATCH):
            some = [file.name for file in files[start : start + BATCH]]
            claimed.update(rows.filter(**{f"{field}__in": some}).values_list(field, flat=True))
    return [file for file in files if file.name not in claimed]


def _is_left(file: _File, *, destroy: bool) -> bool:
    """True where no process has the file in its hands; it is gone then, with `destroy`."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        if destroy:
            Path(file.path).unlink()
        return True
    finally:
        os.close(descriptor)
