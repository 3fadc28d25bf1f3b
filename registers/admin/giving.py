"""Gives an extract to staff as one JSON file, streamed, never kept on the way."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse

from datamap.registry import registry
from registers.extracts import Extract


class Download:
    """Takes an extract and answers with its file."""

    def __init__(self) -> None:
        self._extract: Extract | None = None
        self._labels: dict[str, str] = {}

    def __call__(self, extract: Extract) -> None:
        self._extract = extract
        # Now, while the language of the member of staff is active: the file is streamed later.
        self._labels = {name: str(registry().holding(name).label) for name in extract.scope.tables}

    def response(self) -> StreamingHttpResponse:
        """The file; only there once a disclosure was written."""
        if self._extract is None:
            raise LookupError("Nothing was disclosed.")
        lines = _lines(self._extract, self._labels)
        response = StreamingHttpResponse(lines, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="disclosure-{self._extract.number}.json"'
        response["Cache-Control"] = "no-store"
        return response


def _lines(extract: Extract, labels: Mapping[str, str]) -> Iterator[str]:
    head = {"disclosure": extract.number, "recipient": extract.recipient}
    yield f'{{"head": {_json(head)}, "tables": [\n'
    for number, (name, rows) in enumerate(extract.tables()):
        yield f'{"," if number else ""}{{"table": {_json(name)}, "label": {_json(labels[name])}, "rows": [\n'
        yield from (f"{',' if place else ''}{_json(row)}\n" for place, row in enumerate(rows))
        yield "]}\n"
    yield "]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
