"""What a person takes along (Art. 20): her own data, given or observed, under consent or contract, for programs."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from datamap.catalogue import catalogue
from datamap.declarations import Holding
from datamap.dpv import CATEGORY_TERMS, CONTEXT, LEGAL_BASIS_TERMS, SOURCE_TERMS
from datamap.registry import model_of, registry
from datamap.terms import Access, Category, LawfulBasis, Source
from datamap.trace import Subject, rows_about
from dsar.access_copy.archive import CopyReport, frozen_view, progress
from dsar.access_copy.attached import write_files
from dsar.access_copy.cells import json_value
from dsar.access_copy.contents import table_for
from dsar.access_copy.guide import NAME, guide_to_portable
from dsar.access_copy.rows import read_chunks
from dsar.access_copy.statements import controller
from dsar.access_copy.stood import AsItStood, stood_for
from dsar.access_copy.zipping import Entry, Sink, ZipStream
from dsar.models import Package, SubjectRequest
from vault.scratch import Scratch

SCHEMA: Final = "/privacy/schema/portability-1.json"
TYPE: Final = "qlekta-portability/1"
BASES: Final = frozenset({LawfulBasis.CONSENT, LawfulBasis.CONTRACT})
SOURCES: Final = frozenset({Source.PROVIDED, Source.OBSERVED})


def write_portability(
    sink: Sink, subject: Subject, *, case: SubjectRequest | None, package: Package | None, now: datetime
) -> CopyReport:
    """Write what Art. 20 covers into `sink`: `portability.json` after the published schema, the same as JSON-LD in the
    words of W3C DPV, the files of these tables, and a manifest: every table, also what is left out, and why.

    Codes stay codes and instants are ISO 8601: another service reads them. One frozen view, one pass, bounded memory;
    rows that belong to other people stay out (Art. 20(4)). A table that cannot be read fails the whole.
    """
    number = case.number if case else ""
    holdings = [holding for holding in registry().holdings if is_portable(holding)]
    with frozen_view(), Scratch() as scratch:
        zip_file = ZipStream(sink, at=now)
        guide = zip_file.add(NAME, guide_to_portable(number))
        plain, linked = zip_file.begin("portability.json"), Entry("portability.jsonld", scratch)
        _begin(plain, _preamble(number, now), "data")
        _begin(linked, _linked_preamble(now), "dpv:hasProcess")
        counts: dict[str, int] = {}
        with progress(package, [table_for(holding, subject) for holding in holdings]) as advance:
            for index, holding in enumerate(holdings):
                for entry, head in ((plain, _described(holding)), (linked, _linked(holding))):
                    entry.write(("," if index else "").encode() + _open(head))
                counts[holding.model] = 0
                for record in _records(holding, subject, stood_for(case, subject)):
                    for entry in (plain, linked):
                        entry.write((b",\n" if counts[holding.model] else b"\n") + record)
                    counts[holding.model] += 1
                advance(counts[holding.model])
                plain.write(b"]}")
                linked.write(b"]}}}")
        plain.write(b"\n]}\n")
        zip_file.end(plain)
        linked.write(b"\n]}\n")
        linked.finish()
        zip_file.take_over(linked, scratch.read())
        attached, unread = write_files(zip_file, subject, holdings)
        manifest = _manifest(number, now, counts, [guide, plain, linked, *attached])
        zip_file.add("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2).encode())
        zip_file.close()
    broken = tuple(str(holding.label) for holding in holdings if holding.model in unread)
    return CopyReport(sum(counts.values()), zip_file.size, manifest, broken)


def is_portable(holding: Holding) -> bool:
    """Whether a table is one of those that Art. 20(1) speaks of; what is derived or inferred is not."""
    return holding.basis in BASES and holding.source in SOURCES


def _fields(holding: Holding) -> dict[str, str]:
    """Field -> column, of all that the person may read; keys that lead to rows of ours mean nothing elsewhere."""
    fields = {field.name: field for field in model_of(holding)._meta.concrete_fields}
    return {
        name: fields[name].attname
        for name, item in holding.personal.items()
        if item.on_access.verdict is Access.DISCLOSE and not fields[name].is_relation
    }


def _records(holding: Holding, subject: Subject, stood: AsItStood | None) -> Iterator[bytes]:
    columns = _fields(holding)
    if not columns:
        return
    for chunk in read_chunks(rows_about(holding, subject, owned_only=True), list(columns.values())):
        for row in zip(*chunk, strict=True):
            yield _as_json({name: json_value(value) for name, value in zip(columns, row, strict=True)})
    for record in stood.records(table_for(holding, subject), columns) if stood else ():
        yield _as_json(record)


def _as_json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode()


def _preamble(number: str, now: datetime) -> dict[str, Any]:
    return {
        "$schema": f"{settings.SITE_URL}{SCHEMA}",
        "type": TYPE,
        "request": number,
        "built_at": now.isoformat(),
        "controller": controller(),
    }


def _described(holding: Holding) -> dict[str, Any]:
    return {
        "table": holding.model,
        "label": str(holding.label),
        "basis": LawfulBasis(holding.basis).value,
        "source": Source(holding.source).value,
        "purposes": list(holding.purposes),
        "fields": [{"name": name, "category": holding.personal[name].category.value} for name in _fields(holding)],
        "records": [],
    }


def _linked_preamble(now: datetime) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "dpv:Process",
        "dct:created": {"@value": now.isoformat(), "@type": "xsd:dateTime"},
        "dpv:hasRight": {"@id": "eu-gdpr:A20"},
        "dpv:hasDataController": {"@type": "dpv:DataController", "dpv:hasName": catalogue().controller.name},
    }


def _linked(holding: Holding) -> dict[str, Any]:
    purposes = [catalogue().purposes[code] for code in holding.purposes]
    categories = dict.fromkeys(Category(holding.personal[name].category) for name in _fields(holding))
    return {
        "@type": "dpv:Process",
        "dct:title": str(holding.label),
        "dpv:hasLegalBasis": {"@id": LEGAL_BASIS_TERMS[LawfulBasis(holding.basis)]},
        "dpv:hasPurpose": [{"@type": "dpv:Purpose", "dct:title": str(purpose.label)} for purpose in purposes],
        "dpv:hasPersonalData": {
            "@type": [SOURCE_TERMS[Source(holding.source)], *(CATEGORY_TERMS[category] for category in categories)],
            "rdf:value": {"@type": "@json", "@value": []},
        },
    }


def _begin(entry: Entry, preamble: dict[str, Any], name: str) -> None:
    head = json.dumps(preamble, ensure_ascii=False, indent=1)
    entry.write(f'{head[:-2]},\n "{name}": ['.encode())


def _open(head: dict[str, Any]) -> bytes:
    """The text of an object up to the inside of its last list, which is empty still."""
    text = json.dumps(head, ensure_ascii=False)
    return f"\n{text[: text.rindex('[') + 1]}".encode()


def _manifest(number: str, now: datetime, counts: dict[str, int], files: list[Entry]) -> dict[str, Any]:
    left_out = [holding for holding in registry().holdings if holding.model not in counts]
    return {
        "type": TYPE,
        "schema": SCHEMA,
        "request": number,
        "built_at": now.isoformat(),
        "tables": [{"table": table, "rows": rows} for table, rows in counts.items()],
        "left_out": [
            {
                "table": holding.model,
                "basis": LawfulBasis(holding.basis).value,
                "source": Source(holding.source).value,
                "article": "20(1)(a)" if holding.basis not in BASES else "20(1)",
            }
            for holding in left_out
        ],
        "rows": sum(counts.values()),
        "files": {item.name: {"bytes": item.size, "crc32": f"{item.checksum:08x}"} for item in files},
    }
