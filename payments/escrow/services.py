"""Payments through Escrow.com as people begin and press them; nothing is told there before both have agreed (Q9.7-9.9).

Every step is pressed by the person herself and carried there by the outbox; nothing is ever accepted for a consumer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from audit.trail import Actor
from datamap.terms import Text
from outbox.models import UNFINISHED, Effect
from outbox.services import enqueue
from payments.amounts import exact
from payments.escrow.client import is_open, reference_of
from payments.escrow.settling import CANCEL, end_here, write_to_both
from payments.escrow.states import STEPS, Step
from payments.escrow.values import Role
from payments.models.escrow import OVER, AccountState, DealState, EscrowAccount, EscrowDeal, EscrowSide
from payments.payables import Payable, teller_of

REGISTER: Final = "payments.escrow_register"
LOOK: Final = "payments.escrow_look"
CREATE: Final = "payments.escrow_create"
ACT: Final = "payments.escrow_act"
PAY: Final = "payments.escrow_pay"


class EscrowRefused(Exception):
    """Nothing was changed; `message` is the sentence for the person."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


MOVED_ON: Final = _("The payment has changed meanwhile. Nothing was done; please look at it again.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment as one of the two sees it."""

    deal: EscrowDeal
    mine: EscrowSide
    other: EscrowSide

    @property
    def role(self) -> Role:
        """Which of the two she is."""
        return Role.BUYER if self.mine.is_buyer else Role.SELLER

    @property
    def is_alone(self) -> bool:
        """Whether the other one has left Qlekta."""
        return self.other.user_id is None

    @property
    def page(self) -> str:
        """Where she sees what is paid for."""
        return teller_of(self.deal.payable_kind).page(self.deal.payable_id)

    @property
    def inspected_until(self) -> datetime | None:
        """The end of the time to look, while it runs."""
        return inspected_until(self.deal)

    @property
    def waits_for(self) -> Role | None:
        """Whose turn it is; None where it is both's, nobody's or that of Escrow.com."""
        state = DealState(self.deal.state)
        whose = {
            role for step in STEPS.values() if state in step.starts for role in step.roles if step.name != "cancel"
        }
        return next(iter(whose)) if len(whose) == 1 else None

    @property
    def steps(self) -> list[Step]:
        """What she can do now; nothing while a step is on its way there."""
        if self.deal.underway or not is_open():
            return []
        state = DealState(self.deal.state)
        return [step for step in STEPS.values() if state in step.starts and self._may(step)]

    def _may(self, step: Step) -> bool:
        match step.name:
            case "tell":
                return self.mine.told_at is None and not self.is_alone
            case "agree":
                return self.mine.agreed_at is None and not self.is_alone
            case "pay":
                return self.role in step.roles and not self.is_alone and not self.deal.payment_page
        return self.role in step.roles


def may_offer_escrow(seller: User) -> bool:
    """Whether this seller can be paid through Escrow.com: her account there is reported open (Q9.8)."""
    return is_open() and EscrowAccount.objects.filter(user=seller, state=AccountState.OPEN).exists()


@transaction.atomic
def begin(payable: Payable, *, buyer: User, seller: User, title: str, now: datetime) -> EscrowDeal:
    """Propose a payment to both; nobody outside is told. Twice for one thing is once.

    Raises EscrowRefused, NoAmount, UnknownPayable.
    """
    teller_of(payable.kind)
    if (known := open_deal_of(payable.kind, payable.id)) is not None:
        return known
    if not may_offer_escrow(seller):
        raise EscrowRefused(_("The seller has no open account at Escrow.com."))
    deal = EscrowDeal(payable_kind=payable.kind, payable_id=payable.id, title=title[:120], amount=exact(payable.amount))
    deal.reference, deal.proposed_at, deal.changed_at = reference_of(deal.pk), now, now
    try:
        with transaction.atomic():
            deal.save(force_insert=True)
    except IntegrityError:
        raise EscrowRefused(MOVED_ON) from None
    for person, is_buyer in ((buyer, True), (seller, False)):
        EscrowSide.objects.create(deal=deal, user=person, is_buyer=is_buyer, proposed_at=now)
    write_to_both(deal, now=now)
    return deal


def open_deal_of(kind: str, number: UUID) -> EscrowDeal | None:
    """The payment of a thing that is not over, if there is one."""
    return EscrowDeal.objects.filter(payable_kind=kind, payable_id=number).exclude(state__in=OVER).first()


def deal_of(kind: str, number: UUID) -> EscrowDeal | None:
    """The payment of a thing, the last one where it was tried again; None where nobody tried."""
    return EscrowDeal.objects.filter(payable_kind=kind, payable_id=number).first()


def seen_by(person: User, number: UUID) -> Shown | None:
    """The payment as this person sees it; None where it is not hers."""
    deal = EscrowDeal.objects.prefetch_related("sides").filter(pk=number, sides__user=person).first()
    if deal is None:
        return None
    mine, other = _sides(deal.sides.all(), person)
    return Shown(deal, mine, other)


def _sides(sides: Iterable[EscrowSide], person: User) -> tuple[EscrowSide, EscrowSide]:
    both = sorted(sides, key=lambda side: side.user_id != person.pk)
    return both[0], both[1]


@transaction.atomic
def press(shown: Shown, step: Step, *, now: datetime) -> None:
    """Take one step, as the person whose button it is. Raises EscrowRefused where the payment has moved on."""
    deal = EscrowDeal.objects.select_for_update().get(pk=shown.deal.pk)
    mine, other = _sides(EscrowSide.objects.filter(deal=deal), _person(shown))
    current = Shown(deal, mine, other)
    if step not in current.steps:
        raise EscrowRefused(MOVED_ON)
    if step.name == "tell":
        _agree_to_tell(current, now=now)
    elif step.name == "cancel" and deal.state == DealState.PROPOSED:
        end_here(deal, DealState.CANCELLED, now=now)
    elif step.name == "cancel":
        order_cancelling(deal, now=now)
    elif step.name == "pay":
        _order(PAY, current, step, now=now)
    else:
        _order(ACT, current, step, now=now)


def press_if_open(kind: str, number: UUID, person: User, *, step: str, now: datetime) -> None:
    """Take a step of the payment of a thing with a press that the person made there; nothing where it is not her turn.

    Only for steps that say of the thing what the other button said; never for accepting it.
    """
    deal = open_deal_of(kind, number)
    shown = None if deal is None else seen_by(person, deal.pk)
    if shown is not None and step in _SAID_ELSEWHERE and STEPS[step] in shown.steps:
        press(shown, STEPS[step], now=now)


_SAID_ELSEWHERE: Final = frozenset({"ship", "receive"})


def _person(shown: Shown) -> User:
    person = shown.mine.user
    if person is None:
        raise EscrowRefused(MOVED_ON)
    return person


def _agree_to_tell(shown: Shown, *, now: datetime) -> None:
    """Note that she agreed; when both have, the payment is ordered there. The trail says what was agreed to be told."""
    deal, mine = shown.deal, shown.mine
    EscrowSide.objects.filter(pk=mine.pk).update(told_at=now)
    trail.record(
        "escrow.telling_agreed",
        actor=Actor.of(mine.user),
        subject=mine.user_id,
        about=deal,
        details={"as": shown.role.value, "what": "e-mail, title, price"},
        now=now,
    )
    if shown.other.told_at is None:
        return
    deal.state, deal.ordered_at, deal.changed_at = DealState.ORDERED, now, now
    deal.save(update_fields=["state", "ordered_at", "changed_at"])
    enqueue(CREATE, aggregate=f"escrow:{deal.pk}", payload={"deal": str(deal.pk)}, now=now)


def _order(kind: str, shown: Shown, step: Step, *, now: datetime) -> None:
    deal, role = shown.deal, shown.role.value
    deal.underway, deal.refused = f"{step.name}:{role}", False
    deal.save(update_fields=["underway", "refused"])
    payload = {"deal": str(deal.pk), "step": step.name, "role": role}
    enqueue(kind, aggregate=f"escrow:{deal.pk}", payload=payload, subject=shown.mine.user_id, now=now)


def order_cancelling(deal: EscrowDeal, *, now: datetime) -> None:
    """Have a payment cancelled there, by us as the partner, in the caller's transaction."""
    deal.underway, deal.refused = "cancel:", False
    deal.save(update_fields=["underway", "refused"])
    enqueue(CANCEL, aggregate=f"escrow:{deal.pk}", payload={"deal": str(deal.pk)}, now=now)


@transaction.atomic
def withdraw(kind: str, number: UUID, *, now: datetime) -> None:
    """What was to be paid for is off: cancel its payment, unless the money is held already.

    Raises EscrowRefused there: then it goes back only by what the two agree on at Escrow.com.
    """
    deal = open_deal_of(kind, number)
    if deal is None:
        return
    deal = EscrowDeal.objects.select_for_update().get(pk=deal.pk)
    match DealState(deal.state):
        case DealState.PROPOSED:
            end_here(deal, DealState.CANCELLED, now=now)
        case DealState.ORDERED | DealState.CREATED | DealState.AGREED:
            order_cancelling(deal, now=now)
        case state if state in OVER:
            return
        case _:
            raise EscrowRefused(
                _("Escrow.com holds the money. It goes back when the thing is sent back, or by an agreement there.")
            )


@transaction.atomic
def open_account(person: User, *, now: datetime) -> EscrowAccount:
    """Have an account opened for a seller who pressed the button that says what is told (Q9.8). Twice is once; one that
    Escrow.com did not open may be asked for again."""
    account, is_new = EscrowAccount.objects.get_or_create(user=person, defaults={"asked_at": now, "changed_at": now})
    asked = EscrowAccount.objects.filter(pk=account.pk, state__in=[AccountState.REJECTED, AccountState.FOREIGN])
    if asked.update(state=AccountState.ASKED, asked_at=now, changed_at=now) or is_new:
        trail.record(
            "escrow.telling_agreed",
            actor=Actor.of(person),
            subject=person.pk,
            about=account,
            details={"as": "private seller", "what": "e-mail"},
            now=now,
        )
        _order_for(account, REGISTER, now=now)
    return account


@transaction.atomic
def look_again(account: EscrowAccount, *, now: datetime) -> None:
    """Have an account looked at again; one look at a time."""
    if account.state == AccountState.ASKED:
        return
    if not Effect.objects.filter(aggregate=f"escrow-account:{account.pk}", state__in=UNFINISHED).exists():
        _order_for(account, LOOK, now=now)


def _order_for(account: EscrowAccount, kind: str, *, now: datetime) -> None:
    aggregate, payload = f"escrow-account:{account.pk}", {"account": str(account.pk)}
    enqueue(kind, aggregate=aggregate, payload=payload, subject=account.user_id, now=now)


def inspected_until(deal: EscrowDeal | None) -> datetime | None:
    """When Escrow.com accepts by itself what the buyer looks at now; by our clock, minutes beside theirs."""
    if deal is None or deal.state != DealState.RECEIVED:
        return None
    return deal.changed_at + timedelta(seconds=inspection())


def inspection() -> int:
    """Seconds that a buyer has to look at what arrived."""
    return int(settings.ESCROW["INSPECTION_SECONDS"])
