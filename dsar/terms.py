"""The words of a case: its stages, the one table of moves between them, outcomes and reasons (clauses.md 2.5)."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from datamap.processors import FINAL
from datamap.processors import Outcome as Told
from datamap.terms import Right


class Stage(TextChoices):
    """Where a request stands."""

    RECEIVED = "received", _("received")
    IDENTITY_PENDING = "identity_pending", _("waiting for proof of identity")
    OPEN = "open", _("being worked on")
    CLARIFICATION_PENDING = "clarification_pending", _("waiting for your clarification")
    EXECUTING = "executing", _("being carried out")
    ANSWERED = "answered", _("answered")
    PARTLY_REFUSED = "partly_refused", _("answered, partly refused")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn by you")
    CLOSED_UNIDENTIFIED = "closed_unidentified", _("closed: identity not shown")
    CLOSED_UNANSWERED = "closed_unanswered", _("closed: our question stayed unanswered")
    REOPENED = "reopened", _("reopened")


UNHEARD = frozenset({Stage.CLOSED_UNIDENTIFIED, Stage.CLOSED_UNANSWERED})
"""Closed after 30 days of silence: whatever the person says later opens the request again (clauses.md C8)."""
CLOSED = UNHEARD | {Stage.ANSWERED, Stage.PARTLY_REFUSED, Stage.REFUSED, Stage.WITHDRAWN}
PAUSED = frozenset({Stage.IDENTITY_PENDING, Stage.CLARIFICATION_PENDING})
RUNNING = frozenset(Stage) - CLOSED
UNIDENTIFIED = frozenset({Stage.RECEIVED, Stage.IDENTITY_PENDING})
"""Stages in which it has not been shown yet whose request it is."""
ANSWERING = frozenset({Stage.ANSWERED, Stage.PARTLY_REFUSED})
GIVES = ANSWERING | {Stage.EXECUTING}
"""Stages in which something is carried out or given: only for an identity that was shown for this very request."""

_ENDS = frozenset({Stage.ANSWERED, Stage.PARTLY_REFUSED, Stage.REFUSED, Stage.WITHDRAWN})

TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.RECEIVED: frozenset({Stage.IDENTITY_PENDING, Stage.OPEN, Stage.WITHDRAWN}),
    Stage.IDENTITY_PENDING: frozenset({Stage.OPEN, Stage.CLOSED_UNIDENTIFIED, Stage.WITHDRAWN}),
    Stage.OPEN: frozenset({Stage.IDENTITY_PENDING, Stage.CLARIFICATION_PENDING, Stage.EXECUTING}) | _ENDS,
    Stage.CLARIFICATION_PENDING: frozenset({Stage.OPEN, Stage.WITHDRAWN, Stage.REFUSED, Stage.CLOSED_UNANSWERED}),
    Stage.EXECUTING: frozenset({Stage.ANSWERED, Stage.PARTLY_REFUSED, Stage.OPEN}),
    Stage.REOPENED: frozenset({Stage.OPEN, Stage.WITHDRAWN}),
    **{stage: frozenset({Stage.REOPENED}) for stage in CLOSED - {Stage.WITHDRAWN}},
    Stage.WITHDRAWN: frozenset(),
}
"""Every move that exists; the database refuses all others by a trigger. EXECUTING is the point of no return: nobody
withdraws or refuses what has begun, and it leads back to OPEN only where the executor refused before its first step.
A withdrawn request is over; the person simply files a new one."""


class Outcome(TextChoices):
    """How a request ended (DPV: fulfilment and non-fulfilment)."""

    NONE = "", _("not decided")
    FULFILLED = "fulfilled", _("done")
    PARTLY_FULFILLED = "partly_fulfilled", _("partly done")
    REFUSED = "refused", _("refused")
    WITHDRAWN_BY_SUBJECT = "withdrawn_by_subject", _("withdrawn")


class PackageState(TextChoices):
    """The life of one access copy."""

    QUEUED = "queued", _("waiting for its turn")
    BUILDING = "building", _("being put together")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed; we will look into it")


class RefusalReason(TextChoices):
    """Why a request may be refused (Art. 12(2), 12(5), 15(4), 17(3)); the words follow DPV."""

    IDENTITY = "identity_verification_failure", _("identity could not be shown – Art. 12(2) GDPR")
    UNFOUNDED = "process_unfounded", _("manifestly unfounded – Art. 12(5) GDPR")
    EXCESSIVE = "process_excessive", _("manifestly excessive – Art. 12(5) GDPR")
    EXEMPTED = "legally_exempted", _("a law forbids it – Art. 17(3)(b) GDPR")
    CLAIMS = "legal_claim_defence_impaired", _("needed for legal claims – Art. 17(3)(e) GDPR")
    OTHERS = "third_party_rights_impaired", _("rights of others – Art. 15(4) GDPR")
    EXPRESSION = "freedom_of_expression_impaired", _("freedom of expression – Art. 17(3)(a) GDPR")
    NOTHING_HELD = "nothing_held", _("we hold no data about this person")
    UNMET = "conditions_not_met", _("what this right depends on is not the case")


ACT_OF = {
    RefusalReason.IDENTITY: "GDPR Art. 12(2)",
    RefusalReason.UNFOUNDED: "GDPR Art. 12(5)(b)",
    RefusalReason.EXCESSIVE: "GDPR Art. 12(5)(b)",
    RefusalReason.CLAIMS: "GDPR Art. 17(3)(e)",
    RefusalReason.OTHERS: "GDPR Art. 15(4)",
    RefusalReason.EXPRESSION: "GDPR Art. 17(3)(a)",
    RefusalReason.NOTHING_HELD: "GDPR Art. 12(3)",
}
"""The act that a ground rests on; what a law forbids, and what a right depends on, staff name."""


def ground_words(reason: str) -> str:
    """The ground without its article, where the act is cited beside it."""
    return str(RefusalReason(reason).label).partition(" – ")[0]


_ALWAYS = (RefusalReason.UNFOUNDED, RefusalReason.EXCESSIVE)

_NOT_DUE = (RefusalReason.NOTHING_HELD, RefusalReason.UNMET)

_OF_RIGHT = {
    Right.ERASURE: (RefusalReason.EXEMPTED, RefusalReason.CLAIMS, RefusalReason.EXPRESSION, *_NOT_DUE),
    Right.ACCESS: (RefusalReason.OTHERS, RefusalReason.NOTHING_HELD),
    Right.PORTABILITY: (RefusalReason.OTHERS, *_NOT_DUE),
    Right.RECTIFICATION: _NOT_DUE,
    Right.RESTRICTION: _NOT_DUE,
    Right.OBJECTION: _NOT_DUE,
    Right.HUMAN_REVIEW: _NOT_DUE,
}


def grounds_for(right: Right, *, is_identified: bool) -> list[RefusalReason]:
    """The grounds that the GDPR knows for this right; who has shown who he is cannot be refused for not showing it."""
    identity = () if is_identified else (RefusalReason.IDENTITY,)
    return [*identity, *_ALWAYS, *_OF_RIGHT.get(right, ())]


class DelayReason(TextChoices):
    """Why an answer may take up to three months (Art. 12(3)); the words follow DPV."""

    COMPLEXITY = "complexity_of_process", _("the request is complex")
    VOLUME = "high_volume_of_processes", _("there are many requests")


class IdentityMethod(TextChoices):
    """How it was shown who a person is; no more than the request needs (clauses.md D7-D10)."""

    LOGIN = "login", _("log-in")
    EMAIL_CODE = "email_code", _("code sent to the address")
    KNOWN_FACTS = "known_facts", _("facts that only the person knows")
    ID_DOCUMENT = "id_document", _("identity document, looked at and not kept")
    NOT_NEEDED = "not_needed", _("not needed for this request")


class IdentityOutcome(TextChoices):
    """What came of a check."""

    PROPOSED = "proposed", _("waits for a second person")
    SHOWN = "shown", _("shown")
    DOUBTED = "doubted", _("in doubt")
    FAILED = "failed", _("not shown")


DOUBTS = (IdentityOutcome.DOUBTED, IdentityOutcome.FAILED)


class CautionCause(TextChoices):
    """Why delivery and erasure wait (security I7)."""

    CHANGED = "changed", _("the account was changed a short while ago")
    FOREIGN = "foreign", _("the request came from an address that is not the account's")


class AuthorityKind(TextChoices):
    """In which capacity somebody acts for the person (clauses.md D6)."""

    PARENT = "parent", _("parent or guardian")
    LAWYER = "lawyer", _("advocate or lawyer")
    ATTORNEY = "attorney", _("holder of a power of attorney")
    OTHER = "other", _("other representative")


class ChallengePurpose(TextChoices):
    """What a code opens; a code for one purpose opens no other (security I5)."""

    IDENTITY = "identity", _("show that the request is yours")
    DOWNLOAD = "download", _("download your copy")
    ERASURE = "erasure", _("confirm the erasure")


class AttachmentPurpose(TextChoices):
    """What a file of a request is for; it decides who opens it and how long it is kept."""

    EVIDENCE = "evidence", _("evidence")
    AUTHORITY = "authority", _("document of authority")
    IDENTITY = "identity", _("identity document")
    UNSORTED = "unsorted", _("not looked at yet")


class CameBy(TextChoices):
    """How a file reached us."""

    PERSON = "person", _("on the page of the request")
    MAIL = "mail", _("attached to an e-mail")
    STAFF = "staff", _("added by our staff")


class FileKind(TextChoices):
    """What a file is by its first bytes, whatever its name says."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    OTHER = "other", _("another kind")


class WhyDestroyed(TextChoices):
    """Why a file was destroyed before its request ends."""

    CHECKED = "checked", _("the check for which it was asked is over")
    NOT_ASKED = "not_asked", _("nobody had asked for it")
    UNCHECKED = "unchecked", _("nobody had looked at it in time")


class NoticeArticle(TextChoices):
    """What a recipient is told about (Art. 19)."""

    RECTIFICATION = "16", _("correction – Art. 16 GDPR")
    ERASURE = "17", _("erasure – Art. 17 GDPR")
    RESTRICTION = "18", _("restriction – Art. 18 GDPR")


class NoticeChannel(TextChoices):
    """How a recipient was told."""

    ADAPTER = "adapter", _("programming interface")
    EMAIL = "email", _("e-mail")
    POST = "post", _("letter")
    PORTAL = "portal", _("portal of the recipient")


SETTLED = FINAL
"""Outcomes of a notice with which a request may close: the database holds the same list (dsar 0016)."""

FOLLOWED = frozenset({Told.REQUESTED, Told.UNKNOWN, Told.WAITS, Told.FAILED, Told.KEPT})
"""Outcomes that may still become another one: looked up as long as there is a number to look them up by."""


class Direction(TextChoices):
    """Who wrote to whom."""

    FROM_PERSON = "from_person", _("from the person")
    UNPROVEN = "unproven", _("under the person's address, not confirmed")
    TO_PERSON = "to_person", _("to the person")
    NOTE = "note", _("note of the staff")


CHALLENGE_TRIES = 5
"""Guesses at one code (security I4)."""


DECIDERS = (
    "assigned_to",
    "answered_by",
    "refusal_proposed_by",
    "refusal_approved_by",
    "erasure_proposed_by",
    "erasure_approved_by",
)
"""The fields of a request that name who of the staff handles it: never the person herself (security G4), and never
whom a complaint is about (policy clause 16)."""

NEEDS_NO_IDENTITY = frozenset({Right.GENERAL, Right.COMPLAINT, Right.MARKETING_OBJECTION})
"""Rights whose answer gives away nothing about anybody; asking for proof would be more than is needed (D7). The
database knows the same list."""

AT_ONCE = frozenset({Right.WITHDRAWAL, Right.MARKETING_OBJECTION})
"""Rights that take effect at once and know no extension."""

RESTRICTABLE = frozenset({Right.RESTRICTION, Right.RECTIFICATION, Right.OBJECTION})
"""Rights during whose examination the processing can be restricted (Art. 18(1)(a), (d))."""

SELF_SERVICE = frozenset({Right.ACCESS, Right.ERASURE})
"""Rights that a worker carries out for a logged-in person without staff."""

PACKAGED = frozenset({Right.ACCESS, Right.PORTABILITY})
"""Rights that a worker answers with a file."""

DOWNLOAD_LIMIT = 3

LEASE = timedelta(minutes=10)
"""How long a worker may be silent before another one starts its copy over."""

PERSON_ERASED = "person_erased"
"""What stands in a request whose person was erased by another one of hers: it leads to nobody any more."""

LAST_LETTER_BOUNCED = "last_letter_bounced"
"""The event of a receipt that did not arrive, after whose address nobody can look any more."""

ACTIONS = {
    "received": _("received"),
    "asked_again": _("you asked for the same again; it goes on here"),
    "identified_by_login": _("accepted; your log-in is proof enough"),
    "identified_by_email_code": _("accepted; you have shown that the address is yours"),
    "identified_by_known_facts": _("accepted; your identity was shown"),
    "identified_by_id_document": _("accepted; your identity was shown"),
    "identified_by_not_needed": _("accepted; no proof of identity is needed for it"),
    "identity_proposed": _("your identity is being looked at by a second person"),
    "identity_doubted": _("your identity could not be shown yet"),
    "person_linked": _("we could tell whose data this is about"),
    "authority_checked": _("the authority of your representative was checked"),
    "message_from_person": _("you wrote to us"),
    "message_to_person": _("we wrote to you"),
    "asked_after": _("you wrote to us again; a new request was opened for it"),
    "asked_document": _("we asked you for an identity document, as the last step"),
    "file_from_person": _("you sent us a file"),
    "file_added": _("our staff added a file that you had sent"),
    "file_sorted": _("our staff looked at what a file of yours is"),
    "file_opened": _("our staff opened a file of yours"),
    "original_opened": _("our staff opened your message as it arrived"),
    "document_destroyed": _("the identity document was destroyed"),
    "file_destroyed": _("a file of yours was destroyed"),
    "withdrawn": _("withdrawn by you"),
    "copy_made_available": _("your file was made available"),
    "copy_fetched": _("your representative downloaded your file"),
    "representative_may_fetch": _("your representative may download your file"),
    "copy_ordered_again": _("your file is being put together once more"),
    "copy_downloaded": _("your file was downloaded"),
    "download_cut": _("the download was cut off and does not count"),
    "caution_placed": _("delivery and erasure wait: your account was changed a short while ago"),
    "caution_placed_foreign": _(
        "delivery and erasure wait: the request came from an address that is not the account's"
    ),
    "caution_stopped": _("stopped from another address of yours"),
    "caution_upheld": _("looked into by our staff; the request was not yours"),
    "caution_released": _("looked into by our staff; it goes on"),
    "copy_waived": _("you said that you do not need the copy that lay ready before the erasure"),
    "erasure_confirmed": _("you confirmed the erasure"),
    "plan_changed": _("stopped: your data had changed, nothing was erased"),
    "erasure_stopped": _("stopped: nothing was erased"),
    "erased": _("erased"),
    PERSON_ERASED: _("your data were erased meanwhile"),
    "asked_id": _("we asked you for proof of identity"),
    "letter_waits": _("your address had its letters for today; ours to you follows"),
    "asked_clar": _("we asked you what you mean"),
    "answer_arrived": _("your answer arrived"),
    "extended": _("the time for our answer was extended"),
    "answered": _("answered"),
    "restricted": _("the processing of your data was restricted"),
    "child_said": _("it was said that you are under 16"),
    "child_marked": _("we saw a sign that you are under 16; your data are only stored now"),
    "objected": _("the processing you objected to was stopped"),
    "grounds_proposed": _("grounds against your objection are being examined"),
    "objection_overruled": _("compelling grounds were found against your objection"),
    "consents_withdrawn": _("your consents were withdrawn"),
    "marketing_stopped": _("advertising to you was stopped"),
    "profile_ended": _("no profile for advertising is made for your address any more"),
    "corrected": _("your data were corrected"),
    "recipients_ordered": _("those who received your data are being told"),
    "recipient_settled": _("a recipient of your data was told"),
    "refusal_proposed": _("being examined"),
    "refused": _("refused"),
    "partly_refused": _("answered, partly refused"),
    "refusal_returned": _("being examined again"),
    "assigned": _("a colleague of ours takes care of it"),
    "conflict_named": _("nobody whom the complaint is about handles it"),
    "fee_announced": _("we told you about a fee before beginning"),
    "erasure_proposed": _("the erasure was prepared"),
    "erasure_returned": _("the prepared erasure was taken back"),
    "erasure_approved": _("the erasure was approved by a second person"),
    "turned_into": _("your message was put in order as requests"),
    "entered": _("entered by our staff from your message"),
    "due_earlier": _("the due date became earlier: the table of holidays was corrected"),
    "due_later_waits": _("the table of holidays was corrected; the earlier due date stays for now"),
    "due_later": _("the later due date by the corrected table of holidays holds"),
    "reminded": _("we reminded you of our question"),
    "shown_before": _("our question stayed unanswered; what you had shown before is enough"),
    "closed_unidentified": _("closed, because identity was not shown"),
    "closed_unanswered": _("closed, because our question stayed unanswered"),
    "taken_as_whole": _("our question stayed unanswered; we take your request as one for everything"),
    "answered_together": _("the same copy answers another request of yours too"),
    "reopened": _("reopened"),
    LAST_LETTER_BOUNCED: _("our last letter came back; its address is destroyed, so it cannot be sent again"),
    "notice_bounced": _("our letter came back: it could not be delivered"),
    "taken_up": _("taken up again"),
}
"""What the events of a case are called where people read them."""
