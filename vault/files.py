"""Sealed files: packages and archives on disk, encrypted in frames, so that no cut goes unnoticed (Art. 32)."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction

from datamap.registry import registry
from vault.keys import NONCE_BYTES, TAG_BYTES, SealBroken, UnwrappedKey, data_key, existing_key

FRAME_BYTES: Final = 256 * 1024
_MAGIC: Final = b"QLS1"
_SEALED_FRAME_BYTES: Final = NONCE_BYTES + FRAME_BYTES + TAG_BYTES
_NAME: Final = re.compile(r"[0-9a-f]{64}")
_FILE: Final = re.compile(r"[0-9a-f]{64}(\.part)?")


class UnclaimedTable(LookupError):
    """No `SEALED_FILES` in a `privacy.py` names a field of this table."""


class SealedWriter:
    """Takes plaintext, leaves a sealed file under `name` when the block ends well, and nothing when it does not.

    Each frame is bound to its file, its number and whether it is the last: frames can be neither moved nor cut off.
    Never more than one frame is held in memory.
    """

    def __init__(self, key: UnwrappedKey, *, context: str) -> None:
        self.name = secrets.token_hex(32)
        self._key = key
        self._context = f"{context}|{self.name}"
        self._buffer = bytearray()
        self._frames = 0
        self._part = _directory() / f"{self.name}.part"
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        try:
            # As long as this process writes, nobody takes the file for one that was left behind.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._file.write(_MAGIC)
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, data: bytes) -> int:
        """Seal every full frame but the newest: only the end of the block tells which one is the last."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), FRAME_BYTES):
            self._buffer += view[start : start + FRAME_BYTES]
            if len(self._buffer) > FRAME_BYTES:
                self._seal_frame(bytes(self._buffer[:FRAME_BYTES]), last=False)
                del self._buffer[:FRAME_BYTES]
        return len(view)

    def flush(self) -> None:
        """Nothing to do: writers of ZIP files call it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abandon()
            return
        try:
            self._finish()
        except BaseException:
            self._abandon()
            raise

    def _seal_frame(self, plaintext: bytes, *, last: bool) -> None:
        self._open_file().write(self._key.encrypt(plaintext, context=_frame(self._context, self._frames, last=last)))
        self._frames += 1

    def _finish(self) -> None:
        self._seal_frame(bytes(self._buffer), last=True)
        file = self._open_file()
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._part.replace(_path(self.name))
        _sync_directory()

    def _abandon(self) -> None:
        self._part.unlink(missing_ok=True)
        if self._file is not None:
            self._file.close()

    def _open_file(self) -> BinaryIO:
        if self._file is None or self._file.closed:
            raise ValueError("A sealed file is written inside its `with` block.")
        return self._file


def sealed_writer(owner: UUID, *, context: str) -> SealedWriter:
    """A new file sealed under the owner's data key; use it with `with`, then store its `name`.

    `context` begins with the table whose row will name the file. Raises KeyDestroyed, and UnclaimedTable for a table
    that declares no field for such names: its files would be taken for left behind.
    """
    if context.partition("|")[0] not in _claiming_tables():
        raise UnclaimedTable(context)
    return SealedWriter(data_key(owner), context=context)


def read_sealed(owner: UUID, name: str, *, context: str) -> Iterator[bytes]:
    """The plaintext, frame by frame; each frame is checked before it is handed out.

    Raises KeyDestroyed, FileNotFoundError and SealBroken; a cut tail shows at the last frame, so whoever sends a file
    on must not call it complete before the iterator ends.
    """
    key = existing_key(owner)
    file = _path(name).open("rb")
    return _frames(file, key, f"{context}|{name}")


def sealed_size(name: str) -> int:
    """The length of the plaintext in bytes, told from the length of the file."""
    sealed = _path(name).stat().st_size - len(_MAGIC)
    frames = -(-sealed // _SEALED_FRAME_BYTES)
    return sealed - frames * (NONCE_BYTES + TAG_BYTES)


def delete_sealed(name: str) -> bool:
    """Remove the file; False where it was gone already."""
    try:
        _path(name).unlink()
    except FileNotFoundError:
        return False
    return True


def delete_on_commit(name: str) -> None:
    """Remove the file once what lets it go is certain: a file cannot be rolled back. An empty name is none."""
    if name:
        transaction.on_commit(partial(delete_sealed, name), robust=True)


def sealed_files() -> list[os.DirEntry[str]]:
    """What lies in the directory: finished files and, with the ending `.part`, unfinished ones."""
    with os.scandir(_directory()) as entries:
        return [entry for entry in entries if _FILE.fullmatch(entry.name)]


def _claiming_tables() -> set[str]:
    return {apps.get_model(place.rsplit(".", 1)[0])._meta.db_table for place in registry().sealed_files}


def _frames(file: BinaryIO, key: UnwrappedKey, context: str) -> Iterator[bytes]:
    with file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise SealBroken("This is no sealed file of this vault.")
        number = 0
        frame = file.read(_SEALED_FRAME_BYTES)
        while True:
            following = file.read(_SEALED_FRAME_BYTES)
            yield key.decrypt(frame, context=_frame(context, number, last=not following))
            if not following:
                return
            frame, number = following, number + 1


def _frame(context: str, number: int, *, last: bool) -> str:
    return f"{context}|frame {number}{' last' if last else ''}"


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError("Not the name of a sealed file.")
    return _directory() / name


def _directory() -> Path:
    directory = Path(settings.VAR_DIR) / "sealed"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def _sync_directory() -> None:
    descriptor = os.open(_directory(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
