"""What the outbox does at Escrow.com: open an account, order a payment, carry a step there, read how it stands.

Each is asked before it is done and seen to be done afterwards; a lost answer is looked up, never repeated blindly.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from mailing.services import absolute_url
from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import Settle, effect
from outbox.models import Effect
from payments.escrow.client import CODE, Escrow, RefusedThere
from payments.escrow.services import ACT, CREATE, LOOK, PAY, REGISTER, inspection
from payments.escrow.settling import CANCEL, READ, end_here, order_reading, require_ours, settle
from payments.escrow.states import STEPS
from payments.escrow.values import Action, Customer, EscrowDraft, EscrowTx, Role
from payments.models.escrow import AccountState, DealState, EscrowAccount, EscrowDeal

_FORBIDDEN = 403
_VERIFIED = "verified"
_REJECTED = frozenset({"rejected", "failed"})


def _provider() -> str:
    return CODE


def _deal(order: Effect) -> EscrowDeal | None:
    return EscrowDeal.objects.filter(pk=order.payload["deal"]).first()


def _settling(deal: EscrowDeal, tx: EscrowTx, *, now: datetime, done: str = "") -> Settle:
    require_ours(deal, tx)

    def record() -> None:
        settle(deal.pk, tx, now=now, done=done)

    return record


# --- Ordering a payment ----------------------------------------------------------------------------------------------
def look_up_payment(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer: does it stand there under our reference?"""
    deal = _deal(order)
    if deal is None or deal.state != DealState.ORDERED:
        return None
    with asking(CODE, now=now):
        found = Escrow.of_settings().by_reference(deal.reference)
    return None if found is None else _settling(deal, found, now=now)


def give_up_payment(order: Effect, /, *, now: datetime) -> None:
    """It could not be set up; whoever is paid may choose another way."""
    deal = EscrowDeal.objects.select_for_update().filter(pk=order.payload["deal"], state=DealState.ORDERED).first()
    if deal is not None:
        end_here(deal, DealState.FAILED, now=now)


@effect(CREATE, probe=look_up_payment, give_up=give_up_payment, provider=_provider)
def order_payment(order: Effect, /, *, now: datetime) -> Settle | None:
    """Sets a payment up there: the moment at which Escrow.com learns of both."""
    deal = _deal(order)
    if deal is None or deal.state != DealState.ORDERED:
        return None
    draft = _draft(deal)
    if draft is None:  # one of the two has left since both agreed
        return partial(_end, deal.pk, now=now)
    require_contract(CODE, now=now)
    with asking(CODE, now=now):
        tx = Escrow.of_settings().ensure_transaction(draft, deal.reference)
    return _settling(deal, tx, now=now)


def _draft(deal: EscrowDeal) -> EscrowDraft | None:
    people = {side.is_buyer: side.user for side in deal.sides.select_related("user") if side.told_at is not None}
    buyer, seller = people.get(True), people.get(False)
    if buyer is None or seller is None:
        return None
    return EscrowDraft(deal.title, deal.amount, buyer.email, seller.email, inspection())


def _end(number: UUID, *, now: datetime) -> None:
    deal = EscrowDeal.objects.select_for_update().get(pk=number)
    if deal.state == DealState.ORDERED:
        end_here(deal, DealState.CANCELLED, now=now)


# --- Steps -----------------------------------------------------------------------------------------------------------
def look_up_step(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer: has the step been taken there?"""
    deal = _deal(order)
    if deal is None or deal.provider_id is None:
        return None
    with asking(CODE, now=now):
        tx = Escrow.of_settings().get(deal.provider_id)
    if not _expected(order)(tx):
        return None
    return _settling(deal, tx, now=now, done=deal.underway)


def give_up_step(order: Effect, /, *, now: datetime) -> None:
    """The step was refused there: the page says so, and the person can press again or go there."""
    EscrowDeal.objects.filter(pk=order.payload["deal"]).update(underway="", refused=True)
    if (deal := _deal(order)) is not None:
        order_reading(deal, now=now)


def _expected(order: Effect) -> Callable[[EscrowTx], bool]:
    if order.kind == CANCEL:
        return lambda tx: tx.is_cancelled
    step, role = STEPS[order.payload["step"]], Role(order.payload["role"])
    done = step.done
    return (lambda _tx: False) if done is None else lambda tx: done(tx, role)


@effect(ACT, probe=look_up_step, give_up=give_up_step, provider=_provider)
def take_step(order: Effect, /, *, now: datetime) -> Settle | None:
    """Carries there what one of the two has pressed, in her name."""
    deal, step = _deal(order), STEPS[order.payload["step"]]
    if deal is None or deal.provider_id is None or step.action is None:
        return None
    require_contract(CODE, now=now)
    role = Role(order.payload["role"])
    with asking(CODE, now=now):
        tx = Escrow.of_settings().act(deal.provider_id, step.action, role, expect=_expected(order))
    return _settling(deal, tx, now=now, done=deal.underway)


@effect(CANCEL, probe=look_up_step, give_up=give_up_step, provider=_provider)
def cancel(order: Effect, /, *, now: datetime) -> Settle | None:
    """Cancels a payment as the partner; it names nobody, so no contract is asked for. One that was never set up ends
    here."""
    deal = _deal(order)
    if deal is None:
        return None
    if deal.provider_id is None:
        return partial(_end, deal.pk, now=now)
    with asking(CODE, now=now):
        tx = Escrow.of_settings().act(
            deal.provider_id,
            Action.CANCEL,
            None,
            expect=_expected(order),
            cancel_information={"cancellation_reason": "One of the two parties has withdrawn."},
        )
    return _settling(deal, tx, now=now, done=deal.underway)


@effect(PAY, give_up=give_up_step, provider=_provider)
def fetch_page(order: Effect, /, *, now: datetime) -> Settle | None:
    """Asks for the page of Escrow.com on which the buyer pays; asking twice orders nothing twice."""
    deal = _deal(order)
    if deal is None or deal.provider_id is None or deal.state != DealState.AGREED:
        return None
    require_contract(CODE, now=now)
    back = absolute_url(reverse("payments:escrow-deal", args=[deal.pk]))
    with asking(CODE, now=now):
        page = Escrow.of_settings().funding_page(deal.provider_id, method="wire_transfer", come_back_to=back)
    return partial(_show_page, deal.pk, page)


def _show_page(number: UUID, page: str) -> None:
    waiting = EscrowDeal.objects.filter(pk=number, state=DealState.AGREED)
    waiting.update(payment_page=page, underway="", refused=False)


@effect(READ, provider=_provider)
def read(order: Effect, /, *, now: datetime) -> Settle | None:
    """Reads how a payment stands, whoever said that it moved; it names nobody, so no contract is asked for."""
    deal = _deal(order)
    if deal is None or deal.provider_id is None:
        return None
    with asking(CODE, now=now):
        tx = Escrow.of_settings().get(deal.provider_id)
    return _settling(deal, tx, now=now)


# --- Accounts of sellers ---------------------------------------------------------------------------------------------
@effect(REGISTER, provider=_provider)
def register(order: Effect, /, *, now: datetime) -> Settle | None:
    """Opens an account for a seller who asked for it, unless her address has one there."""
    account = _account(order)
    if account is None or account.state != AccountState.ASKED:
        return None
    require_contract(CODE, now=now)
    with asking(CODE, now=now):
        known = _ensure_account(account.user.email)
    return _noting(account, known, now=now)


def _ensure_account(email: str) -> Customer | None:
    """None where the address has an account there whose holder lets nobody ask."""
    service = Escrow.of_settings()
    if (known := service.customer(email)) is not None:
        return known
    try:
        return service.register(email)
    except RefusedThere as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        return service.customer(email)  # an earlier call of ours may have come through since we asked


@effect(LOOK, provider=_provider)
def look(order: Effect, /, *, now: datetime) -> Settle | None:
    """Asks whether a seller's account is open by now."""
    account = _account(order)
    if account is None:
        return None
    require_contract(CODE, now=now)
    with asking(CODE, now=now):
        known = Escrow.of_settings().customer(account.user.email)
    return _noting(account, known, now=now)


def _account(order: Effect) -> EscrowAccount | None:
    return EscrowAccount.objects.select_related("user").filter(pk=order.payload["account"]).first()


def _noting(account: EscrowAccount, known: Customer | None, *, now: datetime) -> Settle:
    def record() -> None:
        note_account(account.pk, known, now=now)

    return record


def note_account(number: UUID, known: Customer | None, *, now: datetime) -> bool:
    """Note what was said of an account: its number and whether it is open; True where that is new."""
    with transaction.atomic():
        account = EscrowAccount.objects.select_for_update().filter(pk=number).first()
        if account is None:
            return False
        state = account_state(known)
        moved = state != account.state
        account.state, account.read_at = state, now
        account.provider_reference = str(known.id) if known else ""
        if moved:
            account.changed_at = now
        account.save()
    return moved


def account_state(known: Customer | None) -> AccountState:
    """Only what Escrow.com calls verified is open; a word that we do not know is not."""
    if known is None:
        return AccountState.FOREIGN
    if known.verification == _VERIFIED:
        return AccountState.OPEN
    return AccountState.REJECTED if known.verification in _REJECTED else AccountState.PENDING
