"""What people of the demo say of each other and pay us for: feedback, comments, a report of each kind, a placement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from accounts.models import User
from marketplace.comment_terms import Ground
from marketplace.commenting import Said, write
from marketplace.disputing import Complaint, dispute
from marketplace.models import Listing, Order
from marketplace.ordering import seen_by
from marketplace.placements import PlacementMoney, choose, offers
from marketplace.rating import rate
from marketplace.report_terms import ReportKind
from marketplace.reporting import Told, report
from marketplace.terms import OrderState

_IP: Final = "192.0.2.7"
_FEEDBACK: Final = (
    (5, "Viss bija, kā aprakstīts, un saņēmu jau nākamajā dienā."),
    (4, "Laba lieta, tikai mazliet nolietota."),
    (5, "Ļoti laipns pārdevējs, iesaku."),
)
_COMMENTS: Final = (
    "Man ir tāds pats jau piecus gadus, kalpo labi.",
    "Vai kāds zina, kur tam var nopirkt rezerves daļas?",
    "Nepērciet, pārdevējs ir krāpnieks!",
)


def seed_trade(offered: Sequence[Listing], people: Sequence[User], *, now: datetime, chance: Random) -> None:
    """Fill the pages that only what people say and pay fills; the last comment is disputed, and a listing reported."""
    for number, order in enumerate(Order.objects.filter(state=OrderState.DONE).order_by("offered_at", "pk")):
        _rate(order, *_FEEDBACK[number % len(_FEEDBACK)], now=now)
    shown = [listing for listing in offered if listing.is_open(now=now)]
    if not shown:
        return
    _comment(shown[0], people, now=now, chance=chance)
    about, who = shown[-1], chance.choice([person for person in people if person != shown[-1].seller])
    why = Told(kind=ReportKind.COPY, text="Šķiet, ka fotoattēls ir no veikala lapas.", language="lv")
    report(about, why, user=who, now=now - timedelta(hours=5))
    if (seller := shown[0].seller) is not None:
        placement = choose(shown[0], seller, offers()[0], now=now - timedelta(hours=20), on_invoice={})
        PlacementMoney().paid(placement.pk, now=now - timedelta(hours=20))


def _rate(order: Order, stars: int, text: str, *, now: datetime) -> None:
    buyer = order.parties.select_related("user").get(is_buyer=True).user
    shown = seen_by(buyer, order)
    if shown is not None:
        rate(shown, stars=stars, text=text, author_name=buyer.display_name, now=now - timedelta(hours=30))


def _comment(listing: Listing, people: Sequence[User], *, now: datetime, chance: Random) -> None:
    """Under one listing; its seller disputes what the last one says of him."""
    others = [person for person in people if person != listing.seller]
    for hours, text in zip((9, 6, 3), _COMMENTS, strict=True):
        author = chance.choice(others)
        said = Said(author_name=author.display_name, text=text)
        comment = write(listing, said, user=author, ip=_IP, now=now - timedelta(hours=hours))
    why = Complaint(ground=Ground.PERSONAL, text="Tā nav taisnība, man ir labas atsauksmes.", language="lv")
    dispute(comment, why, user=listing.seller, now=now - timedelta(hours=2))
