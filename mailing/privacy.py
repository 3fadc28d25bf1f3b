"""What mailing knows about people: who was written to, when and why; the text only while it waits (clauses 9, 13)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Use, describe, keep, withhold

_FORGETTING = keep(_("to see that Mailgun forgets you too"), act="Art. 19, 28(3)(g) GDPR")

HOLDINGS = (
    Holding(
        model="mailing.OutgoingMessage",
        looks=True,
        label=_("E-mails sent to you"),
        about={"user": "user_id", "email": "to_address"},
        purposes=("SERVICE", "REGISTRATION", "ACCOUNTABILITY", "MARKETING_EMAIL"),
        basis=LawfulBasis.CONTRACT,
        source=Source.DERIVED,
        period="OUTGOING_MAIL",
        # Also what was never sent must go one day.
        clock="created_at",
        recipients=("MAILGUN",),
        why=_("so that mail reaches you, and we can tell you what we sent"),
        personal={
            "to_address": Personal(Category.EMAIL, label=_("to")),
            "user_id": Personal(Category.ACCOUNT, label=_("account")),
            "template": Personal(Category.REQUEST, label=_("kind of message")),
            "purpose": Personal(Category.REQUEST, label=_("purpose"), words="datamap.words.purposes"),
            "language": Personal(Category.LANGUAGE, label=_("language"), words="datamap.words.languages"),
            "subject": Personal(Category.REQUEST, label=_("subject")),
            "body_sealed": Personal(
                Category.REQUEST,
                on_access=describe(_("the text of a message that still waits; it is dropped when the message goes")),
                label=_("text"),
            ),
            "state": Personal(Category.REQUEST, label=_("state")),
            "created_at": Personal(Category.REQUEST, label=_("written at")),
            "tried_at": Personal(Category.REQUEST, label=_("last tried at")),
            "handed_over_at": Personal(Category.REQUEST, label=_("handed over at")),
            "handed_to": Personal(Category.REQUEST, label=_("handed over to"), words="datamap.words.recipients"),
            "refused_reason": Personal(Category.CONSENT, label=_("why it was not sent")),
            "error": Personal(Category.REQUEST, label=_("why it was given up")),
            "reference": Personal(Category.REQUEST, label=_("about")),
            "bounced_at": Personal(Category.REQUEST, label=_("came back at")),
        },
        neutral={"id", "provider_id", "forget_after_delivery"},
        happenings=(
            Happening(
                use=Use.MAIL,
                at="handed_over_at",
                says=_("An e-mail went to you: %(subject)s"),
                of=("subject",),
                because="purpose",
            ),
        ),
    ),
    Holding(
        model="mailing.Suppression",
        looks=True,
        label=_("List of addresses that get no advertising"),
        about={"email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("MARKETING_EMAIL",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="Art. 21(3) GDPR",
        source=Source.DERIVED,
        period="SUPPRESSION",
        why=_("so that nobody who said no gets advertising again"),
        erase_with="mailing.erasure.suppress_erased",
        written_by_erasure=True,
        personal={
            "email_token": Personal(
                Category.EMAIL,
                on_access=describe(_("a code made from your address, from which the address cannot be read")),
                on_erasure=keep(
                    _("so that your address cannot be added to a mailing again"), act="Art. 21(3), 17(3)(b) GDPR"
                ),
                label=_("code of your address"),
            ),
            "at": Personal(
                Category.CONSENT,
                on_erasure=keep(_("belongs to the entry above"), act="Art. 21(3), 17(3)(b) GDPR"),
                label=_("since"),
            ),
            "reason": Personal(
                Category.CONSENT,
                on_erasure=keep(_("belongs to the entry above"), act="Art. 21(3), 17(3)(b) GDPR"),
                label=_("reason"),
            ),
        },
        neutral={"id"},
    ),
    Holding(
        model="mailing.Forgetting",
        label=_("Your address, sealed, until Mailgun has forgotten it"),
        about={"email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 19, 28(3)(g)",
        source=Source.DERIVED,
        period="FORGETTING",
        clock="asked_at",
        why=_("so that we can see that your erasure has reached the service that carried our e-mails"),
        personal={
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                on_erasure=_FORGETTING,
                label=_("token of your address"),
            ),
            "email": Personal(Category.EMAIL, on_erasure=_FORGETTING),
            "asked_at": Personal(Category.REQUEST, on_erasure=_FORGETTING),
            "emptied_at": Personal(Category.REQUEST, on_erasure=_FORGETTING),
        },
        neutral={"id"},
    ),
)

NOT_PERSONAL = (
    NotPersonal("mailing.Reconciliation", "counts of a comparison"),
    NotPersonal("mailing.InboundEvent", "keyed tokens of the calls of the last day, so that none is heard twice"),
)
