"""What a benchmark found: a table for the reader, verdicts against the goals, JSON for comparison."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal: `value` may be at most `limit`."""

    what: str
    value: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{'met   ' if self.is_met else 'MISSED'} {self.what}: {self.value:.4g}, goal at most {self.limit:.4g}"


@dataclass(slots=True)
class Report:
    """The outcome of one benchmark."""

    name: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Prints the table and the verdicts."""
        cells = [list(self.columns), *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        for row in cells:
            first, *others = (
                cell.ljust(width) if not index else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            print("  ".join([first, *others]).rstrip())
        for line in (*self.notes, *self.verdicts):
            print(line)

    def save(self, path: Path) -> None:
        """Writes everything as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, default=str) + "\n", encoding="utf-8")


def middle(values: Sequence[float]) -> float:
    """The median: the noise of a shared machine is one-sided."""
    return float(median(values))


def progress(text: str) -> None:
    """Tells whoever waits where we are; not part of the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _text(cell: Cell) -> str:
    return (
        f"{cell:.4g}" if isinstance(cell, float) else f"{cell:,}".replace(",", " ") if isinstance(cell, int) else cell
    )
