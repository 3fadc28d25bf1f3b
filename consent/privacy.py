"""What this app holds about people: the proof of consents, which outlives the account (Art. 7(1))."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, OnErasure, Source, Text, Use, describe, keep, withhold

_ACT = "GDPR Art. 7(1), 17(3)(e)"
_BY_ADDRESS: Final = Via("subject_token", by="vault.tokens.email_tokens")


def _proof() -> OnErasure:
    return keep(_("proof that you agreed, refused or withdrew"), act=_ACT, until="CONSENT_PROOF")


def _kept(category: Category = Category.CONSENT, *, note: str = "", label: Text = "", words: str = "") -> Personal:
    return Personal(category, on_erasure=_proof(), note=note, label=label, words=words)


HOLDINGS = (
    Holding(
        model="consent.ConsentEvent",
        looks=True,
        label=_("Record of your consents"),
        about={
            "user": Via("subject_token", by="vault.tokens.subject_tokens"),
            "email": _BY_ADDRESS,
            "visitor": Via("subject_token", by="consent.queries.receipt_tokens"),
        },
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.PROVIDED,
        period="CONSENT_PROOF",
        purge_with="consent.purging.purge",
        late_with="consent.purging.is_left",
        ledger=True,
        personal={
            "subject_token": _kept(Category.VISITOR_KEY),
            "purpose": _kept(),
            "scope": _kept(label=_("what it is about")),
            "state": _kept(),
            "text_sha256": _kept(label=_("wording and its version"), words="consent.wordings.wordings"),
            "language": _kept(Category.LANGUAGE, words="datamap.words.languages"),
            "method": _kept(),
            "place": _kept(),
            "evidence": _kept(note="codes only: version of the notice, reason of an invalidation"),
            "at": _kept(),
        },
        neutral={
            "id",
            "salt",
            "commitment",
            "seal",
            "text_version",
            "lv_sha256",
        },
        why=_("The proof of a consent must outlast the consent; it names you only by a keyed pseudonym."),
        happenings=(
            Happening(
                use=Use.CONSENT,
                at="at",
                says=_("%(purpose)s: %(state)s (%(method)s)"),
                of=("purpose", "state", "method"),
            ),
        ),
    ),
    Holding(
        model="consent.ProofTerm",
        label=_("End of the proof of your consents"),
        about={"user": Via("subject_token", by="vault.tokens.subject_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.DERIVED,
        period="CONSENT_PROOF",
        ends="ends_at",
        purge_with="consent.purging.purge_terms",
        swept_after="consent.ConsentEvent",
        personal={"subject_token": _kept(Category.VISITOR_KEY), "ended_at": _kept(Category.ACCOUNT)},
        neutral={"ends_at"},
        why=_("With the account every consent ends; from that day on the proof is kept for its term."),
    ),
    Holding(
        model="consent.SubscriptionEvidence",
        looks=True,
        label=_("Evidence of your subscription to commercial messages"),
        about={"user": Via("subject_token", by="vault.tokens.subject_tokens"), "email": _BY_ADDRESS},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.OBSERVED,
        period="CONSENT_PROOF",
        ends="ends_at",
        erase_with="consent.withdrawing.end_with_erasure",
        personal={
            "subject_token": _kept(Category.VISITOR_KEY),
            "ip": _kept(Category.NETWORK),
            "at": _kept(),
        },
        neutral={"id", "event", "ends_at"},
        why=_("Policy clause 13: the IP address, date and time of a subscription, to trace misuse of an address."),
    ),
    Holding(
        model="consent.ConsentDocument",
        looks=True,
        label=_("Letters and mails in which you gave or withdrew a consent"),
        about={"user": Via("subject_token", by="vault.tokens.subject_tokens"), "email": _BY_ADDRESS},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.PROVIDED,
        period="CONSENT_PROOF",
        purge_with="consent.documents.purge",
        personal={
            "subject_token": _kept(Category.VISITOR_KEY),
            "file_name": Personal(
                Category.CONSENT,
                on_access=describe(_("your letter or mail, sealed on our disk; ask us for a copy of it")),
                on_erasure=_proof(),
                label=_("document"),
            ),
            "sha256": _kept(),
            "arrived_at": _kept(),
            "shown_by": _kept(note="how it was found out that the letter comes from the person"),
            "recorded_by": Personal(
                Category.IDENTITY,
                on_access=withhold(_("who on our side recorded it; names of staff are not part of your data")),
                on_erasure=_proof(),
                label=_("who recorded it"),
            ),
        },
        neutral={"id", "event", "size", "recorded_at"},
        why=_("Whoever agrees or withdraws on paper has the same proof as with a click."),
    ),
    Holding(
        model="consent.PolicyNotice",
        label=_("Letters to you about changes of the privacy policy"),
        about={"user": "user_id"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 12(1), 13(3)",
        source=Source.DERIVED,
        period="ACCOUNT",
        personal={
            "user_id": Personal(Category.ACCOUNT, label=_("account")),
            "outcome": Personal(Category.REQUEST),
            "at": Personal(Category.REQUEST),
            "bounced_at": Personal(Category.REQUEST, label=_("came back at")),
        },
        neutral={"id", "mailing", "message_id"},
        why=_("so that everybody hears once, and once only, of a material change"),
    ),
)

SEALED_FILES = ("consent.ConsentDocument.file_name",)

NOT_PERSONAL = (
    NotPersonal("consent.TextVersion", "texts published for everybody"),
    NotPersonal("consent.PolicyMailing", "which version was written about, and how far that got"),
    NotPersonal("consent.RefusalCount", "counts by day without any identifier (Q11.16)"),
)

GATEKEEPERS = ("consent.gate.answer",)
WITHDRAWERS = ("consent.withdrawing.withdraw_asked",)
BOUNCE_READERS = ("consent.policy_mails.hear_bounce",)
RECEIPT_READERS = ("consent.receipts.facts_of",)
CHILD_HANDLERS = ("consent.children.invalidate_consents",)
