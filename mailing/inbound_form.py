"""Reads the form in which the mail service hands a mail over: bytes as they are, whatever their size and charset.

Django's own reader would decode the mail as UTF-8, and refuse the larger ones.
"""

from email.parser import BytesHeaderParser
from typing import Final
from urllib.parse import parse_qsl

from django.http import HttpRequest

LARGEST_FORM: Final = 64 * 1024 * 1024
_MOST_FIELDS: Final = 500


class FormTooLarge(Exception):
    """More bytes than any mail service hands over."""


class BrokenForm(Exception):
    """Not a form."""


def read_form(request: HttpRequest) -> dict[str, bytes]:
    """The fields of the form; of several with one name the last. Raises FormTooLarge and BrokenForm."""
    body = request.read(LARGEST_FORM + 1)
    if len(body) > LARGEST_FORM:
        raise FormTooLarge
    match request.content_type:
        case "application/x-www-form-urlencoded":
            return _urlencoded(body)
        case "multipart/form-data":
            return _multipart(body, (request.content_params or {}).get("boundary", ""))
        case _:
            raise BrokenForm


def _urlencoded(body: bytes) -> dict[str, bytes]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS
        )
    except ValueError as trouble:
        raise BrokenForm from trouble
    return {name: value.encode("latin-1") for name, value in pairs}


def _multipart(body: bytes, boundary: str) -> dict[str, bytes]:
    if not boundary or not boundary.isascii():
        raise BrokenForm
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), _MOST_FIELDS + 1)
    fields: dict[str, bytes] = {}
    for part in parts[1:]:
        if part.startswith(b"--"):
            return fields
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            break
        name = BytesHeaderParser().parsebytes(head.lstrip()).get_param("name", "", "content-disposition")
        fields[str(name)] = content
    raise BrokenForm
