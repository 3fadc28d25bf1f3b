"""Files that belong to rows, as a copy takes them along (Art. 15(3), 20): a `Holding` names them with `files_with`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class FileUnreadable(Exception):
    """The row is there and its file is not, or does not open; the text is the class of the error and nothing else."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """`name` is what the file is called in a copy, of letters of ours; `pieces` gives its bytes, or raises
    FileUnreadable."""

    name: str
    pieces: Callable[[], Iterator[bytes]]
