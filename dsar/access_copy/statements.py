"""What a copy says beside the data: Art. 15(1)(a)-(h) and 15(2), about this person and not in general."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue, period
from datamap.declarations import Recipient
from datamap.periods import RIGA
from datamap.processors import handlers
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, Access, Right
from datamap.trace import Subject, rows_about
from datamap.transfers import received_about
from dsar.access_copy.contents import Table


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Why, on which basis, from where and how long one table is held, and what of it is not copied."""

    table: str
    label: str
    row_count: int
    purposes: tuple[str, ...]
    basis: str
    act: str
    source: str
    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    place: str
    period: str
    counted_from: str
    period_source: str
    why: str
    first_goes_on: date | None
    last_goes_on: date | None
    not_copied: tuple[dict[str, str], ...]
    file: str

    def as_json(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """Who got data, by name (C-154/21), from which country, and what it got."""

    name: str
    role: str
    service: str
    country: str
    safeguard: str
    received: str


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything a copy states; `tables` in the order of the map."""

    number: str
    at: datetime
    confirmation: str
    controller: dict[str, str]
    authority: dict[str, str]
    rights: tuple[str, ...]
    automated_decisions: str
    backups: str
    tables: tuple[TableFacts, ...]
    recipients: tuple[RecipientFacts, ...]
    stores: tuple[dict[str, str], ...]
    site_url: str

    def of(self, table: Table) -> TableFacts:
        """The facts of one table."""
        return next(item for item in self.tables if item.table == table.holding.model)

    def as_json(self) -> dict[str, Any]:
        """All but the tables, whose rows follow them in the file."""
        return {
            "type": "qlekta-access-copy/1",
            "request": self.number,
            "built_at": self.at.isoformat(),
            "confirmation": self.confirmation,
            "controller": self.controller,
            "supervisory_authority": self.authority,
            "rights": list(self.rights),
            "automated_decisions": self.automated_decisions,
            "backups": self.backups,
            "recipients": [asdict(item) for item in self.recipients],
            "other_stores": list(self.stores),
        }


def statements_about(subject: Subject, tables: list[Table], *, number: str, now: datetime) -> Statements:
    """Everything that is said about this person's data, in the active language."""
    site = catalogue()
    return Statements(
        number=number,
        at=now,
        confirmation=_confirmation(tables),
        controller={
            "name": site.controller.name,
            "registration_number": site.controller.registration_number,
            "address": site.controller.address,
            "email": site.controller.email,
        },
        authority={
            "name": str(site.authority.name),
            "address": site.authority.address,
            "url": site.authority.url,
        },
        rights=tuple(str(right.label) for right in Right if right is not Right.ACCESS),
        automated_decisions=_("None. No machine alone decides about you, and no profile of you leads to a decision."),
        backups=_backups(),
        tables=tuple(_facts(table, subject) for table in tables),
        recipients=tuple(_recipients(subject, tables)),
        stores=tuple(_stores()),
        site_url=settings.SITE_URL,
    )


def _confirmation(tables: Iterable[Table]) -> str:
    if any(table.count for table in tables):
        return _("Yes, we process personal data about you. All of it that we found is in this copy.")
    return _("No, we process no personal data about you: we searched every table and found nothing.")


def _backups() -> str:
    sentence = _("We did not search our backups: they hold the same data and expire by themselves.")
    term = catalogue().periods.get("BACKUP")
    return f"{sentence} ({term.label})" if term else sentence


def _facts(table: Table, subject: Subject) -> TableFacts:
    site, holding = catalogue(), table.holding
    rule = period(holding.period)
    first, last = _ends(table, subject)
    return TableFacts(
        table=holding.model,
        label=str(holding.label),
        row_count=table.count,
        purposes=tuple(_purpose(code) for code in holding.purposes),
        basis=str(holding.basis.label),
        act=holding.act,
        source=str(holding.source.label),
        categories=tuple(dict.fromkeys(str(item.category.label) for item in holding.personal.values())),
        recipients=tuple(site.recipients[code].name for code in holding.recipients),
        place=_("our own database, table %(table)s") % {"table": holding.model},
        period=str(rule.label),
        counted_from=str(rule.starts),
        period_source=rule.source,
        why=str(holding.why),
        first_goes_on=first,
        last_goes_on=last,
        not_copied=tuple(
            {"field": item.label, "verdict": str(Access(item.verdict).label), "reason": item.reason}
            for item in table.omissions
        ),
        file=table.file,
    )


def _purpose(code: str) -> str:
    purpose = catalogue().purposes[code]
    return f"{purpose.label}: {purpose.description}" if str(purpose.description) else str(purpose.label)


def _ends(table: Table, subject: Subject) -> tuple[date | None, date | None]:
    """The days on which the first and the last of the person's rows go, where dates decide."""
    holding = table.holding
    counting = holding.ends or holding.clock
    if not table.count or not counting:
        return None, None
    found = rows_about(holding, subject).order_by().aggregate(first=Min(counting), last=Max(counting))
    return _end(table, found["first"]), _end(table, found["last"])


def _end(table: Table, counted: Any) -> date | None:
    if not isinstance(counted, datetime):
        return None
    end = counted if table.holding.ends else period(table.holding.period).ends_at(counted)
    return end.astimezone(RIGA).date() if end else None


def _recipients(subject: Subject, tables: Iterable[Table]) -> Iterable[RecipientFacts]:
    declared = catalogue().recipients
    asked = handlers()
    named = {code for table in tables if table.count for code in table.holding.recipients}
    for code, recipient in declared.items():
        received = str(asked[code].describe(subject)) if code in asked else ""
        if received or (code in named and code not in asked):
            yield _recipient(recipient, received)
    for item in received_about(subject):
        yield RecipientFacts(
            name=item.name,
            role=str(item.role),
            service=str(item.ground),
            country="",
            safeguard="",
            received=str(item.what),
        )


def _recipient(recipient: Recipient, received: str) -> RecipientFacts:
    return RecipientFacts(
        name=recipient.name,
        role=str(recipient.role.label),
        service=str(recipient.service),
        country=recipient.country,
        safeguard=str(recipient.safeguard.label),
        received=received,
    )


def _stores() -> Iterable[dict[str, str]]:
    for store in registry().stores:
        yield {
            "label": str(store.label),
            "holds": str(store.holds),
            "period": str(period(store.period).label),
        }


def rights_of(table: Table) -> list[str]:
    """The rights that the basis of a table carries."""
    return [str(right.label) for right in Right if right in RIGHTS_BY_BASIS[table.holding.basis]]


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value
