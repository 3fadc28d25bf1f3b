"""A ZIP file that is streamed to its sink, deflated by ISA-L: four times as fast as zlib, and smaller (APPNOTE 6.3.10).

`zipfile` takes no other compressor, and no entry that was compressed elsewhere while another one was being written.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from isal import isal_zlib

from datamap.periods import RIGA

_LEVEL: Final = 1
_RAW: Final = -15
_VERSION: Final = 45  # ZIP64
_MADE_BY: Final = 3 << 8 | _VERSION  # Unix, for the rights of the file
_FLAGS: Final = 1 << 3 | 1 << 11  # sizes follow the data; names are UTF-8
_DEFLATE: Final = 8
_FULL: Final = 0xFFFFFFFF
_RIGHTS: Final = 0o600 << 16


class Sink(Protocol):
    """Where bytes go, in order."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(slots=True)
class Entry:
    """One file of the ZIP while it is written: its bytes go in, what is left of them goes to `sink`."""

    name: str
    sink: Sink
    size: int = 0
    packed: int = 0
    checksum: int = 0
    offset: int = 0
    _deflate: Any = None

    def write(self, data: bytes, /) -> int:
        """Packs the bytes here and now: to hand them to another thread costs as much as ISA-L takes for them."""
        if self._deflate is None:
            self._deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW)
        self.checksum = isal_zlib.crc32(data, self.checksum)
        self.size += len(data)
        self._pass_on(self._deflate.compress(data))
        return len(data)

    def finish(self) -> None:
        """No more bytes come."""
        self.write(b"")
        self._pass_on(self._deflate.flush())
        self._deflate = None

    def _pass_on(self, packed: bytes) -> None:
        self.packed += len(packed)
        self.sink.write(packed)


class ZipStream:
    """Writes one entry after the other and, at the end, the directory; never seeks, never holds an entry."""

    def __init__(self, sink: Sink, *, at: datetime) -> None:
        self._sink = sink
        self._entries: list[Entry] = []
        self.size = 0
        """Bytes that went to the sink."""
        self._stamp = _dos_time(at)

    def begin(self, name: str) -> Entry:
        """The next entry; `end` it before another one begins."""
        entry = Entry(name, self._sink)
        self._open(entry)
        return entry

    def end(self, entry: Entry) -> None:
        """Finish what `begin` gave."""
        entry.finish()
        self.size += entry.packed
        self._close(entry)

    def add(self, name: str, data: bytes) -> Entry:
        """A whole small file."""
        entry = self.begin(name)
        entry.write(data)
        self.end(entry)
        return entry

    def take_over(self, entry: Entry, packed: Iterable[bytes]) -> None:
        """An entry that was written and finished elsewhere, from what it left there."""
        self._open(entry)
        for part in packed:
            self._write(part)
        self._close(entry)

    def close(self) -> None:
        """The directory, and where it is."""
        start = self.size
        for entry in self._entries:
            self._write(self._listed(entry))
        size, count = self.size - start, len(self._entries)
        zip64 = self.size
        self._write(struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, _MADE_BY, _VERSION, 0, 0, count, count, size, start))
        self._write(struct.pack("<4sIQI", b"PK\6\7", 0, zip64, 1))
        few = min(count, 0xFFFF)
        self._write(struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, few, few, min(size, _FULL), min(start, _FULL), 0))

    def _open(self, entry: Entry) -> None:
        entry.offset = self.size
        name = entry.name.encode()
        extra = struct.pack("<HHQQ", 1, 16, 0, 0)
        sizes = (0, _FULL, _FULL)
        head = (_VERSION, _FLAGS, _DEFLATE, *self._stamp, *sizes, len(name), len(extra))
        self._write(struct.pack("<4sHHHHHIIIHH", b"PK\3\4", *head) + name + extra)

    def _close(self, entry: Entry) -> None:
        self._write(struct.pack("<4sIQQ", b"PK\7\x08", entry.checksum, entry.packed, entry.size))
        self._entries.append(entry)

    def _listed(self, entry: Entry) -> bytes:
        name = entry.name.encode()
        extra = struct.pack("<HHQQQ", 1, 24, entry.size, entry.packed, entry.offset)
        sizes = (entry.checksum, _FULL, _FULL)
        head = (_MADE_BY, _VERSION, _FLAGS, _DEFLATE, *self._stamp, *sizes, len(name), len(extra), 0, 0, 0)
        return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", *head, _RIGHTS, _FULL) + name + extra

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self.size += len(data)


def _dos_time(at: datetime) -> tuple[int, int]:
    local = at.astimezone(RIGA)
    clock = local.hour << 11 | local.minute << 5 | local.second // 2
    return clock, (local.year - 1980) << 9 | local.month << 5 | local.day
