"""The readable page of a copy: self-contained, inert, every value escaped, nothing from another place (security D9)."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from django.utils.html import escape
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dsar.access_copy.cells import text_value
from dsar.access_copy.contents import Table
from dsar.access_copy.statements import RecipientFacts, Statements, TableFacts, rights_of

_STYLE: Final = (Path(__file__).parent / "copy.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def write_page(out: TextIO, facts: Statements, tables: list[Table], *, few: int) -> None:
    """Write the whole page; a table shows its first `few` rows and names the file that holds all of them."""
    out.write(_head(facts))
    out.write(_opening(facts))
    out.write(_contents(facts))
    for table in tables:
        _write_table(out, facts.of(table), table, few=few)
    out.write(_closing(facts))


def _head(facts: Statements) -> str:
    title = escape(_("Copy of your personal data"))
    policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{escape(get_language() or "lv")}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title} – {escape(facts.controller['name'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{title}</h1>\n"
    )


def _opening(facts: Statements) -> str:
    pairs = [
        (_("Answer"), facts.confirmation),
        (_("Request"), facts.number or "–"),
        (_("State of"), text_value(facts.at)),
        (_("Controller"), ", ".join(facts.controller.values())),
        (_("Your further rights"), "; ".join(facts.rights)),
        (_("Complaint"), ", ".join(facts.authority.values())),
        (_("Automated decisions"), facts.automated_decisions),
        (_("Backups"), facts.backups),
        (_("For programs"), _("data.json holds the same data; the folder “tables” holds one CSV file for each table.")),
    ]
    return _facts(pairs) + _recipients(facts.recipients) + _stores(facts)


def _recipients(recipients: Iterable[RecipientFacts]) -> str:
    rows = [
        [item.name, item.role, item.service, " – ".join(filter(None, [item.country, item.safeguard])), item.received]
        for item in recipients
    ]
    heading = _heading(_("Who received data about you"))
    if not rows:
        return heading + _paragraph(_("Nobody outside our company."))
    names = [_("name"), _("role"), _("for what"), _("country and safeguard"), _("what and when")]
    return heading + _table(names, rows, label=_("Who received data about you"))


def _stores(facts: Statements) -> str:
    rows = [[item["label"], item["holds"], item["period"]] for item in facts.stores]
    if not rows:
        return ""
    heading = _heading(_("Other places"))
    return heading + _table([_("place"), _("what lies there"), _("how long")], rows, label=_("Other places"))


def _contents(facts: Statements) -> str:
    rows = [[item.label, str(item.row_count), item.period] for item in facts.tables]
    heading = _heading(_("What we searched and found"))
    return heading + _table([_("table"), _("rows"), _("how long")], rows, label=_("What we searched and found"))


def _write_table(out: TextIO, facts: TableFacts, table: Table, *, few: int) -> None:
    if not table.count:
        return
    out.write(f"<section>\n<h2>{escape(facts.label)}</h2>\n")
    out.write(_facts(_about(facts, table)))
    if facts.not_copied:
        names = [_("field"), _("what we do"), _("why")]
        rows = [[item["field"], item["verdict"], item["reason"]] for item in facts.not_copied]
        out.write(_table(names, rows, label=f"{facts.label}: {_('Not copied')}", caption=_("Not copied")))
    out.write(_rows_caption(table, few=few))
    out.write(_scroll(facts.label) + "<table>\n<thead><tr>")
    out.writelines(f'<th scope="col">{escape(column.label)}</th>' for column in table.columns)
    last = _("kept until")
    out.write(f'<th scope="col">{escape(last)}</th></tr></thead>\n<tbody>\n')
    out.writelines(_row(row) for row in table.rows(limit=few))
    out.write("</tbody></table></div>\n</section>\n")


def _about(facts: TableFacts, table: Table) -> list[tuple[str, str]]:
    term = ", ".join(filter(None, [facts.period, facts.counted_from, facts.period_source]))
    days = [day.isoformat() for day in (facts.first_goes_on, facts.last_goes_on) if day]
    return [
        (_("Why"), "; ".join(facts.purposes)),
        (_("Lawful basis"), ", ".join(filter(None, [facts.basis, facts.act]))),
        (_("Where from"), facts.source),
        (_("Categories"), "; ".join(facts.categories)),
        (_("Where it lies"), facts.place),
        (_("How long"), term),
        (_("Goes on"), " … ".join(dict.fromkeys(days)) or _("when the criterion is met")),
        (_("Recipients"), "; ".join(facts.recipients) or _("nobody outside our company")),
        (_("Rights"), "; ".join(rights_of(table))),
        *([(_("Note"), facts.why)] if facts.why else []),
    ]


def _rows_caption(table: Table, *, few: int) -> str:
    count = ngettext("%(count)d row.", "%(count)d rows.", table.count) % {"count": table.count}
    more = _("The first %(few)d rows are shown here, all of them are in %(file)s.") % {"few": few, "file": table.file}
    return f"<p>{escape(count)} {escape(more) if table.count > few else ''}</p>\n"


def _closing(facts: Statements) -> str:
    lines = [
        _("Is something wrong or missing? Write to %(email)s; you need no form and no reason.")
        % {"email": facts.controller["email"]},
        _("If you think that we are infringing your rights, you can complain to: %(name)s, %(address)s, %(url)s.")
        % facts.authority,
    ]
    return "".join(_paragraph(line) for line in lines) + "</main>\n</body>\n</html>\n"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>\n"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>\n"


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>\n" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n" for name, text in pairs) + "</dl>\n"


def _scroll(label: str) -> str:
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'


def _table(names: Iterable[str], rows: Iterable[Iterable[object]], *, label: str, caption: str = "") -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(_row(row) for row in rows)
    return f"{_scroll(label)}<table>{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"


def _row(values: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<td>{escape(text_value(value))}</td>" for value in values) + "</tr>\n"
