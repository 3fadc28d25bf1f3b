"""What the registers hold about people: disclosures and the requests they answer; nothing else names anybody."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Use, describe, keep, withhold

_DISCLOSED = keep(
    _("shows you, and the authority, who got data about you, when and on which ground"),
    act="GDPR Art. 5(2), 15(1)(c), 17(3)(b)",
)
_ASKED = keep(_("shows which authority asked for your data, by which power, and who decided"), act="GDPR Art. 5(2)")
_STAFF = withhold(_("who on our side acted; names of staff are not part of your data"))
_WORDS = describe(_("staff's own words; they may name others (Art. 15(4) GDPR)"))

HOLDINGS = (
    Holding(
        model="registers.AuthorityRequest",
        looks=True,
        label=_("Requests of authorities about you"),
        about={"user": Via("pk", by="registers.queries.requests_told_to")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 6(1)(c)",
        source=Source.FROM_THIRD_PARTY,
        period="CASE_FILE",
        ends="ends_at",
        why=_("Registered before anything is given out; two people decide. One that must stay secret is told later."),
        personal={
            "kind": Personal(Category.REQUEST, on_erasure=_ASKED),
            "requester": Personal(Category.REQUEST, on_erasure=_ASKED),
            "power": Personal(Category.REQUEST, on_erasure=_ASKED),
            "document": Personal(Category.REQUEST, on_erasure=_ASKED),
            "subject_id": Personal(Category.ACCOUNT, on_erasure=_ASKED),
            "tables": Personal(Category.REQUEST, on_erasure=_ASKED, note="names of tables"),
            "since": Personal(Category.REQUEST, on_erasure=_ASKED),
            "until": Personal(Category.REQUEST, on_erasure=_ASKED),
            "received_at": Personal(Category.REQUEST, on_erasure=_ASKED),
            "state": Personal(Category.REQUEST, on_erasure=_ASKED),
            "decided_at": Personal(Category.REQUEST, on_erasure=_ASKED),
            "decision": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_ASKED, note="words of staff"),
            **{
                name: Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_ASKED)
                for name in ("registered_by", "decided_by")
            },
        },
        neutral={"id", "secret_under", "secret_until", "registered_at", "ends_at"},
    ),
    Holding(
        model="registers.Disclosure",
        looks=True,
        label=_("Disclosures of your data to third parties"),
        about={
            "user": Via("pk", by="registers.queries.told_to_accounts"),
            "email": Via("pk", by="registers.queries.told_to_addresses"),
        },
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 15(1)(c)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("Written down before anything goes out, so that you can always be told who got what."),
        personal={
            "kind": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "recipient": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "ground": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "act": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "balance": Personal(
                Category.REQUEST, on_erasure=_DISCLOSED, note="why the interests of the person did not outweigh"
            ),
            "purpose": Personal(Category.CONSENT, on_erasure=_DISCLOSED),
            "consent": Personal(Category.CONSENT, on_erasure=_DISCLOSED),
            "reason": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_DISCLOSED, note="words of staff"),
            "categories": Personal(Category.REQUEST, on_erasure=_DISCLOSED, note="names of categories"),
            "tables": Personal(Category.REQUEST, on_erasure=_DISCLOSED, note="names of tables"),
            "at": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "handed_over_at": Personal(Category.REQUEST, on_erasure=_DISCLOSED),
            "subject_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token by which we find the disclosure for you")),
                on_erasure=_DISCLOSED,
                label=_("token of your account"),
            ),
            "email_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token by which we find the disclosure for you")),
                on_erasure=_DISCLOSED,
                label=_("token of your address"),
            ),
            "by": Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_DISCLOSED),
        },
        neutral={"id", "request", "secret_under", "secret_until", "ends_at"},
        happenings=(
            Happening(
                use=Use.TOLD,
                at="handed_over_at",
                says=_("%(recipient)s (%(kind)s) got data about you"),
                of=("recipient", "kind"),
                because="ground",
            ),
        ),
    ),
)

NOT_PERSONAL = (
    NotPersonal("registers.RegisterVersion", "the Art. 30 record of each day it changed"),
    NotPersonal("registers.ContractVersion", "contracts with companies; contacts are addresses of functions"),
    NotPersonal("registers.BalancingVersion", "assessments of purposes"),
    NotPersonal("registers.Breach", "facts, categories and numbers; words that name a data subject are refused"),
    NotPersonal("registers.BreachEntry", "what was entered into the breach register, step by step"),
    NotPersonal("registers.Reminder", "codes of letters to ourselves"),
)

CONTRACT_KEEPERS = ("registers.contracts.answer",)
DISCLOSERS = ("registers.queries.disclosed_to",)
