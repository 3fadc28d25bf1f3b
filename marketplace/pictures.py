"""Makes two clean pictures of a file that somebody calls a photo; nothing of the file itself goes on (ASVS 5.2, 5.4).

Bytes in, bytes out. What a camera wrote beside the picture (place, time, serial number, colour profile, comments) stays
behind, because only pixels are carried over, onto a canvas of our own.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from datamap.terms import Text

LARGEST_FILE: Final = 10 * 1024 * 1024
"""Bytes."""
MOST_PIXELS: Final = 40_000_000
"""Of the size that the file declares: looked at before a single pixel is decoded."""
LONGEST_SIDE: Final = 1600
SMALL: Final = (400, 300)

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_START_OF_SCAN: Final = b"\xff\xda"
_MOST_SCANS: Final = 100
"""A JPEG has ten or so; each one more costs a pass over the whole picture, and can be written in twenty bytes."""
_QUALITY: Final = 80
_ROWS: Final = 256
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is published of a photo, as WebP: the large picture, its width and height, and the small one of `SMALL`."""

    large: bytes
    small: bytes
    width: int
    height: int


class PictureRefused(Exception):
    """No picture was made."""

    sentence: Text = ""

    def about(self, number: int) -> str:
        """The sentence for the person, who chose several files: which one, counted from one, and why."""
        return str(self.sentence) % {"number": number}


class FileTooLarge(PictureRefused):
    """By its bytes."""

    sentence = _("Photo %(number)s is too large. One photo may have 10 MB, all that you send at once 30 MB.")


class TooManyPixels(PictureRefused):
    """By the size that it declares."""

    sentence = _("Photo %(number)s has too many pixels. It may have 40 megapixels; please save a smaller one.")


class NotAPhoto(PictureRefused):
    """Whatever its name says, it is none of the formats, or it is broken."""

    sentence = _("Photo %(number)s cannot be read. Please choose a whole JPEG, PNG or WebP file.")


def make_picture(data: bytes) -> Picture:
    """Decode a photo and paint it anew. Raises FileTooLarge, TooManyPixels and NotAPhoto, and nothing else.

    Of an animation the first picture is taken; what is transparent becomes white.
    """
    if len(data) > LARGEST_FILE:
        raise FileTooLarge
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            _check_cost(opened, data)
            opened.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG can be decoded at a half, a fourth, an eighth
            opened.load()
            large = _turned(_painted(opened), _orientation(opened))
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise TooManyPixels from None
    except Exception:  # noqa: BLE001 - a decoder that is fed with anything may raise anything, and its text may quote the file
        raise NotAPhoto from None
    small = ImageOps.fit(large, SMALL, Image.Resampling.LANCZOS)
    return Picture(_encoded(large), _encoded(small), large.width, large.height)


def _check_cost(opened: Image.Image, data: bytes) -> None:
    if opened.width * opened.height > MOST_PIXELS:
        raise TooManyPixels
    if data.startswith(b"\xff\xd8") and data.count(_START_OF_SCAN) > _MOST_SCANS:
        raise NotAPhoto


def _painted(opened: Image.Image) -> Image.Image:
    """The pixels on a canvas of our own, no side longer than allowed.

    Band by band, so that a picture of forty megapixels is never held twice.
    """
    step = max(1, max(opened.size) // LONGEST_SIDE)
    canvas = Image.new("RGB", (-(-opened.width // step), -(-opened.height // step)), "white")
    for top in range(0, opened.height, _ROWS * step):
        band = opened.crop((0, top, opened.width, min(top + _ROWS * step, opened.height)))
        canvas.paste(_in_colour(band).reduce(step), (0, top // step))
    canvas.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return canvas


def _in_colour(band: Image.Image) -> Image.Image:
    """Red, green and blue of eight bits, whatever the file had."""
    if band.mode.startswith("I"):  # 16 bits of grey
        return band.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if not band.has_transparency_data:
        return band.convert("RGB")
    clear = band.convert("RGBA")
    paper = Image.new("RGB", band.size, "white")
    paper.paste(clear, mask=clear)
    return paper


def _orientation(opened: Image.Image) -> int:
    """How the camera was held; a picture with damaged notes is still a picture."""
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - as above
        return 1


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _encoded(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=_QUALITY, method=4)
    return file.getvalue()
