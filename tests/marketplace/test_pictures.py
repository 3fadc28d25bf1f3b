"""What somebody calls a photo becomes clean pixels of a bounded size, or a sentence (ASVS 5.2, 5.4)."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from marketplace import pictures
from marketplace.pictures import FileTooLarge, NotAPhoto, PictureRefused, TooManyPixels, make_picture

CAMERA = "Canikon 4711, Rīga 56.94 N 24.10 E"


def photo(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A file with a red left half and a blue right one, where the mode knows colours."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    image.convert(mode).save(file, kind, **options)
    return file.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def colour(image: Image.Image, x: int, y: int) -> str:
    """Which of the three a pixel is nearest to."""
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    known = {"red": (255, 0, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    return min(known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], pixel, strict=True)))


def told(kind: str) -> bytes:
    """A photo whose file tells of its camera and its place in every way that its format has."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif.get_ifd(0x8825)[2] = (56.0, 56.0, 56.0)
    options: dict[str, Any] = {"exif": exif, "icc_profile": CAMERA.encode()}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", CAMERA)
    else:
        options["xmp"] = CAMERA.encode()
    if kind == "JPEG":
        options["comment"] = CAMERA.encode()
    return photo(kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_a_camera_wrote_beside_the_picture_goes_on(kind: str) -> None:
    data = told(kind)
    assert b"Canikon 4711" in data
    made = make_picture(data)
    for file in (made.large, made.small):
        assert b"Canikon" not in file
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {file[place : place + 4] for place in range(len(file))}
        assert dict(seen(file).getexif()) == {}


@pytest.mark.parametrize(
    ("orientation", "red"), [(1, (2, 24)), (2, (61, 24)), (3, (61, 24)), (6, (24, 2)), (8, (24, 61))]
)
def test_a_picture_is_turned_as_the_camera_was_held(orientation: int, red: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = seen(make_picture(photo("PNG", exif=exif)).large)
    assert made.size == ((64, 48) if orientation < 5 else (48, 64))
    assert colour(made, *red) == "red"


@pytest.mark.parametrize("size", [(4000, 1000), (1000, 4000), (1600, 1200), (3201, 2), (1, 5000), (1, 1)])
def test_the_large_one_has_no_side_over_1600_and_the_small_one_its_frame(size: tuple[int, int]) -> None:
    made = make_picture(photo("PNG", size=size))
    assert seen(made.large).size == (made.width, made.height)
    assert max(made.width, made.height) == min(max(size), 1600)
    assert seen(made.small).size == (400, 300)
    assert (seen(made.large).format, seen(made.small).format) == ("WEBP", "WEBP")


@pytest.mark.parametrize(
    "kind_and_mode", ["JPEG CMYK", "JPEG L", "PNG P", "PNG L", "PNG 1", "PNG RGBA", "PNG LA", "WEBP RGBA"]
)
def test_every_kind_of_pixels_is_painted(kind_and_mode: str) -> None:
    kind, mode = kind_and_mode.split()
    made = seen(make_picture(photo(kind, mode=mode)).large)
    assert made.mode == "RGB"
    if mode in {"CMYK", "P", "RGBA"}:
        assert (colour(made, 5, 24), colour(made, 60, 24)) == ("red", "blue")


def test_sixteen_bits_of_grey_keep_their_light() -> None:
    image = Image.new("I;16", (40, 30), 0xC000)
    file = BytesIO()
    image.save(file, "PNG")
    assert seen(make_picture(file.getvalue()).large).getpixel((20, 15)) == pytest.approx((192, 192, 192), abs=3)


def test_what_is_transparent_becomes_white_and_hides_nothing() -> None:
    image = Image.new("RGBA", (40, 30), (255, 0, 0, 0))
    file = BytesIO()
    image.save(file, "PNG")
    assert colour(seen(make_picture(file.getvalue()).large), 20, 15) == "white"


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    file = BytesIO()
    first.save(file, kind, save_all=True, append_images=[second], duration=100)
    made = seen(make_picture(file.getvalue()).large)
    assert colour(made, 20, 15) == "red"
    assert getattr(made, "n_frames", 1) == 1


def declared(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("size", [(6400, 6400), (60_000, 60_000), (2_000_000_000, 2_000_000_000)])
def test_a_decompression_bomb_is_refused_by_what_it_declares(size: tuple[int, int]) -> None:
    with pytest.raises(TooManyPixels):
        make_picture(declared(*size))


def test_a_jpeg_of_endless_passes_is_refused_before_the_first() -> None:
    data = photo("JPEG", progressive=True)
    make_picture(data)
    start = data.index(b"\xff\xda")
    with pytest.raises(NotAPhoto):
        make_picture(data[:start] + data[start:-2] * 101 + data[-2:])


@pytest.mark.requirement("H7")
def test_a_file_over_ten_megabytes_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "Image", None)
    with pytest.raises(FileTooLarge):
        make_picture(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\xff\xd8\xff<html><script>alert(1)</script>",
        photo("JPEG")[:-40],
        photo("PNG")[:100],
        photo("WEBP")[:60],
        photo("TIFF"),
        photo("BMP"),
        declared(0, 0),
        declared(64, 48),
    ],
)
def test_what_is_no_whole_photo_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        make_picture(data)


def test_a_refusal_says_which_photo_and_nothing_of_it() -> None:
    with pytest.raises(PictureRefused) as refused:
        make_picture(b"<html>secret</html>")
    assert "2" in refused.value.about(2)
    assert "secret" not in refused.value.about(2)
    assert refused.value.__cause__ is None


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=8)), max_size=6),
    cut=st.integers(0, 2000),
)
def test_damaged_files_make_a_picture_or_a_refusal_and_nothing_else(
    kind: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(told(kind))
    for place, other in changes:
        start = place % len(data)
        data[start : start + len(other)] = other
    try:
        made = make_picture(bytes(data[: len(data) - cut % 50]))
    except PictureRefused:
        return
    assert max(seen(made.large).size) <= 1600
