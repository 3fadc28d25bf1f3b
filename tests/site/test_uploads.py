"""What is uploaded stays in bounded memory, is never written to a disk in clear, and is refused by its size (H7)."""

import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory

from qlekta.uploads import LARGEST, MOST_HELD, BoundedUploadHandler


class Stream(BytesIO):
    """So many bytes of a form with files of one size, made while they are read."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self._pieces = self._made(sizes)
        self._left = b""

    def _made(self, sizes: list[int]) -> Any:
        for number, size in enumerate(sizes):
            yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="%d.pdf"\r\n\r\n' % number
            for start in range(0, size, 65536):
                yield b"\0" * min(size - start, 65536)
            yield b"\r\n"
        yield b"--b--\r\n"

    def read(self, size: int | None = -1) -> bytes:
        wanted = size if size is not None and size > 0 else 65536
        while len(self._left) < wanted and (piece := next(self._pieces, b"")):
            self._left += piece
        given, self._left = self._left[:wanted], self._left[wanted:]
        return given


def parsed(sizes: list[int]) -> list[Any]:
    request = RequestFactory().post("/")
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": sum(sizes) + 500}
    _post, files = MultiPartParser(meta, Stream(sizes), [BoundedUploadHandler(request)], "utf-8").parse()
    return files.getlist("f")


@pytest.mark.requirement("H7")
def test_thirty_megabytes_take_less_than_two_limits_of_memory() -> None:
    tracemalloc.start()
    try:
        (large,) = parsed([30_000_000])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * LARGEST
    assert large.size > LARGEST
    with pytest.raises(RequestDataTooBig):
        large.read()


def test_files_within_the_limits_are_whole() -> None:
    assert [len(file.read()) for file in parsed([5, 3_000_000])] == [5, 3_000_000]


def test_many_files_together_hold_no_more_than_all_may() -> None:
    files = parsed([9_000_000] * 5)
    assert sum(file.size for file in files if file.size <= LARGEST) <= MOST_HELD
    assert any(file.size > LARGEST for file in files)


def test_the_site_writes_no_upload_to_a_disk(settings: Any) -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["qlekta.uploads.BoundedUploadHandler"]
