"""The answers that are files (Art. 15(3), 20(1)): everything the map knows about one person, each as a streamed ZIP."""

from dsar.access_copy.archive import CopyReport, write_copy
from dsar.access_copy.portability import write_portability

__all__ = ["CopyReport", "write_copy", "write_portability"]
