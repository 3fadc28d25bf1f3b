"""The readable page of a copy: self-contained, inert, every value escaped, nothing from another place (security D9)."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from datamap.periods import RIGA
from dsar.access_copy.cells import text_value
from dsar.access_copy.contents import Table
from dsar.access_copy.portions import FEW_ROWS, Found, Row
from dsar.access_copy.statements import (
    RecipientFacts,
    Statements,
    TableFacts,
    automated_decisions,
    backups,
    controller,
    further_rights,
)
from dsar.countries import country_name

_STYLE: Final = (Path(__file__).parent / "copy.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def page_of(said: Statements, tables: Iterable[tuple[Table, TableFacts, Found]]) -> str:
    """The whole page; a table shows its first rows and names the file that holds all of them."""
    sections = (_section(table, facts, found) for table, facts, found in tables if found.rows or found.is_broken)
    return "".join([_head(), _opening(said), _contents(said), *sections, _closing()])


def _head() -> str:
    title = escape(_("Copy of your personal data"))
    policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{escape(get_language() or "lv")}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title} – {escape(catalogue().controller.name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{title}</h1>\n"
    )


def _opening(said: Statements) -> str:
    authority = catalogue().authority
    pairs = [
        (_("Answer"), said.confirmation),
        *([(_("Could not be read"), _unread(said))] if said.broken else []),
        (_("Request"), said.number or "–"),
        (_("State of"), _readable(said.at)),
        (_("Controller"), ", ".join(controller().values())),
        (_("Why"), "; ".join(said.purposes) or _("for nothing: we hold nothing")),
        (_("Categories"), "; ".join(said.categories) or _("none")),
        (_("Countries outside the European Economic Area"), "; ".join(said.transfers) or _("none")),
        (_("Your further rights"), "; ".join(further_rights())),
        (_("Complaint"), f"{authority.name}, {authority.address}, {authority.url}"),
        (_("Automated decisions"), automated_decisions()),
        (_("Backups"), backups()),
        (_("For programs"), _for_programs()),
    ]
    return _facts(pairs) + _recipients(said.recipients) + _stores(said)


def _for_programs() -> str:
    return _(
        "data.json holds the same data, with every row; the folder “tables” holds one CSV file with all rows for each"
        " table."
    )


def _unread(said: Statements) -> str:
    sentence = _("These are missing or not whole: %(names)s. We have noted it; please write to us if you need them.")
    return sentence % {"names": "; ".join(said.broken)}


def _recipients(recipients: Iterable[RecipientFacts]) -> str:
    rows = [
        [
            item.name,
            item.role,
            item.service,
            " – ".join(filter(None, [country_name(item.country), item.safeguard])),
            "; ".join(filter(None, [item.received, item.answered, *item.holds])),
        ]
        for item in recipients
    ]
    heading = _heading(_("Who received data about you"))
    if not rows:
        return heading + _paragraph(_("Nobody outside our company."))
    names = [_("name"), _("role"), _("for what"), _("country and safeguard"), _("what and when")]
    return heading + _table(names, rows, label=_("Who received data about you"))


def _stores(said: Statements) -> str:
    rows = [[item.label, item.holds, item.period, _records(item.records, failed=item.failed)] for item in said.stores]
    if not rows:
        return ""
    names = [_("place"), _("what lies there"), _("how long"), _("records about you")]
    return _heading(_("Other places")) + _table(names, rows, label=_("Other places"))


def _records(count: int | None, *, failed: bool) -> str:
    if failed:
        return _("could not be read")
    return _("not to be told apart there") if count is None else str(count)


def _contents(said: Statements) -> str:
    """What was found comes first; where nothing was is named in one sentence."""
    found = [item for item in said.tables if item.row_count or item.failed]
    rows = [[item.label, _records(item.row_count, failed=item.failed), item.period or "–"] for item in found]
    empty = [item.label for item in said.tables if not (item.row_count or item.failed)]
    heading = _heading(_("What we searched and found"))
    table = _table([_("table"), _("rows"), _("how long")], rows, label=_("What we searched and found")) if rows else ""
    nothing = _("Searched too, and nothing found (0 rows): %(names)s.") % {"names": "; ".join(empty)}
    return heading + table + (_paragraph(nothing) if empty else "")


def _section(table: Table, facts: TableFacts, found: Found) -> str:
    if not found.rows:
        return f"<section>\n<h2>{escape(facts.label)}</h2>\n{_paragraph(_('could not be read'))}</section>\n"
    names = [*(column.label for column in table.columns), _("kept until")]
    return "".join(
        [
            f"<section>\n<h2>{escape(facts.label)}</h2>\n",
            _facts(_about(facts)),
            _not_copied(facts),
            _rows_caption(facts),
            _table(names, (list(_cells(row)) for row in found.first), label=facts.label),
            "</section>\n",
        ]
    )


def _not_copied(facts: TableFacts) -> str:
    if not facts.not_copied:
        return ""
    names = [_("field"), _("what we do"), _("why")]
    rows = [[item["field"], item["verdict"], item["reason"]] for item in facts.not_copied]
    return _table(names, rows, label=f"{facts.label}: {_('Not copied')}", caption=_("Not copied"))


def _about(facts: TableFacts) -> list[tuple[str, str]]:
    term = ", ".join(filter(None, [facts.period, facts.counted_from, facts.period_source]))
    came = _days(facts.first_came_on, facts.last_came_on)
    return [
        (_("Why"), "; ".join(facts.purposes)),
        (_("Lawful basis"), ", ".join(filter(None, [facts.basis, facts.act]))),
        (_("Where from"), facts.source),
        (_("When"), came or _("see the times in the rows")),
        (_("Categories"), "; ".join(facts.categories)),
        (_("Where it lies"), facts.place),
        (_("How long"), term),
        (_("Goes on"), _days(facts.first_goes_on, facts.last_goes_on) or facts.period),
        (_("Recipients"), "; ".join(facts.recipients) or _("nobody outside our company")),
        (_("Rights"), "; ".join(facts.rights)),
        *([(_("Note"), facts.why)] if facts.why else []),
    ]


def _days(first: date | None, last: date | None) -> str:
    return " – ".join(dict.fromkeys(_readable(day) for day in (first, last) if day))


def _rows_caption(facts: TableFacts) -> str:
    count = ngettext("%(count)d row.", "%(count)d rows.", facts.row_count) % {"count": facts.row_count}
    more = _("The first %(few)d rows are shown here, all of them are in %(file)s.")
    parts = [count]
    if facts.failed:
        parts.append(_("We could not read all of it."))
    if facts.as_it_stood_on:
        parts.append(_gone(facts.rows_as_received, facts.as_it_stood_on))
    if facts.row_count > FEW_ROWS:
        parts.append(more % {"few": FEW_ROWS, "file": facts.file})
    return _paragraph(" ".join(parts))


def _gone(count: int, day: date) -> str:
    sentence = ngettext(
        "%(count)d of them reached its term after your request and was deleted on time; it is given as it stood on"
        " %(day)s.",
        "%(count)d of them reached their term after your request and were deleted on time; they are given as they stood"
        " on %(day)s.",
        count,
    )
    return sentence % {"count": count, "day": _readable(day)}


def _cells(row: Row) -> Iterator[str]:
    for value in row:
        yield _readable(value) if isinstance(value, date) else text_value(value)


def _readable(moment: date) -> str:
    if isinstance(moment, datetime):
        return date_format(moment.astimezone(RIGA), "DATETIME_FORMAT")
    return date_format(moment, "DATE_FORMAT")


def _closing() -> str:
    site = catalogue()
    lines = [
        _("Is something wrong or missing? Write to %(email)s; you need no form and no reason.")
        % {"email": site.controller.email},
        _("If you think that we are infringing your rights, you can complain to: %(name)s, %(address)s, %(url)s.")
        % {"name": site.authority.name, "address": site.authority.address, "url": site.authority.url},
    ]
    return "".join(_paragraph(line) for line in lines) + "</main>\n</body>\n</html>\n"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>\n"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>\n"


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>\n" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n" for name, text in pairs) + "</dl>\n"


def _table(names: Iterable[str], rows: Iterable[Iterable[object]], *, label: str, caption: str = "") -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    scroll = f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
    return f"{scroll}<table>{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
