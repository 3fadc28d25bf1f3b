"""What feedback holds about who wrote it and about whom it was written (policy clause 14)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Unpublished
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, keep
from marketplace.comment_terms import CommentState
from marketplace.privacy_of_removals import removal

_STAYS: Final = keep(
    _("What you said of a seller stays readable without your name, as long as the seller has an account."),
    act="GDPR Art. 17(3)(a)",
)

_STANDING: Final = Holding(
    model="marketplace.Standing",
    label=_("What buyers said about you as a seller, all of it"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.FROM_THIRD_PARTY,
    period="ACCOUNT",
    personal={"user": Personal(Category.ACCOUNT, label=_("account"))},
)

_FEEDBACK: Final = Holding(
    model="marketplace.Feedback",
    label=_("What you said of sellers"),
    about={"user": "author", "also": "standing__user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="PUBLIC_CONTENT",
    personal={
        "author": Personal(Category.ACCOUNT, label=_("account"), on_erasure=DETACH),
        "order": Personal(Category.FINANCIAL, label=_("order"), on_erasure=DETACH),
        "author_name": Personal(Category.IDENTITY, on_erasure=BLANK),
        "stars": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        "text": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS, note="what a buyer wrote for all about a seller"),
        "published_at": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        **removal(_STAYS),
    },
    neutral={"id", "standing", "ends_at"},
    ends="ends_at",
    cleans_with="marketplace.contacts_in_text.black_out",
    unpublished=Unpublished({"state": CommentState.REMOVED}, _("What you said of sellers and we removed")),
)

HOLDINGS: Final = (_STANDING, _FEEDBACK)
