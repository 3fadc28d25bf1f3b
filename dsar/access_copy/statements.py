"""What a copy says beside the data: Art. 15(1)(a)-(h) and 15(2), about this person and not in general."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue, cited, period
from datamap.declarations import Recipient, Store
from datamap.processors import FINAL, Outcome, RecipientResult, handlers
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, Access, Right, Safeguard
from datamap.trace import Subject
from datamap.transfers import received_about
from dsar.access_copy.contents import Table
from dsar.access_copy.portions import Found
from dsar.collecting import Answers
from dsar.countries import country_name

SCHEMA: Final = "/privacy/schema/access-copy-2.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What one table holds of the person; where it holds something: why, on which basis, from where and how long,
    who gets it, and what of it is not copied."""

    table: str
    label: str
    file: str
    row_count: int
    rows_given: int
    failed: bool
    purposes: tuple[str, ...] = ()
    basis: str = ""
    act: str = ""
    source: str = ""
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    place: str = ""
    first_came_on: date | None = None
    last_came_on: date | None = None
    period: str = ""
    counted_from: str = ""
    period_source: str = ""
    why: str = ""
    first_goes_on: date | None = None
    last_goes_on: date | None = None
    rights: tuple[str, ...] = ()
    not_copied: tuple[dict[str, str], ...] = ()
    rows_as_received: int = 0
    as_it_stood_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """All but the table's name and columns, which stand before its rows."""
        given = {name: _plain(value) for name, value in asdict(self).items() if name != "table"}
        if self.row_count or self.failed:
            return given
        return {name: given[name] for name in ("label", "file", "row_count", "rows_given", "failed")}


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """Who got data, by name (C-154/21), on which ground, from which country, what it got and when; what it answered
    when we asked what it holds, empty where nobody asked, and what that is, a line each."""

    name: str
    role: str
    service: str
    country: str
    safeguard: str
    received: str
    answered: str = ""
    holds: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A place that is no table: `records` of the person where they can be told apart, None where they cannot."""

    code: str
    label: str
    holds: str
    period: str
    records: int | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything a copy states; `tables` in the order of the copy."""

    number: str
    at: datetime
    confirmation: str
    tables: tuple[TableFacts, ...]
    recipients: tuple[RecipientFacts, ...]
    stores: tuple[StoreFacts, ...]
    transfers: tuple[str, ...]

    @property
    def rows(self) -> int:
        return sum(item.row_count for item in self.tables)

    @property
    def broken(self) -> tuple[str, ...]:
        """What could not be read, and who did not answer."""
        tables = (item.label for item in self.tables if item.failed)
        silent = (item.name for item in self.recipients if item.failed)
        return (*tables, *(item.label for item in self.stores if item.failed), *silent)

    @property
    def purposes(self) -> tuple[str, ...]:
        """What is really pursued with data of this person: of tables without a row nothing is (Art. 15(1)(a))."""
        return tuple(dict.fromkeys(purpose for item in self.tables for purpose in item.purposes))

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(category for item in self.tables for category in item.categories))

    def as_json(self) -> dict[str, Any]:
        """What is known only when the tables have been read."""
        return {
            "confirmation": self.confirmation,
            "row_count": self.rows,
            "failed": list(self.broken),
            "purposes": list(self.purposes),
            "categories": list(self.categories),
            "recipients": [asdict(item) for item in self.recipients],
            "third_countries": list(self.transfers),
            "other_stores": [asdict(item) for item in self.stores],
        }


def preamble(*, number: str, now: datetime) -> dict[str, Any]:
    """What is known before any table is read, in the active language."""
    site = catalogue()
    return {
        "$schema": f"{settings.SITE_URL}{SCHEMA}",
        "type": "qlekta-access-copy/2",
        "request": number,
        "built_at": now.isoformat(),
        "controller": controller(),
        "supervisory_authority": {
            "name": str(site.authority.name),
            "address": site.authority.address,
            "url": site.authority.url,
        },
        "rights": further_rights(),
        "automated_decisions": automated_decisions(),
        "backups": backups(),
    }


def controller() -> dict[str, str]:
    """Who answers for the data."""
    found = catalogue().controller
    return {
        "name": found.name,
        "registration_number": found.registration_number,
        "address": found.address,
        "email": found.email,
    }


def further_rights() -> list[str]:
    """What the person can ask for beside the copy (Art. 15(1)(e)-(f))."""
    return [str(right.label) for right in Right if right not in {Right.ACCESS, Right.GENERAL}]


def automated_decisions() -> str:
    """Art. 15(1)(h)."""
    return _("None. No machine alone decides about you, and no profile of you leads to a decision.")


def backups() -> str:
    """What was not searched, and why (clauses.md D13)."""
    sentence = _("We did not search our backups: they hold the same data and expire by themselves.")
    term = catalogue().periods.get("BACKUP")
    return f"{sentence} ({term.label})" if term else sentence


def statements_about(
    subject: Subject, tables: Iterable[TableFacts], *, answers: Answers, number: str, now: datetime
) -> Statements:
    """Everything that is said about this person's data once the tables are read, in the active language."""
    found = tuple(tables)
    recipients = tuple(_recipients(subject, found, answers))
    stores = tuple(_store(store, subject) for store in registry().stores)
    return Statements(
        number=number,
        at=now,
        confirmation=_confirmation(found, stores),
        tables=found,
        recipients=recipients,
        stores=stores,
        transfers=tuple(
            f"{item.name}: {country_name(item.country)}, {item.safeguard}"
            for item in recipients
            if item.country and item.safeguard != str(Safeguard.NONE_NEEDED.label)
        ),
    )


def _confirmation(tables: Iterable[TableFacts], stores: Iterable[StoreFacts]) -> str:
    if any(item.row_count for item in tables) or any(item.records for item in stores):
        return _("Yes, we process personal data about you. All of it that we found is in this copy.")
    if any(item.failed for item in tables) or any(item.failed for item in stores):
        return _("We found no personal data about you, but we could not search everything: see what is named below.")
    return _("No, we process no personal data about you: we searched every table and found nothing.")


def facts_of(table: Table, found: Found, stood_on: date | None = None) -> TableFacts:
    """What is said of one table, in the active language; of one without rows, that it has none."""
    holding = table.holding
    named = (holding.model, str(holding.label), table.file, found.rows, found.rows, found.is_broken)
    if not found.rows:
        return TableFacts(*named)
    site, rule = catalogue(), period(holding.period)
    came, goes = found.came or (None, None), found.goes or (None, None)
    return TableFacts(
        *named,
        purposes=tuple(_purpose(code) for code in holding.purposes),
        basis=str(holding.basis.label),
        act=cited(holding.act),
        source=str(holding.source.label),
        categories=tuple(dict.fromkeys(str(item.category.label) for item in holding.personal.values())),
        recipients=tuple(site.recipients[code].name for code in holding.recipients),
        place=_("our own database, table %(table)s") % {"table": holding.model},
        first_came_on=came[0],
        last_came_on=came[1],
        period=str(rule.label),
        counted_from=str(rule.starts),
        period_source=cited(rule.source),
        why=str(holding.why),
        first_goes_on=goes[0],
        last_goes_on=goes[1],
        rights=tuple(str(right.label) for right in Right if right in RIGHTS_BY_BASIS[holding.basis]),
        not_copied=tuple(
            {"field": item.label, "verdict": str(Access(item.verdict).label), "reason": item.reason}
            for item in table.omissions
        ),
        rows_as_received=found.as_received,
        as_it_stood_on=stood_on if found.as_received else None,
    )


def _purpose(code: str) -> str:
    purpose = catalogue().purposes[code]
    return f"{purpose.label}: {purpose.description}" if str(purpose.description) else str(purpose.label)


def _recipients(subject: Subject, tables: Iterable[TableFacts], answers: Answers) -> Iterator[RecipientFacts]:
    """Those of the catalogue that got something, and everybody to whom a disclosure is on record."""
    asked = handlers()
    named = {name for table in tables for name in table.recipients}
    for code, recipient in catalogue().recipients.items():
        received = str(asked[code].describe(subject)) if code in asked else ""
        if received or (recipient.name in named and code not in asked):
            yield _recipient(recipient, received, answers.get(code))
    for item in received_about(subject):
        yield RecipientFacts(item.name, str(item.role), str(item.ground), "", "", str(item.what))


def _recipient(recipient: Recipient, received: str, answer: RecipientResult | None) -> RecipientFacts:
    is_final = answer is not None and answer.outcome in FINAL
    return RecipientFacts(
        name=recipient.name,
        role=str(recipient.role.label),
        service=str(recipient.service),
        country=recipient.country,
        safeguard=str(recipient.safeguard.label),
        received=received,
        answered=_answered(answer),
        holds=answer.held if answer else (),
        failed=answer is not None and not is_final,
    )


def _answered(answer: RecipientResult | None) -> str:
    """The sentence of an outcome that is not final is for staff."""
    match answer:
        case None:
            return ""
        case RecipientResult(outcome=Outcome.CONFIRMED):
            words = _("We asked it what it holds about you.")
        case _:
            words = str(answer.outcome.label)
    return f"{words} {answer.detail}".strip() if answer.outcome in FINAL else words


def _store(store: Store, subject: Subject) -> StoreFacts:
    records, failed = None, False
    if store.count_with:
        try:
            with transaction.atomic():
                records = import_string(store.count_with)(subject)
        except (OSError, ValueError, DatabaseError) as error:
            failed = True
            log.error("copy: the store %s could not be read: %s", store.code, type(error).__name__)  # noqa: TRY400
    return StoreFacts(
        code=store.code,
        label=str(store.label),
        holds=str(store.holds),
        period=str(period(store.period).label),
        records=records,
        failed=failed,
    )


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value
