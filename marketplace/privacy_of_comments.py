"""What comments hold about those who write them and those who dispute them (policy clause 14; Q14.5)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Unpublished, Via
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, keep, withhold
from marketplace.comment_terms import CommentState
from marketplace.privacy_of_removals import STAFF, removal

_STAYS: Final = keep(
    _("a comment stays readable without your name and leads neither to you nor to what else you wrote"),
    act="GDPR Art. 17(3)(a)",
)
_DECIDED: Final = keep(
    _("shows what was decided about a comment or feedback, and why, without your name"),
    act="Art. 17(3)(e) GDPR; Regulation 2022/2065 Art. 16, 17",
)
_ONCE: Final = withhold(_("a keyed token by which a message that comes twice is known"))

_COMMENT: Final = Holding(
    model="marketplace.Comment",
    label=_("Your comments under listings"),
    about={"user": "user"},
    purposes=("SERVICE",),
    basis=LawfulBasis.CONTRACT,
    source=Source.PROVIDED,
    period="PUBLIC_CONTENT",
    ends="ends_at",
    purge_with="marketplace.comment_keeping.purge",
    late_with="marketplace.comment_keeping.is_late",
    personal={
        "user": Personal(Category.ACCOUNT, on_erasure=DETACH, label=_("account")),
        "author_name": Personal(Category.PUBLIC_CONTENT, on_erasure=BLANK),
        "text": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS, note="what somebody wrote for all"),
        "published_at": Personal(Category.PUBLIC_CONTENT, on_erasure=_STAYS),
        **removal(_STAYS),
        "once": Personal(Category.PUBLIC_CONTENT, on_access=_ONCE, on_erasure=_STAYS, label=_("token of the message")),
    },
    neutral={"id", "listing", "ends_at"},
    cleans_with="marketplace.contacts_in_text.black_out",
    unpublished=Unpublished({"state": CommentState.REMOVED}, _("Comments of yours that we removed")),
)

_TRACE: Final = Holding(
    model="marketplace.CommentTrace",
    looks=True,
    label=_("From where you wrote a comment, and where we reach you about it"),
    about={"user": "comment__user"},
    purposes=("CLAIMS",),
    basis=LawfulBasis.LEGITIMATE_INTERESTS,
    source=Source.OBSERVED,
    period="COMMENT_TRACE",
    clock="at",
    why=_("only where somebody claims that the comment is unlawful; longer only while such a claim is open"),
    personal={
        "email": Personal(Category.EMAIL),
        "ip": Personal(Category.NETWORK),
        "at": Personal(Category.BEHAVIOUR),
    },
    neutral={"id", "comment"},
)

_NOTICE: Final = Holding(
    model="marketplace.CommentNotice",
    looks=True,
    label=_("Your notices against comments and feedback"),
    about={"user": "user", "email": Via("email_token", by="vault.tokens.email_tokens")},
    purposes=("CLAIMS",),
    basis=LawfulBasis.LEGAL_OBLIGATION,
    act="Regulation 2022/2065 Art. 16",
    source=Source.PROVIDED,
    period="NOTICE",
    ends="ends_at",
    recipients=("MAILGUN",),
    personal={
        "user": Personal(Category.ACCOUNT, on_erasure=DETACH, label=_("account")),
        "email_token": Personal(
            Category.EMAIL,
            on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
            on_erasure=BLANK,
            label=_("token of your address"),
        ),
        "email": Personal(Category.EMAIL, on_erasure=BLANK),
        "name": Personal(Category.IDENTITY, on_erasure=BLANK),
        "text": Personal(Category.FREE_TEXT, on_erasure=BLANK, note="why something is disputed; may name anything"),
        "ground": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "language": Personal(Category.LANGUAGE, on_erasure=_DECIDED, words="datamap.words.languages"),
        "arrived_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "state": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "decision": Personal(
            Category.REQUEST, on_erasure=_DECIDED, note="why staff decided so, as both sides were told"
        ),
        "decided_by": Personal(
            Category.IDENTITY, on_access=STAFF, on_erasure=_DECIDED, label=_("who of our staff decided")
        ),
        "decided_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "once": Personal(Category.REQUEST, on_access=_ONCE, on_erasure=_DECIDED, label=_("token of the message")),
    },
    neutral={"id", "comment", "feedback", "ends_at"},
)

HOLDINGS = (_COMMENT, _TRACE, _NOTICE)
KEEPERS = ("marketplace.comment_keeping.keeping",)
