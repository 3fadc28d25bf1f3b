"""Sealed files: framed, bound to their name and order, private on disk, all or nothing (C1, C5, D1)."""

import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from vault.files import FRAME_BYTES, delete_sealed, read_sealed, sealed_size, sealed_writer
from vault.keys import KeyDestroyed, SealBroken, destroy_key

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C5", "D1")]
CONTEXT = "dsar_package|file|1"
_SEALED_FRAME = 12 + FRAME_BYTES + 16


@pytest.fixture(autouse=True)
def sealed_directory(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "sealed"


@pytest.fixture
def owner() -> UUID:
    return uuid4()


def write(owner: UUID, *parts: bytes) -> str:
    with sealed_writer(owner, context=CONTEXT) as file:
        for part in parts:
            file.write(part)
    return file.name


def read(owner: UUID, name: str, *, context: str = CONTEXT) -> bytes:
    return b"".join(read_sealed(owner, name, context=context))


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES])
def test_a_file_of_any_size_comes_back(owner: UUID, size: int) -> None:
    plaintext = bytes(range(251)) * (size // 251 + 1)
    name = write(owner, plaintext[: size // 3], plaintext[size // 3 : size])
    assert (read(owner, name), sealed_size(name)) == (plaintext[:size], size)


def test_only_the_site_may_read_the_directory_and_the_file(owner: UUID, sealed_directory: Path) -> None:
    name = write(owner, b"planted canary")
    assert (sealed_directory.stat().st_mode & 0o777, (sealed_directory / name).stat().st_mode & 0o777) == (0o700, 0o600)
    assert b"canary" not in (sealed_directory / name).read_bytes()
    assert len(name) == 64


def test_a_zip_can_be_streamed_into_it(owner: UUID, tmp_path: Path) -> None:
    with sealed_writer(owner, context=CONTEXT) as file, zipfile.ZipFile(cast("BinaryIO", file), "w") as archive:
        archive.writestr("data.json", "{}" * FRAME_BYTES)
    copy = tmp_path / "copy.zip"
    copy.write_bytes(read(owner, file.name))
    assert zipfile.ZipFile(copy).read("data.json") == b"{}" * FRAME_BYTES


def tampered(sealed: bytes) -> Iterator[bytes]:
    head, frames = sealed[:4], [sealed[4 + i * _SEALED_FRAME :][:_SEALED_FRAME] for i in range(3)]
    yield head + frames[0] + frames[1]  # the last frame cut off
    yield sealed[:-1]
    yield head  # everything cut off
    yield b""
    yield head + frames[1] + frames[0] + frames[2]  # reordered
    yield head + frames[0] + frames[0] + frames[2]  # repeated
    yield sealed + frames[2]  # lengthened
    yield sealed[:5000] + bytes([sealed[5000] ^ 1]) + sealed[5001:]


def test_truncation_reordering_and_alteration_are_found(owner: UUID, sealed_directory: Path) -> None:
    name = write(owner, b"x" * (2 * FRAME_BYTES + 10))
    path = sealed_directory / name
    sealed = path.read_bytes()
    for broken in tampered(sealed):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            read(owner, name)
    path.write_bytes(sealed)
    assert len(read(owner, name)) == 2 * FRAME_BYTES + 10


def test_a_file_opens_only_under_its_name_its_context_and_its_owner(owner: UUID, sealed_directory: Path) -> None:
    name, other = write(owner, b"mine"), write(owner, b"other")
    stranger = uuid4()
    write(stranger, b"")
    with pytest.raises(SealBroken):
        read(owner, name, context="dsar_package|file|2")
    with pytest.raises(SealBroken):
        read(stranger, name)
    (sealed_directory / name).write_bytes((sealed_directory / other).read_bytes())
    with pytest.raises(SealBroken):
        read(owner, name)


def test_a_failed_write_leaves_nothing(owner: UUID, sealed_directory: Path) -> None:
    def fail_half_way() -> None:
        with sealed_writer(owner, context=CONTEXT) as file:
            file.write(b"x" * FRAME_BYTES * 2)
            assert list(sealed_directory.iterdir()) == [sealed_directory / f"{file.name}.part"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert list(sealed_directory.iterdir()) == []


def test_a_finish_that_fails_leaves_nothing(owner: UUID, sealed_directory: Path) -> None:
    with pytest.raises(FileNotFoundError), sealed_writer(owner, context=CONTEXT) as file:
        (sealed_directory / f"{file.name}.part").unlink()
    assert list(sealed_directory.iterdir()) == []


def test_memory_does_not_grow_with_the_file(owner: UUID) -> None:
    part = b"z" * FRAME_BYTES
    tracemalloc.start()
    name = write(owner, *(part for _ in range(40)))
    assert sum(len(frame) for frame in read_sealed(owner, name, context=CONTEXT)) == 40 * FRAME_BYTES
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * FRAME_BYTES


def test_a_destroyed_key_closes_the_file_and_a_deleted_file_is_gone(owner: UUID) -> None:
    name = write(owner, b"gone")
    destroy_key(owner, now=datetime(2026, 5, 1, tzinfo=UTC))
    with pytest.raises(KeyDestroyed):
        read_sealed(owner, name, context=CONTEXT)
    with pytest.raises(KeyDestroyed):
        sealed_writer(owner, context=CONTEXT)
    assert [delete_sealed(name), delete_sealed(name)] == [True, False]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_nothing_but_a_name_of_ours_is_opened(owner: UUID, name: str) -> None:
    write(owner, b"")
    for call in (lambda: read(owner, name), lambda: delete_sealed(name), lambda: sealed_size(name)):
        with pytest.raises(ValueError, match="Not the name"):
            call()
