"""Draws an invoice or a credit note as PDF from the stored facts; the same facts always give the same bytes."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from datamap.catalogue import period
from datamap.periods import RIGA
from payments.amounts import CURRENCY
from payments.invoices.terms import Kind
from payments.models import Invoice

_FONTS: Final = Path(__file__).resolve().parent.parent / "fonts"
_PLAIN, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_GREY: Final = HexColor("#5b6470")
_LINE: Final = HexColor("#c9ced6")
_MARGIN: Final = 20 * mm
_PADDING: Final = 6
"""What the frame of a page keeps free on each side."""
_WIDTH: Final = A4[0] - 2 * (_MARGIN + _PADDING)


def draw(invoice: Invoice, *, language: str) -> bytes:
    """The document in one of the languages of the site."""
    _register_fonts()
    sink = BytesIO()
    with translation.override(language):
        document = SimpleDocTemplate(
            sink,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN,
            title=_title(invoice),
            author=invoice.seller_name,
            lang=language,
            invariant=1,
        )
        document.build(_content(invoice, language))
    return sink.getvalue()


@cache
def _register_fonts() -> None:
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))


def _content(invoice: Invoice, language: str) -> list[Flowable]:
    end = period("INVOICE").ends_at(invoice.issued_at)
    kept = _("We keep this document until %(day)s: section 28 of the Accounting Law says so.")
    last = _day(end.astimezone(RIGA).date()) if end else "–"
    return [
        _text(_title(invoice), _TITLE),
        _text(_dates(invoice), _SMALL),
        Spacer(0, 8 * mm),
        _parties(invoice),
        Spacer(0, 8 * mm),
        _lines(invoice, language),
        Spacer(0, 4 * mm),
        _totals(invoice),
        Spacer(0, 10 * mm),
        _text(_("The money went back the way it came.") if invoice.is_credit else _("Paid in full."), _NORMAL),
        Spacer(0, 4 * mm),
        _text(_("Made electronically, valid without a signature."), _SMALL),
        _text(kept % {"day": last}, _SMALL),
    ]


def _title(invoice: Invoice) -> str:
    return f"{Kind(invoice.kind).label} {invoice.number}".capitalize().replace(invoice.number.lower(), invoice.number)


def _dates(invoice: Invoice) -> str:
    issued = _("Issued on %(day)s") % {"day": _day(invoice.issued_at.astimezone(RIGA).date())}
    if not invoice.is_credit or invoice.corrects_issued_on is None:
        return issued
    corrected = {"number": invoice.corrects, "day": _day(invoice.corrects_issued_on)}
    return f"{issued} · {_('to invoice %(number)s of %(day)s') % corrected}"


def _parties(invoice: Invoice) -> Table:
    seller = [
        (_("Seller"), _LABEL),
        (invoice.seller_name, _STRONG),
        (_("Registration number %(number)s") % {"number": invoice.seller_registration}, _NORMAL),
        (_("VAT number %(number)s") % {"number": invoice.seller_vat}, _NORMAL),
        (invoice.seller_address, _NORMAL),
    ]
    buyer = [(_("Buyer"), _LABEL), (invoice.buyer_name, _STRONG)]
    if invoice.buyer_registration:
        buyer.append((_("Registration number %(number)s") % {"number": invoice.buyer_registration}, _NORMAL))
    if invoice.buyer_address:
        buyer.append((invoice.buyer_address, _NORMAL))
    cells = [[_text(*line) for line in column] for column in (seller, buyer)]
    return _table([cells], [_WIDTH / 2, _WIDTH / 2], [("LEFTPADDING", (0, 0), (-1, -1), 0)])


def _lines(invoice: Invoice, language: str) -> Table:
    heads = (_("Service"), _("Days"), _("Quantity"), _("Without VAT"), _("VAT"), _("In total"))
    rows = [[_text(head, _LABEL if place < 2 else _LABEL_RIGHT) for place, head in enumerate(heads)]]
    for line in invoice.lines:
        days = f"{_day(date.fromisoformat(line['from']))} – {_day(date.fromisoformat(line['until']))}"
        figures = (line["quantity"], *(_figure(line[name]) for name in ("net", "vat", "gross")))
        words = line["text"].get(language) or line["text"]["lv"]
        rows.append([_text(words, _NORMAL), _text(days, _NORMAL), *(_text(figure, _RIGHT) for figure in figures)])
    rules = [("LINEBELOW", (0, 0), (-1, -1), 0.6, _LINE), ("LEFTPADDING", (0, 0), (0, -1), 0)]
    return _table(rows, [part * _WIDTH for part in (0.27, 0.22, 0.13, 0.15, 0.10, 0.13)], rules)


def _totals(invoice: Invoice) -> Table:
    percent = number_format(invoice.vat_percent.normalize(), use_l10n=True)
    rows = [
        (_("Without VAT"), invoice.net, _RIGHT),
        (_("VAT %(percent)s %%") % {"percent": percent}, invoice.vat, _RIGHT),
        (_("Repaid") if invoice.is_credit else _("In total"), invoice.gross, _STRONG_RIGHT),
    ]
    cells = [[_text(label, style), _text(f"{_figure(amount)} {CURRENCY}", style)] for label, amount, style in rows]
    return _table(cells, [0.75 * _WIDTH, 0.25 * _WIDTH], [("LINEABOVE", (1, 2), (1, 2), 0.6, _LINE)])


def _table(cells: Sequence[list[Any]], widths: list[float], rules: list[Any]) -> Table:
    common = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
    return Table(cells, colWidths=widths, style=TableStyle([*common, *rules]))


def _text(words: object, style: ParagraphStyle) -> Paragraph:
    """What stands in the facts is no markup."""
    return Paragraph(escape(str(words)), style)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _figure(amount: object) -> str:
    return number_format(str(amount), decimal_pos=2, use_l10n=True)


def _style(name: str, **how: Any) -> ParagraphStyle:
    return ParagraphStyle(name, **{"fontName": _PLAIN, "fontSize": 9.5, "leading": 14, **how})


_NORMAL: Final = _style("normal")
_RIGHT: Final = _style("right", alignment=TA_RIGHT)
_STRONG: Final = _style("strong", fontName=_BOLD)
_STRONG_RIGHT: Final = _style("strong right", fontName=_BOLD, alignment=TA_RIGHT)
_LABEL: Final = _style("label", fontSize=8, textColor=_GREY)
_LABEL_RIGHT: Final = _style("label right", fontSize=8, textColor=_GREY, alignment=TA_RIGHT)
_SMALL: Final = _style("small", fontSize=8.5, leading=12, textColor=_GREY)
_TITLE: Final = _style("title", fontName=_BOLD, fontSize=18, leading=26)
