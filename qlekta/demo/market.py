"""The marketplace of the demo: people, listings with photos, conversations, orders in every state."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.contacts import Channel
from accounts.models import User
from accounts.services import register_person
from datamap.catalogue import length_of
from marketplace.models import Conversation, Listing, ListingPhoto, Message, Order, Participant, Party
from marketplace.photo_files import write_files
from marketplace.places import PLACES
from marketplace.searching import note_words
from marketplace.services import choose_contacts
from marketplace.terms import Delivery, ListingState, OrderState, Payment
from qlekta.demo.people import PASSWORD
from qlekta.demo.pictures import VARIANTS, picture_of
from qlekta.demo.trade import seed_trade
from qlekta.demo.wares import ANSWERS, FAMILIES, HER_NAMES, HIS_NAMES, QUESTIONS, REMARKS, REPLIES, WARES

PEOPLE: Final = 60
MESSAGES_A_LISTING: Final = 5
"""On average."""
_WITH_CONTACT: Final = 12
"""One listing in so many shows a contact detail."""
_ORDERED: Final = 4
"""One in so many has an order."""
_LOOKED_AT: Final = "demo01@example.lv"
"""Who opens her pages to see what they look like: she offers one listing in so many, and has deals of both kinds."""
_OF_HER: Final = 10
_BOUGHT: Final = (OrderState.DONE, OrderState.SENT)
_SOLD: Final = (OrderState.DONE, OrderState.OFFERED)


@transaction.atomic
def seed_market(people: Sequence[User], *, listings: int, now: datetime, chance: Random) -> dict[str, int]:
    """Fill the marketplace, with more people so that there are sixty; how much was made."""
    everybody = [*people, *_more_people(PEOPLE - len(people), now=now, chance=chance)] if listings else [*people]
    sellers = [person for person in everybody if not person.is_staff]
    her = next((person for person in sellers if person.email == _LOOKED_AT), None)
    offered = [
        _listing(number, _offers(number, her, sellers, chance=chance), now=now, chance=chance)
        for number in range(listings)
    ]
    for number, listing in enumerate(offered):
        _photos(listing, now=now, chance=chance)
        if number % _WITH_CONTACT == 0:
            choose_contacts(listing, (Channel.EMAIL,), language=listing.language, now=now)
    messages = sum(_conversation(listing, sellers, now=now, chance=chance) for listing in offered)
    ordered = offered[::_ORDERED]
    for number, listing in enumerate(ordered):
        _order(number, listing, sellers, now=now, chance=chance)
    dealt, written = _deals_of(her, offered, sellers, now=now, chance=chance) if her else (0, 0)
    seed_trade(offered, sellers, now=now, chance=chance)
    return {
        "people": len(everybody),
        "listings": len(offered),
        "messages": messages + written,
        "orders": len(ordered) + dealt,
    }


def _more_people(count: int, *, now: datetime, chance: Random) -> list[User]:
    """People with a public name, who joined at some time in the last two years."""
    return [_person(number, joined_at=now - timedelta(days=chance.randrange(70, 700))) for number in range(count)]


def _person(number: int, *, joined_at: datetime) -> User:
    is_woman = number % 2 == 0
    names = HER_NAMES if is_woman else HIS_NAMES
    given, family = names[number // 2 % len(names)], FAMILIES[number % len(FAMILIES)][0 if is_woman else 1]
    user = register_person(
        email=f"demo{number:02}@example.lv", password=PASSWORD, given_name=given, family_name=family, now=joined_at
    )
    user.display_name = f"{given} {family[0]}."
    user.save(update_fields=["display_name"])
    return user


def _offers(number: int, her: User | None, sellers: Sequence[User], *, chance: Random) -> User:
    """Who offers a listing."""
    anybody = chance.choice(sellers)
    return her if her and number % _OF_HER == 1 else anybody


def _deals_of(
    her: User, offered: Sequence[Listing], people: Sequence[User], *, now: datetime, chance: Random
) -> tuple[int, int]:
    """What she bought and sold, at several steps, with what was written about it; how many orders and messages."""
    free = [listing for number, listing in enumerate(offered) if number % _ORDERED and listing.is_open(now=now)]
    bought = zip(_BOUGHT, (listing for listing in free if listing.seller != her), strict=False)
    sold = zip(_SOLD, (listing for listing in free if listing.seller == her), strict=False)
    others = [person for person in people if person != her]
    deals = [(state, listing, her) for state, listing in bought]
    deals += [(state, listing, chance.choice(others)) for state, listing in sold]
    written = 0
    for state, listing, buyer in deals:
        written += _conversation(listing, [buyer], now=now, chance=chance)
        _deal(listing, buyer, state, Payment.CASH, now=now, chance=chance)
    return len(deals), written


def _listing(number: int, seller: User, *, now: datetime, chance: Random) -> Listing:
    """Most are offered, some have been closed, some are drafts; each ware comes again and again."""
    ware, begun = WARES[number % len(WARES)], now - timedelta(hours=chance.randrange(30, 1200))
    state = chance.choices((ListingState.DRAFT, ListingState.PUBLISHED, ListingState.CLOSED), (6, 86, 8))[0]
    price = Decimal(chance.randint(ware.least, ware.most)) + chance.choice((Decimal(0), Decimal("0.50")))
    listing = Listing.objects.create(
        id=_number(chance),
        seller=seller,
        state=state,
        language=ware.language,
        title=ware.title,
        description=f"{ware.text} {chance.choice(REMARKS[ware.language])}",
        category=ware.category,
        price=price,
        place=chance.choice(PLACES)[0],
        created_at=begun - timedelta(hours=1),
        published_at=None if state == ListingState.DRAFT else begun,
        ends_at=None if state == ListingState.DRAFT else begun + length_of("LISTING_SHOWN"),
    )
    note_words(listing)
    return listing


def _photos(listing: Listing, *, now: datetime, chance: Random) -> None:
    for position in range(1, chance.randint(2, 1 + VARIANTS)):
        picture = picture_of(WARES_BY_TITLE[listing.title], position % VARIANTS)
        photo = ListingPhoto(id=_number(chance), listing=listing, position=position, added_at=now)
        photo.width, photo.height = picture.width, picture.height
        write_files(photo.pk, picture)
        photo.save(force_insert=True)


WARES_BY_TITLE: Final = {ware.title: ware.category for ware in WARES}


def _conversation(listing: Listing, people: Sequence[User], *, now: datetime, chance: Random) -> int:
    """What two people wrote about a listing, question and answer in turn; how many messages."""
    seller = listing.seller
    if seller is None or listing.published_at is None:
        return 0
    buyer = chance.choice([person for person in people if person != seller])
    at = listing.published_at + (now - listing.published_at) * chance.random()
    conversation = Conversation.objects.create(id=_number(chance), listing=listing, title=listing.title, started_at=at)
    sides = ((seller, False), (buyer, True))
    Participant.objects.bulk_create(
        Participant(conversation=conversation, user=person, is_buyer=is_buyer) for person, is_buyer in sides
    )
    count = chance.randint(MESSAGES_A_LISTING - 2, MESSAGES_A_LISTING + 4)
    Message.objects.bulk_create(
        Message(
            id=_number(chance),
            conversation=conversation,
            sender=seller if turn % 2 else buyer,
            text=chance.choice(_said(turn)[listing.language]),
            at=at + (now - at) * turn / count,
        )
        for turn in range(count)
    )
    return count


def _said(turn: int) -> Mapping[str, tuple[str, ...]]:
    """The buyer asks, the seller answers, the buyer replies, and so on."""
    if turn == 0:
        return QUESTIONS
    return ANSWERS if turn % 2 else REPLIES


def _order(number: int, listing: Listing, people: Sequence[User], *, now: datetime, chance: Random) -> None:
    """Every state in turn; of a deal there is one for each listing."""
    seller = listing.seller
    if seller is None or listing.price is None or listing.published_at is None:
        return
    state, payment = [*OrderState][number % len(OrderState)], chance.choice([*Payment])
    if state == OrderState.RECEIVED:  # only what Escrow.com holds the money for is looked at before it is done
        payment = Payment.ESCROW
    buyer = chance.choice([person for person in people if person != seller])
    _deal(listing, buyer, state, payment, now=now, chance=chance)


def _deal(listing: Listing, buyer: User, state: OrderState, payment: Payment, *, now: datetime, chance: Random) -> None:
    if listing.seller is None or listing.price is None or listing.published_at is None:
        return
    at = listing.published_at + (now - listing.published_at) / 2
    order = Order.objects.create(
        id=_number(chance),
        listing=listing,
        title=listing.title,
        price=listing.price,
        delivery=Delivery.COLLECTION,
        payment=payment,
        state=state,
        offered_at=at,
        changed_at=at + (now - at) / 2,
    )
    Party.objects.create(order=order, user=listing.seller, is_buyer=False)
    Party.objects.create(order=order, user=buyer, is_buyer=True)


def _number(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
