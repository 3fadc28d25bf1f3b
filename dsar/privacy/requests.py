"""The requests themselves, the questions in them, the copies made for them, and their ledger."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, Personal, Via
from datamap.terms import BLANK, DETACH, Category, LawfulBasis, Source, Use, describe, withhold
from dsar.privacy.words import ABOUT, ACT, OF_CASE, PROOF, STAFF, UNTIL_CONFIRMED

HOLDINGS = (
    Holding(
        model="dsar.SubjectRequest",
        looks=True,
        label=_("Your requests to us"),
        about={"user": ABOUT, "email": "email"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
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
                on_erasure=PROOF,
                label=_("token of your account"),
            ),
            "number": Personal(Category.REQUEST, on_erasure=PROOF),
            "right": Personal(Category.REQUEST, on_erasure=PROOF),
            "outcome": Personal(Category.REQUEST, on_erasure=PROOF),
            "email": Personal(Category.EMAIL, on_erasure=BLANK),
            "postal_address": Personal(Category.ADDRESS, on_erasure=BLANK),
            "language": Personal(Category.LANGUAGE, on_erasure=PROOF, words="datamap.words.languages"),
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
                on_erasure=PROOF,
                label=_("check value of the link to your request"),
            ),
            "refusal_reason": Personal(Category.REQUEST, on_erasure=PROOF),
            "refusal_proposed_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who proposed a refusal")
            ),
            "refusal_approved_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who approved a refusal")
            ),
            "refusal_act": Personal(Category.REQUEST, on_erasure=PROOF),
            "refusal_is_partial": Personal(Category.REQUEST, on_erasure=PROOF),
            "assigned_to": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who handles your request")
            ),
            "complaint_about": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("whom your complaint is about")
            ),
            "answered_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who answered your request")
            ),
            "erasure_proposed_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who proposed an erasure")
            ),
            "erasure_approved_by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who approved an erasure")
            ),
            "fee_cents": Personal(Category.REQUEST, on_erasure=PROOF),
            "objects_to_archive": Personal(Category.REQUEST, on_erasure=PROOF),
            "copy_waived_at": Personal(
                Category.REQUEST, on_erasure=PROOF, label=_("when you declined the copy that lay ready")
            ),
            "receipt_digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the link to your receipt is checked against")),
                on_erasure=PROOF,
                label=_("check value of the link to your receipt"),
            ),
            "contact_key": Personal(
                Category.REQUEST,
                on_access=withhold(_("names the key of the sealed address")),
                on_erasure=UNTIL_CONFIRMED,
                label=_("name of the key"),
            ),
            "sealed_contact": Personal(
                Category.EMAIL,
                on_access=describe(_("your address, sealed, so that we can still mail you the confirmation")),
                on_erasure=UNTIL_CONFIRMED,
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
            "fee_announced_at",
            "due_on",
            "due_table",
            "due_cap",
            "answered_at",
            "answered_with",
            "closed_at",
            "ends_at",
            "plan_digest",
        },
    ),
    Holding(
        model="dsar.CasePause",
        label=_("Questions we asked you about a request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.OBSERVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={"kind": Personal(Category.REQUEST, on_erasure=PROOF)},
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
        model="dsar.Snapshot",
        label=_("Data set aside for your requests"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 15(3)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_snapshots",
        erase_with="dsar.sweeping.erase_snapshots",
        why=_(
            "What reaches its term before our answer is due is deleted on time, and our answer holds it all the same."
        ),
        personal={
            "file_name": Personal(
                Category.REQUEST, on_access=withhold(_("the name of the sealed file on our disk")), label=_("file")
            ),
            "key_owner": Personal(
                Category.REQUEST, on_access=withhold(_("names the key of the sealed file")), label=_("key of the file")
            ),
            "manifest": Personal(
                Category.REQUEST,
                on_access=describe(_("how many rows of each table were set aside")),
                note="names of tables and numbers of rows",
            ),
        },
        neutral={
            "id",
            "case",
            "attempts",
            "lease",
            "leased_until",
            "ordered_at",
            "reaches_until",
            "taken_at",
            "ends_at",
        },
    ),
    Holding(
        model="dsar.CaseEvent",
        looks=True,
        label=_("What happened in your requests"),
        about={
            "user": Via("case_number", by="dsar.queries.case_numbers"),
            "email": Via("case_number", by="dsar.queries.case_numbers_under"),
        },
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.OBSERVED,
        period="PERMANENT",
        ledger=True,
        why=_("Append-only. Once the case file is gone, nothing here leads to you any more."),
        personal={
            "case_number": Personal(Category.REQUEST, on_erasure=PROOF),
            "action": Personal(Category.REQUEST, on_erasure=PROOF, words="dsar.terms.ACTIONS"),
            "sealed_note": Personal(
                Category.REQUEST,
                on_access=describe(_("who of our staff took the step and why; you read the reasons with the answer")),
                on_erasure=PROOF,
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
        happenings=(
            Happening(
                use=Use.REQUEST,
                at="at",
                says=_("Request %(case_number)s: %(action)s"),
                of=("case_number", "action"),
            ),
        ),
    ),
)
