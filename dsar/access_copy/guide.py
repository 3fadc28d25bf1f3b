"""README.txt: what lies in the file that somebody has just unpacked, and what to open first (Art. 12(1))."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from datamap.catalogue import catalogue

NAME: Final = "README.txt"


def guide_to_copy(number: str) -> bytes:
    """What an access copy holds, file by file."""
    return _joined(
        _heading(_("Your copy of your data"), number),
        (
            _("Begin with index.html: it opens in your browser, without the internet, and says everything in words."),
            _("files: your photographs and the documents that you sent us, where there are any."),
            _("tables: a file for each table, for spreadsheets. One with a single line holds nothing about you."),
            _("data.json: the same once more, for programs."),
            _("manifest.json: a list of all files with their fingerprints, to check that nothing was changed."),
        ),
        _ending(),
    )


def guide_to_portable(number: str) -> bytes:
    """What a copy for taking along holds."""
    return _joined(
        _heading(_("Your data to take along"), number),
        (
            _("These files are for another service: give it portability.json. They are not made for reading."),
            _("portability.jsonld: the same for services that read linked data."),
            _("files: your photographs and the documents that you sent us, where there are any."),
            _("manifest.json: a list of all files with their fingerprints, to check that nothing was changed."),
            _("If you want to read what we hold about you, ask us for a copy instead: My privacy, “Get my copy”."),
        ),
        _ending(),
    )


def _heading(title: str, number: str) -> tuple[str, ...]:
    if not number:
        return (title,)
    return (title, _("Request %(number)s") % {"number": number})


def _ending() -> tuple[str, ...]:
    controller = catalogue().controller
    return (
        _("Whoever has this file knows what we know about you. Do not leave it on a computer that others use."),
        _("Questions, or something is wrong: %(controller)s, %(email)s")
        % {"controller": controller.name, "email": controller.email},
    )


def _joined(*parts: Iterable[str]) -> bytes:
    """With the ends of lines that every editor knows, and a mark of UTF-8 for those that would guess."""
    return "\r\n\r\n".join("\r\n".join(part) for part in parts).encode("utf-8-sig")
