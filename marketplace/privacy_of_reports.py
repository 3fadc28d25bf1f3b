"""What reports and removals hold about those who report and those who sell (Q14.6, Q14.10; 2022/2065 Art. 16, 17)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Via
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, keep, withhold

_DECIDED: Final = keep(
    _("shows what was decided about a report, and why, without your name"),
    act="Art. 17(3)(e) GDPR; Regulation 2022/2065 Art. 16, 17",
)
_STAFF: Final = withhold(_("who on our side decided; names of staff are not part of your data"))

_REPORT: Final = Holding(
    model="marketplace.Report",
    looks=True,
    label=_("What you reported to us"),
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
        "text": Personal(Category.FREE_TEXT, on_erasure=BLANK, note="why something is reported; may name anything"),
        "kind": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "language": Personal(Category.LANGUAGE, on_erasure=_DECIDED, words="datamap.words.languages"),
        "arrived_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "state": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "ground": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "decision": Personal(
            Category.REQUEST, on_erasure=_DECIDED, note="why staff decided so, as both sides were told"
        ),
        "decided_by": Personal(
            Category.IDENTITY, on_access=_STAFF, on_erasure=_DECIDED, label=_("who of our staff decided")
        ),
        "decided_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "once": Personal(
            Category.REQUEST,
            on_access=withhold(_("a keyed token by which a message that comes twice is known")),
            on_erasure=_DECIDED,
            label=_("token of the message"),
        ),
    },
    neutral={"id", "listing", "conversation", "ends_at"},
)

_REPORTED: Final = Holding(
    model="marketplace.ReportedText",
    label=_("What a listing of yours said when somebody reported it"),
    about={"user": "seller"},
    purposes=("CLAIMS",),
    basis=LawfulBasis.LEGAL_OBLIGATION,
    act="Regulation 2022/2065 Art. 16",
    source=Source.PROVIDED,
    period="NOTICE",
    ends="ends_at",
    why=_("so that nobody edits away what was wrong; who reported it we tell nobody (Art. 15(4) GDPR)"),
    personal={
        "seller": Personal(Category.ACCOUNT, label=_("account")),
        "title": Personal(Category.FREE_TEXT),
        "description": Personal(Category.FREE_TEXT, note="what the seller wrote about it"),
    },
    neutral={"id", "report", "ends_at"},
)

_REMOVAL: Final = Holding(
    model="marketplace.Removal",
    looks=True,
    label=_("Listings of yours that we took down, and your objections"),
    about={"user": "seller"},
    purposes=("CLAIMS",),
    basis=LawfulBasis.LEGAL_OBLIGATION,
    act="Regulation 2022/2065 Art. 17",
    source=Source.PROVIDED,
    period="NOTICE",
    ends="ends_at",
    purge_with="marketplace.report_keeping.purge",
    recipients=("MAILGUN",),
    personal={
        "seller": Personal(Category.ACCOUNT, on_erasure=DETACH, label=_("account")),
        "objection": Personal(Category.FREE_TEXT, on_erasure=BLANK, note="why a listing should come back"),
        "was": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "ground": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "reason": Personal(Category.REQUEST, on_erasure=_DECIDED, note="why staff took it down, as its seller read it"),
        "removed_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "removed_by": Personal(
            Category.IDENTITY, on_access=_STAFF, on_erasure=_DECIDED, label=_("who of our staff removed it")
        ),
        "state": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "objected_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
        "answer": Personal(
            Category.REQUEST, on_erasure=_DECIDED, note="what staff answered to the objection of the seller"
        ),
        "decided_by": Personal(
            Category.IDENTITY, on_access=_STAFF, on_erasure=_DECIDED, label=_("who of our staff decided")
        ),
        "decided_at": Personal(Category.REQUEST, on_erasure=_DECIDED),
    },
    neutral={"id", "listing", "ends_at"},
)

HOLDINGS = (_REPORT, _REPORTED, _REMOVAL)
