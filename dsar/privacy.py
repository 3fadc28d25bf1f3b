"""What the handling of requests itself holds about people."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store, Via
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, describe, keep, withhold

_ACT = "GDPR Art. 5(2), 12"
_PROOF = keep(_("shows what you asked for and how we answered"), act="GDPR Art. 5(2), 17(3)(e)")
_ABOUT = Via("subject_token", by="vault.tokens.subject_tokens")
_UNTIL_CONFIRMED = keep(
    _("needed to mail you the confirmation, then emptied"), act="GDPR Art. 12(3)", until="CONFIRMATION"
)
_OF_CASE: dict[str, str | Via] = {
    "user": Via("case__subject_token", by="vault.tokens.subject_tokens"),
    "email": "case__email",
}
_STAFF = withhold(_("who on our side decided; names of staff are not part of your data"))

HOLDINGS = (
    Holding(
        model="dsar.SubjectRequest",
        label=_("Your requests to us"),
        about={"user": _ABOUT, "email": "email"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_cases",
        written_by_erasure=True,
        why=_("To answer you in time, and to be able to show that we did."),
        personal={
            "user": Personal(Category.ACCOUNT, on_erasure=DETACH),
            "subject_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token that stands for you once your account is gone")),
                on_erasure=_PROOF,
                label=_("token of your account"),
            ),
            "number": Personal(Category.REQUEST, on_erasure=_PROOF),
            "right": Personal(Category.REQUEST, on_erasure=_PROOF),
            "outcome": Personal(Category.REQUEST, on_erasure=_PROOF),
            "email": Personal(Category.EMAIL, on_erasure=BLANK),
            "language": Personal(Category.LANGUAGE, on_erasure=_PROOF, words="datamap.words.languages"),
            "text": Personal(
                Category.FREE_TEXT,
                on_erasure=BLANK,
                label=_("your words"),
                note="a request in the person's own words; may name anything",
            ),
            "answer": Personal(
                Category.FREE_TEXT, on_erasure=BLANK, note="our answer to the person; may repeat parts of the request"
            ),
            "key_digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the link to your request is checked against")),
                on_erasure=_PROOF,
                label=_("check value of the link to your request"),
            ),
            "refusal_reason": Personal(Category.REQUEST, on_erasure=_PROOF),
            "refusal_proposed_by": Personal(
                Category.IDENTITY, on_access=_STAFF, on_erasure=_PROOF, label=_("who proposed a refusal")
            ),
            "refusal_approved_by": Personal(
                Category.IDENTITY, on_access=_STAFF, on_erasure=_PROOF, label=_("who approved a refusal")
            ),
            "objects_to_archive": Personal(Category.REQUEST, on_erasure=_PROOF),
            "receipt_digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the link to your receipt is checked against")),
                on_erasure=_PROOF,
                label=_("check value of the link to your receipt"),
            ),
            "contact_key": Personal(
                Category.REQUEST,
                on_access=withhold(_("names the key of the sealed address")),
                on_erasure=_UNTIL_CONFIRMED,
                label=_("name of the key"),
            ),
            "sealed_contact": Personal(
                Category.EMAIL,
                on_access=describe(_("your address, sealed, so that we can still mail you the confirmation")),
                on_erasure=_UNTIL_CONFIRMED,
                label=_("your address, sealed"),
            ),
        },
        neutral={
            "id",
            "intake",
            "channel",
            "stage",
            "received_at",
            "identified_at",
            "extended_at",
            "extension_reason",
            "answered_at",
            "closed_at",
            "ends_at",
            "plan_digest",
        },
    ),
    Holding(
        model="dsar.CasePause",
        label=_("Questions we asked you about a request"),
        about=_OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.OBSERVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={"kind": Personal(Category.REQUEST, on_erasure=_PROOF)},
        neutral={"id", "case", "asked_at", "answered_at", "ends_at"},
    ),
    Holding(
        model="dsar.Package",
        label=_("Copies of your data made for you"),
        about={"user": Via("request__subject_token", by="vault.tokens.subject_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 15(3)",
        source=Source.DERIVED,
        period="PACKAGE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_packages",
        erase_with="dsar.sweeping.erase_packages",
        personal={
            "file_name": Personal(
                Category.REQUEST, on_access=withhold(_("the name of the sealed file on our disk")), label=_("file")
            ),
            "key_owner": Personal(
                Category.REQUEST, on_access=withhold(_("names the key of the sealed file")), label=_("key of the file")
            ),
            "manifest": Personal(
                Category.REQUEST,
                on_access=describe(_("how many rows of each table the copy holds")),
                note="names of tables and numbers of rows",
            ),
            "downloads": Personal(Category.REQUEST),
        },
        neutral={
            "id",
            "request",
            "state",
            "size",
            "rows_done",
            "rows_total",
            "attempts",
            "lease",
            "leased_until",
            "queued_at",
            "built_at",
            "link_ends_at",
            "ends_at",
        },
    ),
    Holding(
        model="dsar.CaseEvent",
        label=_("What happened in your requests"),
        about={"user": Via("case_number", by="dsar.queries.case_numbers")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.OBSERVED,
        period="PERMANENT",
        ledger=True,
        why=_("Append-only. Once the case file is gone, nothing here leads to you any more."),
        personal={
            "case_number": Personal(Category.REQUEST, on_erasure=_PROOF),
            "action": Personal(Category.REQUEST, on_erasure=_PROOF, words="dsar.terms.ACTIONS"),
            "sealed_note": Personal(
                Category.REQUEST,
                on_access=describe(_("who of our staff took the step and why; you read the reasons with the answer")),
                on_erasure=_PROOF,
                label=_("who of our staff acted and why"),
                note="who of the staff acted and why, sealed under the key of the case, which goes with the case file",
            ),
        },
        neutral={
            "id",
            "at",
            "salt",
            "commitment",
            "previous_hash",
            "row_hash",
            "stage_before",
            "stage_after",
            "actor_kind",
            "rules",
        },
    ),
    Holding(
        model="dsar.Intake",
        label=_("Your messages as they reached us"),
        about={"user": Via("pk", by="dsar.queries.intakes"), "email": "sender"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_intakes",
        erase_with="dsar.sweeping.erase_intakes",
        personal={
            "sender": Personal(Category.EMAIL),
            "entered_by": Personal(Category.IDENTITY, on_access=_STAFF, label=_("who of our staff entered it")),
            "dedupe_key": Personal(
                Category.REQUEST,
                on_access=withhold(_("a keyed token by which a message that comes twice is known")),
                label=_("token of the message"),
            ),
            "raw_file": Personal(
                Category.FREE_TEXT,
                on_access=describe(_("the message you sent, sealed as it arrived")),
                label=_("the sealed original"),
                note="name of the sealed file with the original of a mail; may contain anything",
            ),
            "raw_sha256": Personal(Category.REQUEST),
        },
        neutral={"id", "channel", "arrived_at", "entered_at", "raw_size", "ends_at"},
    ),
    Holding(
        model="dsar.CaseMessage",
        label=_("What you and we wrote about a request"),
        about=_OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=_ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "text": Personal(Category.FREE_TEXT, note="letters and notes about a request; may name anything"),
            "direction": Personal(Category.REQUEST),
            "by": Personal(Category.IDENTITY, on_access=_STAFF, label=_("who of our staff wrote it")),
        },
        neutral={"id", "case", "at", "ends_at"},
    ),
    Holding(
        model="dsar.IdentityCheck",
        label=_("How it was shown that a request is yours"),
        about=_OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 12(2), 12(6)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("The outcome and the method, never the evidence."),
        personal={
            "method": Personal(Category.REQUEST, on_erasure=_PROOF),
            "outcome": Personal(Category.REQUEST, on_erasure=_PROOF),
            "reason": Personal(
                Category.FREE_TEXT, on_erasure=BLANK, note="why staff were satisfied or not, in their own words"
            ),
            "by": Personal(
                Category.IDENTITY, on_access=_STAFF, on_erasure=_PROOF, label=_("who of our staff judged it")
            ),
        },
        neutral={"id", "case", "at", "ends_at"},
    ),
    Holding(
        model="dsar.Challenge",
        label=_("Codes we mailed you for a request"),
        about=_OF_CASE,
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
        about=_OF_CASE,
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
            "checked_by": Personal(Category.IDENTITY, on_access=_STAFF, label=_("who of our staff checked it")),
        },
        neutral={"id", "case", "checked_at", "ends_at"},
    ),
    Holding(
        model="dsar.VisitorNumber",
        label=_("Numbers of a visitor that you named"),
        about=_OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 11(2)",
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("To find what we hold about a visitor without a name. Only a request that names such a number has this."),
        personal={
            "numbers": Personal(
                Category.VISITOR_KEY, note="a key of the visit log or the receipt number of a cookie choice, as typed"
            )
        },
        neutral={"id", "case", "ends_at"},
    ),
    Holding(
        model="dsar.Caution",
        label=_("Waits after a change of your account"),
        about=_OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(6), 32",
        source=Source.OBSERVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "changed_at": Personal(Category.ACCOUNT, on_erasure=_PROOF),
            "stop_digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the link that stops the request is checked against")),
                on_erasure=_PROOF,
                label=_("check value of the stopping link"),
            ),
            "stopped_at": Personal(Category.REQUEST, on_erasure=_PROOF),
        },
        neutral={"id", "case", "placed_at", "waits_until", "ends_at"},
    ),
)

SEALED_FILES = ("dsar.Package.file_name",)

STORES = (
    Store(
        code="packages",
        label=_("Sealed files with the copies of your data"),
        holds=_("one encrypted ZIP file for each copy you asked for, with a key of its own"),
        period="PACKAGE",
        purposes=("ACCOUNTABILITY",),
        erase_with="dsar.sweeping.erase_packages",
        count_with="dsar.queries.files_of",
    ),
)

CASE_CHECKS = ("dsar.queries.holds_identity",)

NOT_PERSONAL: tuple[NotPersonal, ...] = ()
