"""How requests came in, who filed them, and what was written about them."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Via
from datamap.terms import BLANK, Category, LawfulBasis, Source, describe, withhold
from dsar.privacy.words import ACT, OF_CASE, PROOF, STAFF

HOLDINGS = (
    Holding(
        model="dsar.Intake",
        looks=True,
        label=_("Your messages as they reached us"),
        about={"user": Via("pk", by="dsar.queries.intakes"), "email": "sender"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_intakes",
        erase_with="dsar.sweeping.erase_intakes",
        personal={
            "sender": Personal(Category.EMAIL),
            "entered_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff entered it")),
            "dedupe_key": Personal(
                Category.REQUEST,
                on_access=withhold(_("a keyed token by which a message that comes twice is known")),
                label=_("token of the message"),
            ),
            "raw_file": Personal(
                Category.FREE_TEXT,
                on_access=describe(_("the message you sent, sealed as it arrived, without the files attached to it")),
                label=_("the sealed original"),
                note="name of the sealed file with the original of a mail; may contain anything",
            ),
            "origin": Personal(Category.REQUEST, label=_("what the mail server found out about the sender's server")),
            "raw_sha256": Personal(Category.REQUEST),
        },
        neutral={"id", "channel", "arrived_at", "entered_at", "raw_size", "ends_at"},
    ),
    Holding(
        model="dsar.CaseMessage",
        label=_("What you and we wrote about a request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "text": Personal(Category.FREE_TEXT, note="letters and notes about a request; may name anything"),
            "direction": Personal(Category.REQUEST),
            "by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff wrote it")),
        },
        neutral={"id", "case", "at", "ends_at"},
    ),
    Holding(
        model="dsar.IdentityCheck",
        label=_("How it was shown that a request is yours"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 12(2), 12(6)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("The outcome and the method, never the evidence."),
        personal={
            "method": Personal(Category.REQUEST, on_erasure=PROOF),
            "outcome": Personal(Category.REQUEST, on_erasure=PROOF),
            "reason": Personal(
                Category.FREE_TEXT, on_erasure=BLANK, note="why staff were satisfied or not, in their own words"
            ),
            "by": Personal(Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who of our staff judged it")),
            "agreed_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who of our staff agreed to it")
            ),
            "account_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token for the account that the request was said to be about")),
                on_erasure=PROOF,
                label=_("token of the account"),
            ),
        },
        neutral={"id", "case", "at", "ends_at"},
    ),
    Holding(
        model="dsar.Challenge",
        label=_("Codes we mailed you for a request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(6), 32",
        source=Source.DERIVED,
        period="CODE",
        ends="ends_at",
        personal={
            "digest": Personal(
                Category.REQUEST, on_access=withhold(_("what the code is checked against")), label=_("check value")
            ),
            "purpose": Personal(Category.REQUEST),
            "tries": Personal(Category.REQUEST),
        },
        neutral={"id", "case", "created_at", "ends_at", "burned_at"},
    ),
    Holding(
        model="dsar.Representative",
        label=_("Who acts for you"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12",
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "name": Personal(Category.IDENTITY, label=_("name of the representative")),
            "kind": Personal(Category.REQUEST),
            "document": Personal(
                Category.FREE_TEXT, note="which document shows the authority, in the words of the staff"
            ),
            "checked_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff checked it")),
            "may_fetch_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff allowed it")),
        },
        neutral={"id", "case", "checked_at", "may_fetch_at", "ends_at"},
    ),
    Holding(
        model="dsar.VisitorNumber",
        label=_("Numbers of a visitor that you named"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 11(2)",
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("To find what we hold about a visitor without a name. Only a request that names such a number has this."),
        personal={"numbers": Personal(Category.VISITOR_KEY, note="the receipt number of a cookie choice, as typed")},
        neutral={"id", "case", "ends_at"},
    ),
    Holding(
        model="dsar.Caution",
        label=_("Waits after a change of your account"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(6), 32",
        source=Source.OBSERVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "changed_at": Personal(Category.ACCOUNT, on_erasure=PROOF),
            "stop_digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the link that stops the request is checked against")),
                on_erasure=PROOF,
                label=_("check value of the stopping link"),
            ),
            "stopped_at": Personal(Category.REQUEST, on_erasure=PROOF),
        },
        neutral={"id", "case", "cause", "placed_at", "waits_until", "ends_at"},
    ),
)
