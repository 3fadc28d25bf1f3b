"""Paid placement: choosing it, what becomes of it with the money, and which listings stand first because of it.

Money moves nothing in the list itself: what is paid for stands above it, says so, and is chosen by the category alone,
by nothing about whoever looks (Regulation 2022/2065 Art. 26).
"""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from datamap.catalogue import length_of
from datamap.periods import RIGA
from marketplace.letters import language_of, write_to
from marketplace.models import Listing, Placement
from marketplace.models.placements import PAYABLE
from marketplace.refusals import Refused
from marketplace.searching import Wish, find
from marketplace.terms import NOT_BACK
from payments.amounts import MOST
from payments.invoices.catalogue import services
from payments.invoices.services import credit, invoice_for, issue, left_of
from payments.invoices.terms import Buyer, Item, Service

SHOWN: Final = 6
"""Paid listings above a list; where more run in one category, they take turns by the hour."""


_RUNS: Final = Q(paid_at__isnull=False, ended_at=None)


class PlacementRefused(Refused):
    """Nothing was chosen; `message` is the sentence for the seller."""


def offers() -> list[Service]:
    """The placements that can be bought."""
    return [service for code, service in services().items() if code.startswith("PLACEMENT_")]


@transaction.atomic
def choose(listing: Listing, person: User, service: Service, *, now: datetime, on_invoice: dict[str, str]) -> Placement:
    """Note what the seller wants to pay for; choosing anew changes a choice that is not paid for.

    `on_invoice` names whom the invoice is for (`invoice_name`, `invoice_registration`, `invoice_address`). Raises
    PlacementRefused for a listing that is not hers or not open, and while a placement of it runs.
    """
    held = Listing.objects.select_for_update(no_key=True).filter(pk=listing.pk, seller=person).first()
    if held is None or not held.is_open(now=now):
        raise PlacementRefused(_("Only a listing of yours that is published can be placed."))
    if running(held, now=now) is not None:
        raise PlacementRefused(_("This listing is placed already."))
    placement = Placement.objects.filter(listing=held, paid_at=None).first() or Placement(listing=held, seller=person)
    placement.service, placement.amount, placement.chosen_at = service.code, service.price, now
    placement.ends_at = now + length_of("PLACEMENT_CHOICE")
    for name in ("invoice_name", "invoice_registration", "invoice_address"):
        setattr(placement, name, on_invoice.get(name, ""))
    placement.save()
    return placement


def running(listing: Listing, *, now: datetime) -> Placement | None:
    """The placement of a listing that runs, None where none does."""
    return Placement.objects.filter(_RUNS, listing=listing, ends_at__gt=now).first()


def placed(wish: Wish, *, now: datetime) -> QuerySet[Listing]:
    """The listings that stand above the list of a category because their sellers paid; those that answer the wish."""
    paid = Placement.objects.filter(_RUNS, ends_at__gt=now)
    turn = MD5(Concat(Cast("pk", CharField()), Value(f"{now:%Y%m%d%H}")))
    return find(wish, now=now).filter(pk__in=paid.values("listing")).order_by(turn)[:SHOWN]


class PlacementMoney:
    """Hears of the money for placements; the invoice is issued in the transaction that records the payment."""

    def page(self, payable: UUID) -> str:
        return reverse("marketplace:placement", args=[payable])

    def paid(self, payable: UUID, *, now: datetime) -> None:
        with transaction.atomic():
            rows = Placement.objects.select_for_update(of=("self",)).select_related("seller")
            placement = rows.filter(pk=payable, paid_at=None).first()
            if placement is None:
                return
            service = services()[placement.service]
            placement.paid_at, placement.ends_at = now, now + length_of(service.period)
            placement.save()
            issue(placement.payable, _buyer(placement), [_item(placement, service)], now=now)

    def not_paid(self, payable: UUID, *, now: datetime) -> None:
        """The seller may try again; money that the bank took back before it arrived ends what it paid for."""
        _give_back(payable, MOST, now=now)

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None:
        """Also when the placement went with its seller's account: the invoice is still there, and is corrected."""
        _give_back(payable, amount, now=now)

    def accepted(self, payable: UUID, *, now: datetime) -> None:
        """Nobody looks at a placement before it is paid: there is nothing to accept."""

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None:
        """The invoice was corrected and stays so: what is sent once more is not taken off it again."""
        placement = Placement.objects.select_related("seller").filter(pk=payable).first()
        if placement is None:
            return
        with translation.override(language_of(placement.seller)):
            link, label = self.page(payable), gettext("Open it")
            heading = gettext("News about a paid placement")
            write_to(placement.seller, heading, [str(NOT_BACK)], link=link, label=label, now=now)


@transaction.atomic
def _give_back(payable: UUID, amount: Decimal, *, now: datetime) -> None:
    """End the placement and take so much off its invoice, at most what is left of it."""
    Placement.objects.filter(pk=payable, paid_at__isnull=False, ended_at=None).update(ended_at=now)
    invoice = invoice_for(PAYABLE, payable, lock=True)
    left = left_of(invoice) if invoice else Decimal(0)
    if invoice and left and amount:
        credit(invoice, min(amount, left), reference=f"{left} → {max(left - amount, Decimal(0))}", now=now)


def _buyer(placement: Placement) -> Buyer:
    seller = placement.seller
    return Buyer(
        user_id=seller.pk,
        email=seller.email,
        name=placement.invoice_name or seller.get_full_name(),
        registration_number=placement.invoice_registration,
        address=placement.invoice_address,
    )


def _item(placement: Placement, service: Service) -> Item:
    begins = placement.paid_at or placement.chosen_at
    first, last = (moment.astimezone(RIGA).date() for moment in (begins, placement.ends_at))
    return Item(service, placement.amount, first, last)
