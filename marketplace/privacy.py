"""What the marketplace holds about people (policy clauses 8.5, 14, 17)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Unpublished
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, describe, keep
from marketplace import (
    privacy_of_comments,
    privacy_of_feedback,
    privacy_of_people,
    privacy_of_photos,
    privacy_of_placements,
    privacy_of_reports,
)
from marketplace.terms import ListingState

_STAYS: Final = keep(
    _(
        "What you published stays readable without your name and leads neither to you nor to what else you wrote;"
        " telephone numbers and addresses in it are blacked out."
    ),
    act="GDPR Art. 17(3)(a)",
)

_WITH_THE_OTHER: Final = keep(
    _("It lies in the mailbox of the person you wrote to, who sees that a deleted user wrote it."),
    act="GDPR Art. 17(3)(a)",
)

_LISTING = Holding(
    model="marketplace.Listing",
    label=_("Your listings"),
    about={"user": "seller"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="PUBLIC_CONTENT",
    personal={
        "seller": Personal(Category.ACCOUNT, label=_("account"), on_erasure=DETACH),
        "title": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "description": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS, note="what the seller wrote about it"),
        "words": Personal(
            Category.PUBLIC_CONTENT,
            on_access=describe(_("The words of title and description once more, so that a search finds them.")),
            on_erasure=BLANK,
        ),
        "state": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "language": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "category": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "price": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "place": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "created_at": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "published_at": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "ends_at": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
    },
    neutral={"id"},
    cleans_with="marketplace.leaving.black_out_listings",
    unpublished=Unpublished(
        {"state__in": (ListingState.DRAFT, ListingState.REMOVED)},
        _("Drafts of your listings, and listings that we took down"),
    ),
)

_PARTICIPANT = Holding(
    model="marketplace.Participant",
    label=_("Your part in conversations"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNT",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "conversation": Personal(Category.ACCOUNT, label=_("conversation")),
        "is_buyer": Personal(Category.ACCOUNT),
        "blocked_at": Personal(Category.ACCOUNT),
    },
    neutral={"id"},
)

_MESSAGE = Holding(
    model="marketplace.Message",
    label=_("Messages about listings"),
    about={"user": "sender", "also": "conversation__participants__user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="MESSAGES",
    ends="silent_since",
    personal={
        "sender": Personal(Category.ACCOUNT, label=_("account"), on_erasure=DETACH),
        "text": Personal(
            Category.FREE_TEXT,
            on_erasure=_WITH_THE_OTHER,
            note="what two people wrote to each other about a listing",
        ),
        "at": Personal(Category.FREE_TEXT, on_erasure=_WITH_THE_OTHER),
        "conversation": Personal(Category.FREE_TEXT, on_erasure=_WITH_THE_OTHER, label=_("conversation")),
    },
    neutral={"id", "silent_since"},
)

_PARTY = Holding(
    model="marketplace.Party",
    label=_("Your part in orders"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="ACCOUNT",
    personal={
        "user": Personal(Category.ACCOUNT, label=_("account")),
        "is_buyer": Personal(Category.FINANCIAL),
        "order": Personal(Category.FINANCIAL, label=_("order")),
    },
    neutral={"id"},
)

_OF_BOTH: Final = keep(
    _("It belongs to the other of the two as well; nothing in it says who you were."), act="GDPR Art. 17(3)(e)"
)

_ORDER = Holding(
    model="marketplace.Order",
    label=_("What was agreed in your orders"),
    about={"user": "parties__user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="MESSAGES",
    personal={
        name: Personal(Category.FINANCIAL, on_erasure=_OF_BOTH)
        for name in ("title", "price", "delivery", "payment", "state")
    }
    | {
        name: Personal(Category.FINANCIAL, on_erasure=_OF_BOTH)
        for name in ("offered_at", "changed_at", "paid_at", "paid_back_at")
    }
    | {"id": Personal(Category.FINANCIAL, on_erasure=_OF_BOTH, label=_("order"))},
    neutral={"listing"},
)

_CONVERSATION = Holding(
    model="marketplace.Conversation",
    label=_("Conversations as a whole"),
    about={"user": "participants__user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="MESSAGES",
    personal={
        "id": Personal(Category.FREE_TEXT, on_erasure=_OF_BOTH, label=_("conversation")),
        "title": Personal(Category.FREE_TEXT, on_erasure=_OF_BOTH),
        "started_at": Personal(Category.FREE_TEXT, on_erasure=_OF_BOTH),
    },
    neutral={"listing"},
)

HOLDINGS = (
    _LISTING,
    *privacy_of_photos.HOLDINGS,
    *privacy_of_placements.HOLDINGS,
    *privacy_of_people.HOLDINGS,
    _PARTICIPANT,
    _MESSAGE,
    _CONVERSATION,
    _PARTY,
    _ORDER,
    *privacy_of_comments.HOLDINGS,
    *privacy_of_feedback.HOLDINGS,
    *privacy_of_reports.HOLDINGS,
)
KEEPERS = privacy_of_comments.KEEPERS
STORES = privacy_of_photos.STORES

NOT_PERSONAL = (
    *privacy_of_photos.NOT_PERSONAL,
    *privacy_of_people.NOT_PERSONAL,
)
