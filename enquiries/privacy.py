"""What enquiries hold about people, with and without an account (policy clause 5; Art. 6(1)(b), 6(1)(f))."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, withhold

_TOKENS: Final = "vault.tokens.email_tokens"
_STAFF: Final = withhold(_("who on our side decided; names of staff are not part of your data"))
_ONCE: Final = Personal(
    Category.REQUEST,
    on_access=withhold(_("a keyed token by which a message that comes twice is known")),
    label=_("token of the message"),
)

HOLDINGS = (
    Holding(
        model="enquiries.Enquiry",
        looks=True,
        label=_("Your questions, requests for an offer and reports of a problem"),
        about={"user": "user", "email": Via("email_token", by=_TOKENS)},
        purposes=("SERVICE", "OFFER"),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="ENQUIRY",
        ends="ends_at",
        recipients=("MAILGUN",),
        why=_("so that you get an answer, and we know what was agreed when you come back to it"),
        personal={
            "user": Personal(Category.ACCOUNT, label=_("account")),
            "kind": Personal(Category.REQUEST),
            "came_by": Personal(Category.REQUEST, label=_("by which way it reached us")),
            "state": Personal(Category.REQUEST),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                label=_("token of your address"),
            ),
            "email": Personal(Category.EMAIL),
            "name": Personal(Category.IDENTITY),
            "page": Personal(
                Category.BEHAVIOUR, note="the page a problem happened on, without query, secrets and e-mail addresses"
            ),
            "language": Personal(Category.LANGUAGE, words="datamap.words.languages"),
            "arrived_at": Personal(Category.REQUEST),
            "entered_by": Personal(Category.IDENTITY, on_access=_STAFF, label=_("who of our staff entered it")),
            "key_digest": Personal(
                Category.REQUEST, on_access=withhold(_("whoever has the link can read the enquiry and write in it"))
            ),
            "once": _ONCE,
            "request": Personal(Category.REQUEST),
        },
        neutral={"id", "ends_at"},
    ),
    Holding(
        model="enquiries.Message",
        label=_("What you and we wrote about an enquiry"),
        about={"user": "enquiry__user", "email": Via("enquiry__email_token", by=_TOKENS)},
        purposes=("SERVICE", "OFFER"),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="ENQUIRY",
        ends="ends_at",
        recipients=("MAILGUN",),
        personal={
            "direction": Personal(Category.REQUEST),
            "text": Personal(Category.FREE_TEXT, note="what somebody asked and what we answered; may name anything"),
            "at": Personal(Category.REQUEST),
            "by": Personal(Category.IDENTITY, on_access=_STAFF, label=_("who of our staff wrote it")),
            "once": _ONCE,
        },
        neutral={"id", "enquiry", "ends_at"},
    ),
    Holding(
        model="enquiries.SupportContact",
        looks=True,
        label=_("Numbers and handles from which you turned to our support"),
        about={"user": "user_id", "phone": "contact"},
        purposes=("STABILITY", "SECURITY"),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.OBSERVED,
        period="VISIT_LOG",
        clock="at",
        why=_("While an enquiry is open, the number or handle it came from stays, so that we can answer."),
        personal={
            "at": Personal(Category.BEHAVIOUR),
            "channel": Personal(Category.BEHAVIOUR),
            "contact": Personal(Category.PHONE, note="a telephone number in one spelling, or the handle in a network"),
            "user_id": Personal(Category.ACCOUNT),
        },
        neutral={"id", "enquiry"},
    ),
)

KEEPERS = ("enquiries.contacts.keeping",)
