"""The access copy (Art. 15(3)): everything the map knows about one person, as one streamed ZIP file."""

from dsar.access_copy.archive import CopyReport, write_copy

__all__ = ["CopyReport", "write_copy"]
