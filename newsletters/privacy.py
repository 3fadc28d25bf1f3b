"""What the newsletter knows about people without an account: an address that asked, and later said yes (Q13.8)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store, Via
from datamap.terms import Category, LawfulBasis, Source, withhold

WITHDRAWERS = ("newsletters.withdrawing.withdraw_asked",)

_BY_ADDRESS: Final = {"email": Via("email_token", by="vault.tokens.email_tokens")}
_TOKEN: Final = Personal(
    Category.EMAIL,
    on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
    label=_("token of your address"),
)

HOLDINGS = (
    Holding(
        model="newsletters.SubscriptionRequest",
        label=_("Subscription to the newsletter that waits for your confirmation"),
        about=_BY_ADDRESS,
        purposes=("MARKETING_EMAIL",),
        basis=LawfulBasis.CONSENT,
        source=Source.PROVIDED,
        period="OPT_IN",
        clock="requested_at",
        why=_("so that nobody gets the newsletter because somebody else typed her address"),
        personal={
            "email_token": _TOKEN,
            "email": Personal(Category.EMAIL),
            "ip": Personal(Category.NETWORK),
            "language": Personal(Category.LANGUAGE, words="datamap.words.languages"),
            "wording": Personal(
                Category.CONSENT, label=_("wording and its version"), words="consent.wordings.wordings"
            ),
            "secret_digest": Personal(
                Category.CONSENT, on_access=withhold(_("whoever has the link can confirm in your place"))
            ),
            "letters": Personal(Category.CONSENT),
            "requested_at": Personal(Category.CONSENT),
        },
        neutral={"id"},
    ),
    Holding(
        model="newsletters.Subscription",
        label=_("Subscription to the newsletter without an account"),
        about=_BY_ADDRESS,
        purposes=("MARKETING_EMAIL",),
        basis=LawfulBasis.CONSENT,
        source=Source.PROVIDED,
        period="SUBSCRIPTION",
        recipients=("MAILGUN",),
        why=_("so that the newsletter reaches you until you end it"),
        personal={
            "email_token": _TOKEN,
            "email": Personal(Category.EMAIL),
            "language": Personal(Category.LANGUAGE, words="datamap.words.languages"),
            "confirmed_at": Personal(Category.CONSENT),
        },
        neutral={"id"},
    ),
    Holding(
        model="newsletters.CampaignRecipient",
        label=_("Advertising letters prepared for you"),
        about={"user": "number", **_BY_ADDRESS},
        purposes=("MARKETING_EMAIL",),
        basis=LawfulBasis.CONSENT,
        source=Source.DERIVED,
        period="OUTGOING_MAIL",
        clock="prepared_at",
        why=_("so that you get each advertisement once, and none after you said no"),
        personal={
            "kind": Personal(Category.ACCOUNT, label=_("sent to an account or to a subscription")),
            "number": Personal(Category.ACCOUNT, label=_("account or subscription")),
            "email_token": _TOKEN,
            "state": Personal(Category.CONSENT, label=_("state")),
            "prepared_at": Personal(Category.CONSENT, label=_("prepared at")),
        },
        neutral={"id", "campaign", "message"},
    ),
)

SEALED_FILES = ("newsletters.ListImport.file_name",)

STORES = (
    Store(
        code="old_lists",
        label=_("Lists of subscribers of an earlier system"),
        holds=_("the addresses of a list that we take over, sealed, until its last line has been read"),
        period="OLD_LIST",
        purposes=("MARKETING_EMAIL",),
        purge_with="newsletters.lists.purge",
    ),
)

NOT_PERSONAL = (
    NotPersonal("newsletters.ListImport", why="how many lines of a list came to what; the list itself is a store"),
    NotPersonal("newsletters.RefusedLine", why="line numbers and reasons, and nothing of what stood in the line"),
    NotPersonal("newsletters.Campaign", why="advertisements as staff wrote them, and how many letters went, as counts"),
)
