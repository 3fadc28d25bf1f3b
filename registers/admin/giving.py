"""Gives an extract to staff as one JSON file, streamed, never kept on the way."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse

from registers.extracts import Extract


class Download:
    """Takes an extract and answers with its file."""

    def __init__(self) -> None:
        self._extract: Extract | None = None

    def __call__(self, extract: Extract) -> None:
        self._extract = extract

    def response(self) -> StreamingHttpResponse:
        """The file; only there once a disclosure was written."""
        if self._extract is None:
            raise LookupError("Nothing was disclosed.")
        response = StreamingHttpResponse(_lines(self._extract), content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="disclosure-{self._extract.number}.json"'
        response["Cache-Control"] = "no-store"
        return response


def _lines(extract: Extract) -> Iterator[str]:
    head = {"disclosure": extract.number, "recipient": extract.recipient}
    yield f'{{"head": {_json(head)}, "tables": {{\n'
    for number, (label, rows) in enumerate(extract.tables()):
        yield f"{',' if number else ''}{_json(label)}: [\n"
        yield from (f"{',' if place else ''}{_json(row)}\n" for place, row in enumerate(rows))
        yield "]\n"
    yield "}}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
