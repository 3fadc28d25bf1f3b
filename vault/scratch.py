"""Where a file waits while it is made: on disk, but readable to nobody, not even after a crash (Art. 32)."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_FRAME_BYTES: Final = 256 * 1024
_TAG_BYTES: Final = 16


class Scratch:
    """Takes bytes in order and gives them back once, in order.

    The file has no name, so that the system removes it with the process, and its key never leaves this object: what
    a disk still holds afterwards opens for nobody. Never more than one frame is held in memory.
    """

    def __init__(self) -> None:
        # Used for this one file alone: so the number of a frame is a nonce that never comes twice.
        self._key = AESGCM(AESGCM.generate_key(256))
        self._file: IO[bytes] | None = None
        self._buffer = bytearray()
        self._frames = 0

    def __enter__(self) -> Self:
        directory = Path(settings.VAR_DIR) / "scratch"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=directory)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open_file().close()

    def write(self, data: bytes, /) -> int:
        self._buffer += data
        while len(self._buffer) >= _FRAME_BYTES:
            self._seal(bytes(self._buffer[:_FRAME_BYTES]))
            del self._buffer[:_FRAME_BYTES]
        return len(data)

    def read(self) -> Iterator[bytes]:
        """Everything that was written, frame by frame; nothing can be written after it."""
        self._seal(bytes(self._buffer))
        self._buffer.clear()
        file = self._open_file()
        file.seek(0)
        for number in range(self._frames):
            yield self._key.decrypt(_nonce(number), file.read(_FRAME_BYTES + _TAG_BYTES), None)

    def _seal(self, frame: bytes) -> None:
        self._open_file().write(self._key.encrypt(_nonce(self._frames), frame, None))
        self._frames += 1

    def _open_file(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("A scratch file is used inside its `with` block.")
        return self._file


def _nonce(number: int) -> bytes:
    return number.to_bytes(12)
