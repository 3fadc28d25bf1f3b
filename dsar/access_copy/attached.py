"""Puts the files that belong to a person's rows into her copy, as they are, under names of ours (Art. 15(3), 20)."""

import logging
from collections.abc import Iterable, Iterator

from django.utils.module_loading import import_string

from datamap.declarations import Holding
from datamap.held_files import FileUnreadable, HeldFile
from datamap.trace import Subject, rows_about
from dsar.access_copy.zipping import Entry, ZipStream

log = logging.getLogger(__name__)


def write_files(
    zip_file: ZipStream, subject: Subject, holdings: Iterable[Holding]
) -> tuple[list[Entry], frozenset[str]]:
    """Stream each file of these tables into the copy: what was written, and the tables that were not read whole."""
    entries: list[Entry] = []
    unread = set()
    for table, file in _files_of(subject, holdings):
        try:
            pieces = file.pieces()
            first = next(pieces, b"")
        except FileUnreadable as error:
            unread.add(table)
            log.error("copy: a file of %s could not be read: %s", table, error)  # noqa: TRY400 - values
            continue
        entry = zip_file.begin(f"files/{file.name}")
        entry.write(first)
        try:
            for piece in pieces:
                entry.write(piece)
        except FileUnreadable as error:
            unread.add(table)
            log.error("copy: a file of %s could not be read: %s", table, error)  # noqa: TRY400 - values
        zip_file.end(entry)
        entries.append(entry)
    return entries, frozenset(unread)


def _files_of(subject: Subject, holdings: Iterable[Holding]) -> Iterator[tuple[str, HeldFile]]:
    for holding in holdings:
        if holding.files_with:
            rows = rows_about(holding, subject, owned_only=True)
            yield from ((holding.model, file) for file in import_string(holding.files_with)(rows))
