"""What the desk remembers about requests and about who works there."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal
from datamap.terms import Category, LawfulBasis, Source, withhold
from dsar.privacy.words import OF_CASE

HOLDINGS = (
    Holding(
        model="dsar.CaseReminder",
        label=_("Reminders about the due date of your request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(3)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={"code": Personal(Category.REQUEST)},
        neutral={"id", "case", "sent_at", "ends_at"},
    ),
    Holding(
        model="dsar.CalendarFeed",
        label=_("Your calendar of due dates, if you work here"),
        about={"user": "owner"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(3)",
        source=Source.DERIVED,
        period="ACCOUNT",
        personal={
            "owner": Personal(Category.ACCOUNT),
            "digest": Personal(
                Category.REQUEST,
                on_access=withhold(_("what the address of your calendar is checked against")),
                label=_("check value of the address"),
            ),
        },
        neutral={"id", "made_at"},
    ),
    Holding(
        model="dsar.SavedFilter",
        label=_("Your filters of the queue, if you work here"),
        about={"user": "owner"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 12(3)",
        source=Source.PROVIDED,
        period="ACCOUNT",
        personal={
            "owner": Personal(Category.ACCOUNT),
            "name": Personal(Category.FREE_TEXT, note="what a member of the staff calls a filter of hers"),
            "query": Personal(Category.REQUEST),
        },
        neutral={"id", "made_at"},
    ),
)
