"""What retention itself holds: the journal of erasures and the sealed archive."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, describe, keep, withhold

_JOURNAL = keep(
    _("shows that the erasure was carried out, and repeats it after a backup was restored"),
    act="GDPR Art. 5(2), 17(3)(b)",
)
_ARCHIVE = keep(
    _("kept apart and sealed, to resolve disputes; you can object at any time"),
    act="GDPR Art. 6(1)(f), 17(3)(e)",
)

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
        written_by_erasure=True,
        personal={
            "subject_id": Personal(Category.ACCOUNT, on_erasure=_JOURNAL),
            "case_number": Personal(Category.REQUEST, on_erasure=_JOURNAL),
            "objected_to_archive": Personal(Category.REQUEST, on_erasure=_JOURNAL),
            "sealed_subject": Personal(
                Category.EMAIL,
                on_access=withhold(_("sealed, and emptied as soon as the erasure has been verified")),
                on_erasure=_JOURNAL,
            ),
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
)

NOT_PERSONAL = (
    NotPersonal("retention.SweepRun", "counts and times of a sweep"),
    NotPersonal(
        "retention.ErasureReceipt",
        "counts and reasons under a case number; the secret of the person's link is stored as a digest only",
    ),
)
