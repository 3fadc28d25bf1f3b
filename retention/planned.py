"""What a plan of an erasure says, as plain values: lines, recipients, the whole (Art. 17; Q17.1)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from datamap.declarations import Holding
from datamap.terms import Erasure, Text
from retention.standing import LegalHold

ARCHIVE = "retention.ArchiveRecord"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What happens to some fields of some rows. `until` is the last possible day where it can be computed, `term` the
    words of the rule; both empty for what goes. `hold` is the legal hold that keeps the rows."""

    table: str
    label: Text
    action: Erasure
    count: int
    fields: tuple[Text, ...] = ()
    reason: Text = ""
    act: str = ""
    until: date | None = None
    term: Text = ""
    hold: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlannedRecipient:
    """A recipient that will be told, and what it got."""

    code: str
    name: str
    description: Text


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """Everything an erasure would do to one person's data; made by reading only.

    `created` is what the erasure itself leaves behind, `searched` the tables in which nothing was found, `digest`
    SHA-256 over the rows and the holds on them: the same as long as nothing was added or removed. `conflicts` says what
    was overruled (`retention.precedence`), `is_restricted` that Art. 18 keeps everything where it is. `older_archive`
    is what an objection does to the archive of an earlier account under the same address; with `objected` the `lines`
    say it too.
    """

    lines: tuple[PlanLine, ...]
    created: tuple[PlanLine, ...]
    searched: tuple[Text, ...]
    stores: tuple[PlanLine, ...]
    recipients: tuple[PlannedRecipient, ...]
    archive_ends_at: datetime | None
    digest: str
    conflicts: tuple[Text, ...] = ()
    is_restricted: bool = False
    objected: bool = False
    older_archive: tuple[PlanLine, ...] = ()

    @property
    def erased(self) -> tuple[PlanLine, ...]:
        """What goes: deleted, blanked or detached."""
        return tuple(line for line in self.lines if line.action is not Erasure.KEEP)

    @property
    def kept(self) -> tuple[PlanLine, ...]:
        """What stays of the person's rows, and what the erasure adds to it."""
        return (*(line for line in self.lines if line.action is Erasure.KEEP), *self.created)

    @property
    def nothing_found(self) -> tuple[Text, ...]:
        """Where nothing was found and nothing will stand afterwards: what the erasure adds is named as kept, once."""
        named = {str(line.label) for line in self.created}
        return tuple(label for label in self.searched if str(label) not in named)


@dataclass(frozen=True, slots=True)
class Found:
    """What one table holds about the person: number of rows, latest counting instant, digest of the keys, the rows that
    each hold keeps (a row under two of them counts with the older one), and what happens to the row as a whole."""

    holding: Holding
    count: int
    latest: datetime | None
    keys: str
    held: tuple[tuple[LegalHold, int], ...]
    erasure: Erasure

    @property
    def free(self) -> int:
        """The rows that no hold keeps."""
        return self.count - sum(count for _hold, count in self.held)

    @property
    def is_archive(self) -> bool:
        """True for the six-year archive: it stays with an erasure and goes with an objection."""
        return self.holding.model == ARCHIVE
