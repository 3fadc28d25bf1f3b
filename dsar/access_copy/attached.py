"""Puts the files that a person handed in into her copy, as they are, under names of ours (Art. 15(3))."""

import logging
from typing import Final

from datamap.registry import registry
from datamap.trace import Subject, rows_about
from dsar.access_copy.zipping import Entry, ZipStream
from dsar.attachments import EXTENSIONS, frames_of
from dsar.models import Attachment
from dsar.terms import AttachmentPurpose, FileKind
from vault.keys import VaultError

TABLE: Final = "dsar.Attachment"

log = logging.getLogger(__name__)


def write_files(zip_file: ZipStream, subject: Subject) -> tuple[list[Entry], bool]:
    """Stream each file into the copy; what was written, and whether all of it could be read.

    An identity document is not among them: it waits for its check and for nothing else.
    """
    found = rows_about(registry().holding(Attachment), subject, owned_only=True).filter(destroyed_at__isnull=True)
    entries, is_whole = [], True
    for file in found.exclude(purpose=AttachmentPurpose.IDENTITY).iterator():
        try:
            frames = frames_of(file)
        except (VaultError, FileNotFoundError, ValueError) as error:
            is_whole = False
            log.error("copy: a file could not be read: %s", type(error).__name__)  # noqa: TRY400 - values
            continue
        entry = zip_file.begin(f"files/{file.pk}.{EXTENSIONS[FileKind(file.kind)]}")
        try:
            for frame in frames:
                entry.write(frame)
        except VaultError as error:
            is_whole = False
            log.error("copy: a file could not be read: %s", type(error).__name__)  # noqa: TRY400 - values
        zip_file.end(entry)
        entries.append(entry)
    return entries, is_whole
