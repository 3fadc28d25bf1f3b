"""Seals the ends of all ledgers into one signed statement a day, kept outside the database too (security L4).

A chain shows every change but one: an end that was cut off, or a ledger that was written anew as a whole. A head that
was published before shows both.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from audit.ledger import GENESIS, CommittedRow, LeafRow, append, ledgers
from audit.models import Seal
from audit.sealing import last_seal
from retention.published import PublishedHead
from retention.sealing import seal_ledgers
from retention.signed import with_signature
from vault import signing

TYPE: Final = "qlekta-ledger-heads/1"

_HEAD: Final = """
SELECT (SELECT count(*) FROM {table}) + (SELECT coalesce(sum(rows), 0) FROM audit_forgetting WHERE ledger = %s),
       coalesce(last.id, 0), coalesce(last.row_hash, %s), last.at
FROM (VALUES (1)) AS one
LEFT JOIN (SELECT id, row_hash, at FROM {table} ORDER BY id DESC LIMIT 1) AS last ON true
"""


@dataclass(frozen=True, slots=True)
class Head:
    """How a ledger ended: all rows it ever had, id, hash and time of the last; id 0 where it has none.

    Of a ledger of leaves: the rows under its seals, and number, hash and last row of the newest `seal`.
    """

    ledger: str
    rows: int
    last_id: int
    row_hash: str
    at: str | None
    seal: int | None = None


def publish_heads(*, now: datetime) -> PublishedHead:
    """Sign the heads of all ledgers, append the statement to its own ledger and to the file outside the database.

    What waits for a seal gets one first, so that the heads tell of everything that there is.
    """
    seal_ledgers(now=now)
    with transaction.atomic():
        heads = [asdict(head_of(model)) for model in ledgers()]
        document = with_signature({"type": TYPE, "at": _spelled(now), "heads": heads})
        published = append(PublishedHead(at=now, document=document))
    write_file()
    return published


def head_of(model: type[CommittedRow]) -> Head:
    """The end of one ledger as one statement sees it."""
    label = model._meta.label
    if issubclass(model, LeafRow):
        return _head_of_seals(model)
    query = _HEAD.format(table=connection.ops.quote_name(model._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(query, [label, GENESIS])
        rows, last_id, row_hash, at = cursor.fetchone()
    return Head(label, int(rows), last_id, row_hash, at and _spelled(at))


def _head_of_seals(model: type[LeafRow]) -> Head:
    label, last = model._meta.label, last_seal(model)
    if last is None:
        return Head(label, 0, 0, GENESIS, None, 0)
    rows = Seal.objects.filter(ledger=label).aggregate(rows=Sum("rows"))["rows"]
    return Head(label, int(rows), last.last_id, last.hash, _spelled(last.at), last.number)


def write_file() -> int:
    """Add to the file whatever it lacks of the published statements; how many those were.

    So a process that died between the database and the file loses nothing.
    """
    with _opened() as file:
        known = {line.get("signature") for line in _documents(file)}
        documents = PublishedHead.objects.order_by("id").values_list("document", flat=True)
        missing = [item for item in documents if item.get("signature") not in known]
        file.writelines(signing.canonical_json(item) + b"\n" for item in missing)
        file.flush()
        os.fsync(file.fileno())
    return len(missing)


def file_documents() -> list[dict[str, Any]]:
    """The statements in the file, in their order; an empty object stands for a line that cannot be read."""
    if not path().exists():
        return []
    with path().open("rb") as file:
        return list(_documents(file))


def path() -> Path:
    """Where the statements lie outside the database: one line each, only ever added to."""
    return Path(settings.VAR_DIR) / "heads" / "heads.jsonl"


def _opened() -> Any:
    directory = path().parent
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    file = os.fdopen(descriptor, "a+b")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.seek(0)
    return file


def _documents(lines: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            document = json.loads(line)
        except ValueError:
            document = {}
        yield document if isinstance(document, dict) else {}


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
