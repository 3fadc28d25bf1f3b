"""Takes uploaded files into bounded memory: nothing of them ever stands on a disk in clear (Art. 32; security H7)."""

from io import BytesIO
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of one file."""
MOST_HELD: Final = 30 * 1024 * 1024
"""Bytes of all files of one request."""
MOST_READ: Final = 64 * 1024 * 1024
"""After so many bytes nobody listens any more."""


class _Unread(BytesIO):
    """Stands for a file that is too large: a form refuses it by its size, and whoever reads it all the same fails."""

    def read(self, *_: Any) -> bytes:
        raise RequestDataTooBig("An uploaded file is larger than this site takes.")

    def readinto(self, *_: Any) -> int:
        raise RequestDataTooBig("An uploaded file is larger than this site takes.")


class BoundedUploadHandler(FileUploadHandler):
    """Django's own handlers write what is larger than 2.5 MB to the disk of the server, as it is."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._held = 0
        self._read = 0

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self._content: bytearray | None = bytearray()
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        self._read += len(raw_data)
        if self._read > MOST_READ:
            raise StopUpload(connection_reset=True)
        if self._content is None:
            return
        self._content += raw_data
        self._held += len(raw_data)
        if self._size > LARGEST or self._held > MOST_HELD:
            self._held -= len(self._content)
            self._content = None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        is_whole = self._content is not None
        return InMemoryUploadedFile(
            BytesIO(self._content or b"") if is_whole else _Unread(),
            self.field_name,
            self.file_name,
            self.content_type,
            self._size if is_whole else max(self._size, LARGEST + 1),
            self.charset,
            self.content_type_extra,
        )
