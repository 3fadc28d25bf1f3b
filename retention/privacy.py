"""What retention itself holds: the journal of erasures, the sealed archive, and who opened or objected to it."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, describe, keep, withhold
from retention.privacy_of_standing import STANDING

_JOURNAL = keep(
    _("shows that the erasure was carried out, and repeats it after a backup was restored"),
    act="GDPR Art. 5(2), 17(3)(b)",
)
_ARCHIVE = keep(
    _("kept apart and sealed, to resolve disputes; you can object at any time"),
    act="GDPR Art. 6(1)(f), 17(3)(e)",
)
_OPENED = keep(
    _("shows you, and the authority, that sealed records about you were opened, when and why"),
    act="GDPR Art. 5(2), 32(1)(d)",
)
_WORDS = describe(_("staff's own words on why; they may name others in the dispute (Art. 15(4) GDPR)"))
_STAFF = withhold(_("who on our side decided; names of staff are not part of your data"))

HOLDINGS = (
    Holding(
        model="retention.ErasureRun",
        label=_("Journal of erasures"),
        about={"user": "subject_id"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="retention.journal.purge",
        written_by_erasure=True,
        personal={
            "subject_id": Personal(Category.ACCOUNT, on_erasure=_JOURNAL),
            "case_number": Personal(Category.REQUEST, on_erasure=_JOURNAL),
            "language": Personal(Category.LANGUAGE, on_erasure=_JOURNAL),
            "objected_to_archive": Personal(Category.REQUEST, on_erasure=_JOURNAL),
            "sealed_subject": Personal(
                Category.EMAIL,
                on_access=withhold(_("sealed, and emptied as soon as the erasure has been verified")),
                on_erasure=_JOURNAL,
            ),
            "sealed_reason": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_JOURNAL),
        },
        neutral={
            "id",
            "state",
            "plan_digest",
            "archive_ends_at",
            "lines",
            "findings",
            "executed_at",
            "verified_at",
            "ends_at",
        },
    ),
    Holding(
        model="retention.ArchiveRecord",
        label=_("Six-year archive"),
        about={"email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("CLAIMS",),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.DERIVED,
        period="ARCHIVE",
        ends="ends_at",
        purge_with="retention.archive.purge",
        personal={
            "sealed": Personal(
                Category.IDENTITY,
                on_access=describe(
                    _("the minimum about an account you deleted; it opens only with a case number and a second person")
                ),
                on_erasure=_ARCHIVE,
            ),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your objection finds the record")),
                on_erasure=_ARCHIVE,
            ),
        },
        neutral={"id", "created_at", "ends_at"},
    ),
    Holding(
        model="retention.Opening",
        looks=True,
        label=_("Openings of sealed records about you"),
        about={"email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 32(1)(d)",
        source=Source.OBSERVED,
        period="AUDIT",
        ends="ends_at",
        purge_with="retention.openings.purge",
        why=_("Archive and held rows open for one dispute only, by two people; you see each opening."),
        personal={
            **{
                name: Personal(Category.REQUEST, on_erasure=_OPENED)
                for name in ("kind", "case_number", "ground", "requested_at", "approved_at", "declined_at")
            },
            "reads": Personal(Category.REQUEST, on_erasure=_OPENED),
            "first_read_at": Personal(Category.REQUEST, on_erasure=_OPENED),
            "last_read_at": Personal(Category.REQUEST, on_erasure=_OPENED),
            "sealed_reason": Personal(
                Category.REQUEST, on_access=_WORDS, on_erasure=_OPENED, label=_("reason in words, sealed")
            ),
            "sealed_decline": Personal(
                Category.REQUEST, on_access=_WORDS, on_erasure=_OPENED, label=_("why it was declined, sealed")
            ),
            **{
                name: Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_OPENED)
                for name in ("requested_by", "approved_by", "declined_by")
            },
            "record_id": Personal(
                Category.REQUEST,
                on_access=withhold(_("the number of the sealed record")),
                on_erasure=_OPENED,
            ),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the opening")),
                on_erasure=_OPENED,
                label=_("token of your address"),
            ),
        },
        neutral={"id", "ends_at"},
    ),
    Holding(
        model="retention.ArchiveObjection",
        label=_("Links to object to the archive"),
        about={"email": "address"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(2), 21",
        source=Source.PROVIDED,
        period="TOKEN",
        ends="ends_at",
        why=_("Only whoever reads mail at an address may object for it."),
        personal={
            "address": Personal(Category.EMAIL, label=_("address the link was sent to")),
            "language": Personal(Category.LANGUAGE, label=_("language")),
            "secret_digest": Personal(
                Category.CREDENTIALS,
                on_access=withhold(_("what your link is checked against")),
                label=_("check value of the link"),
            ),
        },
        neutral={"id", "requested_at", "ends_at"},
    ),
    Holding(
        model="retention.AttemptCount",
        label=_("Counts of attempts"),
        about={"email": Via("key", by="retention.attempts.address_keys")},
        purposes=("SECURITY",),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.OBSERVED,
        period="ATTEMPTS",
        ends="ends_at",
        why=_("So that nobody floods an address with our mails or guesses links."),
        personal={
            "key": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token of the address or of the network, not the address itself")),
                label=_("token"),
            ),
            "count": Personal(Category.BEHAVIOUR, label=_("number of attempts")),
        },
        neutral={"id", "ends_at"},
    ),
    *STANDING,
)

KEEPERS = ("retention.holds.keeping", "retention.restriction.keeping")
CONCEALERS = ("retention.restriction.concealing",)
GATEKEEPERS = ("retention.restriction.answer",)
BOUNCE_READERS = ("retention.lifting.hear_bounce",)

NOT_PERSONAL = (
    NotPersonal("retention.SweepRun", "counts and times of a sweep"),
    NotPersonal("retention.PublishedHead", "row counts and hashes of the ledgers, published"),
    NotPersonal(
        "retention.ErasureReceipt",
        "counts and reasons under a case number; the secret of the person's link is stored as a digest only",
    ),
)
