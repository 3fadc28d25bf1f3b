"""What the journal holds about people: opaque ids and codes, for the life of a backup (T20; security X2)."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store
from datamap.terms import Category, LawfulBasis, Source, keep, withhold

_REPEATED: Final = keep(
    _("so that a backup that is restored does not undo what you decided"), act="GDPR Art. 5(1)(e), 5(2), 17(3)(b)"
)

HOLDINGS = (
    Holding(
        model="replay.JournalEntry",
        label=_("Journal for restored backups"),
        about={"user": "subject"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2)",
        source=Source.DERIVED,
        period="BACKUP",
        clock="at",
        written_by_erasure=True,
        why=_("so that erasures, withdrawals and refusals hold when a backup is restored"),
        personal={
            "subject": Personal(Category.ACCOUNT, on_erasure=_REPEATED, label=_("account")),
            "born": Personal(Category.ACCOUNT, on_erasure=_REPEATED, label=_("account made")),
            "kind": Personal(Category.REQUEST, on_erasure=_REPEATED, label=_("what")),
            "at": Personal(Category.REQUEST, on_erasure=_REPEATED, label=_("when")),
            "details": Personal(
                Category.REQUEST,
                on_access=withhold(_("codes and numbers; an address stands in it only sealed")),
                on_erasure=_REPEATED,
                label=_("details"),
                note="Codes and numbers of our own; whatever finds a person again is sealed.",
            ),
        },
        neutral={"id", "position"},
    ),
)

NOT_PERSONAL = (NotPersonal("replay.JournalHead", "the number and the hash of one line"),)

STORES = (
    Store(
        code="replay.journal",
        label=_("Journal outside the database"),
        holds=_("which erasures, withdrawals and refusals a restored backup must hear again, by opaque numbers"),
        period="BACKUP",
        purposes=("ACCOUNTABILITY",),
        oldest_with="replay.journal.oldest_file",
    ),
    Store(
        code="replay.backups",
        label=_("Backups"),
        holds=_("the database and the sealed files as they were; a restored backup is erased again before it opens"),
        period="BACKUP",
        purposes=("STABILITY",),
        oldest_with="replay.backups.oldest",
        emptied_every=25 * timedelta(hours=1),  # by each day's backup, which takes its time
    ),
)
