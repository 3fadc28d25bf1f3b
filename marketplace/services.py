"""What a seller does with a listing: begin, describe, price, choose how buyers reach her, publish, close (policy 8.5).

Step 4 gives and withdraws consents; a contact detail stands beside a listing only while one holds.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts import Channel, published_contact
from consent.queries import current_status
from consent.services import give, withdraw
from consent.terms import ConsentPurpose, Method
from datamap.catalogue import length_of
from datamap.scopes import contact_scope
from datamap.trace import subject_of_user
from datamap.uses import NotPermitted
from marketplace.models import Listing
from marketplace.photo_files import remove_gone
from marketplace.refusals import Refused
from marketplace.searching import note_words
from marketplace.terms import ListingState

PLACE = "/listings/step-4/"
"""Where the choice of step 4 was made; the number of the listing is the scope."""


LANGUAGE = "lv"
"""Of the record of a consent that ends with its listing, by nobody's hand: the master language."""


class ListingRefused(Refused):
    """Nothing was changed; `message` is the sentence for the seller."""


@transaction.atomic
def describe(listing: Listing, *, now: datetime) -> Listing:
    """Keep what steps 1 and 3 say: a new draft, or other words of a listing that stands already."""
    if listing._state.adding:
        listing.created_at = now
        listing.save()
    else:  # a step in another window may have published or closed it meanwhile
        listing.save(update_fields=["title", "description", "category", "language", "price", "place"])
    note_words(listing)
    return listing


@transaction.atomic
def offer(
    listing: Listing,
    chosen: Collection[Channel],
    *,
    language: str,
    now: datetime,
    wording: str = "",
) -> Listing:
    """Step 4 as a whole: the contact details of its choice, and the listing published.

    Raises ListingRefused and what `choose_contacts` raises; then nothing was changed.
    """
    publish(listing, now=now)
    choose_contacts(listing, chosen, language=language, now=now, wording=wording)
    return listing


def publish(listing: Listing, *, now: datetime) -> Listing:
    """Show a draft, or a closed listing once more, for the term of a listing; renew one that is shown.

    Raises ListingRefused where step 3 was not done, and where staff took it down.
    """
    if listing.price is None or not listing.place:
        raise ListingRefused(_("Please say the price and the place first (step 3)."))
    if not listing.is_open(now=now):
        listing.published_at = now
    ends_at = now + length_of("LISTING_SHOWN")
    if not _turned(listing, ListingState.PUBLISHED, published_at=listing.published_at, ends_at=ends_at):
        raise ListingRefused(_("We took this listing down. You find the reason, and how to object, in your listings."))
    return listing


@transaction.atomic
def close(listing: Listing, *, language: str, now: datetime, why: str = "closed") -> Listing:
    """Take a listing off the lists; its contact details are published no more, so the consents to it end.

    `why` stands in the record of each consent: the seller closed it, or it was not renewed, or sold.
    """
    _turned(listing, ListingState.CLOSED)
    choose_contacts(listing, (), language=language, now=now, why=why)
    return listing


@transaction.atomic
def take_down(listing: Listing, *, now: datetime) -> Listing:
    """Show a listing to nobody any more, by a decision of staff; the consents to its contact details end with it."""
    Listing.objects.filter(pk=listing.pk).update(state=ListingState.REMOVED)
    listing.state = ListingState.REMOVED
    choose_contacts(listing, (), language=LANGUAGE, now=now, why="taken down")
    return listing


def _turned(listing: Listing, state: ListingState, **values: Any) -> bool:
    """Take a listing to a state; not where staff took it down, however old the page of the seller is."""
    rows = Listing.objects.filter(pk=listing.pk).exclude(state=ListingState.REMOVED)
    if not rows.update(state=state, **values):
        return False
    for name, value in {"state": state, **values}.items():
        setattr(listing, name, value)
    return True


def close_ended(*, now: datetime) -> int:
    """Close every listing that nobody renewed in time; how many. Each in a transaction of its own."""
    ended = Listing.objects.filter(state=ListingState.PUBLISHED, ends_at__lte=now).values_list("pk", flat=True)
    return sum(_close_ended(number, now=now) for number in list(ended))


@transaction.atomic
def _close_ended(number: UUID, *, now: datetime) -> bool:
    still = Listing.objects.select_for_update().filter(pk=number, state=ListingState.PUBLISHED, ends_at__lte=now)
    listing = still.first()
    if listing is not None:
        close(listing, language=LANGUAGE, now=now, why="not renewed")
    return listing is not None


@transaction.atomic
def discard(listing: Listing) -> None:
    """Delete a listing that was never published. Raises ListingRefused for another one."""
    if listing.state != ListingState.DRAFT:
        raise ListingRefused(_("Only a draft can be thrown away. Close the listing instead."))
    listing.delete()
    transaction.on_commit(remove_gone, robust=True)


@transaction.atomic
def choose_contacts(
    listing: Listing,
    chosen: Collection[Channel],
    *,
    language: str,
    now: datetime,
    wording: str = "",
    why: str = "",
) -> None:
    """Publish exactly these contact details with a listing: consents are given and withdrawn to that end (Q8.13-Q8.16).

    `wording` is the hash of the words shown, `why` what ended the consents where it was no tick in step 4.
    Raises what `consent.services.give` raises.
    """
    if listing.seller_id is None:
        return
    how: dict[str, Any] = {"language": language, "method": Method.LISTING, "place": PLACE, "now": now}
    holds = contacts_consented(listing, now=now)
    for channel in Channel:
        scope = contact_scope(listing.pk, channel)
        if channel in chosen and channel not in holds:
            give(listing.seller_id, ConsentPurpose.CONTACT_PUBLISH, **how, wording=wording, scope=scope)
        elif channel not in chosen and channel in holds:
            evidence = {"listing": why} if why else None
            withdraw(listing.seller_id, ConsentPurpose.CONTACT_PUBLISH, **how, scope=scope, evidence=evidence)


def contacts_consented(listing: Listing, *, now: datetime) -> set[Channel]:
    """The contact details whose publication with this listing the seller consents to now."""
    if listing.seller_id is None:
        return set()
    return {
        channel
        for channel in Channel
        if current_status(
            listing.seller_id,
            ConsentPurpose.CONTACT_PUBLISH,
            now=now,
            scope=contact_scope(listing.pk, channel),
        ).permits
    }


def contacts_shown(listing: Listing, *, now: datetime) -> dict[Channel, str]:
    """What anybody reads beside a listing: only while it is open, and each detail only behind the gate (Q8.15)."""
    if listing.seller is None or not listing.is_open(now=now):
        return {}
    person, shown = subject_of_user(listing.seller), {}
    for channel in Channel:
        try:
            shown[channel] = published_contact(person, listing.pk, channel, now=now)
        except NotPermitted:
            continue
    return {channel: value for channel, value in shown.items() if value}


def of_seller(user_id: UUID) -> Any:
    """All listings of one person, the newest first."""
    return Listing.objects.filter(seller_id=user_id).order_by("-created_at", "-id")
