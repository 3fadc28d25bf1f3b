"""The notice of Art. 13 and 14, generated from the declarations: it cannot promise what the code does not do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.declarations import Controller, Holding, JointControllers, Purpose, Recipient, SupervisoryAuthority
from datamap.register import categories_of
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, LawfulBasis, Right, Text

_PROVISION: Final[dict[LawfulBasis, Text]] = {
    LawfulBasis.CONSENT: _("You need not give them; without them only this one thing does not happen."),
    LawfulBasis.CONTRACT: _("Needed for the contract: without them we cannot do what you ask for."),
    LawfulBasis.LEGAL_OBLIGATION: _("A law asks for them: without them we could not do our duty."),
    LawfulBasis.VITAL_INTERESTS: _("You need not give anything: they come about while you use the site."),
    LawfulBasis.PUBLIC_TASK: _("You need not give anything: they come about while you use the site."),
    LawfulBasis.LEGITIMATE_INTERESTS: _("You need not give anything: they come about while you use the site."),
}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What we hold in one table: which data, from where, for how long, who receives them."""

    label: Text
    categories: tuple[str, ...]
    source: Text
    period: Text
    counted_from: Text
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class NoticePurpose:
    """One purpose on one basis with the tables that serve it and the rights it carries."""

    purpose: Purpose
    rows: tuple[NoticeRow, ...]
    rights: tuple[Right, ...]

    @property
    def provision(self) -> Text:
        """Whether the person must give the data, and what happens if not (Art. 13(2)(e))."""
        return _PROVISION[self.purpose.basis]

    @property
    def needs_consent(self) -> bool:
        """Consent can be withdrawn at any time (Art. 13(2)(c))."""
        return self.purpose.basis is LawfulBasis.CONSENT


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole notice: controller, purposes, recipients with safeguards, authority (Art. 13(1)-(2), 14(1)-(2))."""

    controller: Controller
    authority: SupervisoryAuthority
    purposes: tuple[NoticePurpose, ...]
    recipients: tuple[Recipient, ...]
    joint_controllers: tuple[JointControllers, ...] = ()


def notice() -> Notice:
    """The notice of this site as it stands now."""
    facts = catalogue()
    holdings = registry().holdings
    used = {code for holding in holdings for code in holding.recipients}
    return Notice(
        controller=facts.controller,
        authority=facts.authority,
        purposes=tuple(_purpose(purpose, holdings) for purpose in facts.purposes.values()),
        recipients=tuple(item for code, item in facts.recipients.items() if code in used),
        joint_controllers=facts.joint_controllers,
    )


def _purpose(purpose: Purpose, holdings: Iterable[Holding]) -> NoticePurpose:
    rights = RIGHTS_BY_BASIS[purpose.basis]
    return NoticePurpose(
        purpose=purpose,
        rows=tuple(row for item in holdings if purpose.code in item.purposes for row in _rows(item)),
        rights=tuple(right for right in Right if right in rights),
    )


def _rows(holding: Holding) -> Iterator[NoticeRow]:
    """The table, and what of it time ends sooner."""
    yield _row(holding)
    own = holding.unpublished
    if own is not None and own.period:
        yield _row(replace(holding, label=own.label, period=own.period))


def _row(holding: Holding) -> NoticeRow:
    facts = catalogue()
    period = facts.periods[holding.period]
    return NoticeRow(
        label=holding.label,
        categories=categories_of(holding),
        source=holding.source.label,
        period=period.label,
        counted_from=period.starts,
        recipients=tuple(facts.recipients[code] for code in holding.recipients),
    )
