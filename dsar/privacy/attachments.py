"""The files of requests, and the askings for an identity document."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal
from datamap.terms import Category, LawfulBasis, Source, withhold
from dsar.privacy.words import ACT, OF_CASE, STAFF

HOLDINGS = (
    Holding(
        model="dsar.Attachment",
        label=_("Files you sent us with a request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act=ACT,
        source=Source.PROVIDED,
        period="CASE_FILE",
        ends="ends_at",
        purge_with="dsar.sweeping.purge_attachments",
        erase_with="dsar.sweeping.erase_attachments",
        files_with="dsar.attachments.files_in_copy",
        why=_(
            "Each under a key of its own. An identity document is destroyed when it was checked, and what nobody looked"
            " at after 30 days; then only the fact is left. In your copy the files lie in the folder “files”, each"
            " under its number."
        ),
        personal={
            "id": Personal(Category.REQUEST, label=_("number of the file")),
            "name": Personal(Category.FREE_TEXT, note="the name that somebody gave the file; may say anything"),
            "purpose": Personal(Category.REQUEST),
            "file_name": Personal(
                Category.FREE_TEXT,
                on_access=withhold(_("the name of the sealed file on our disk; the file itself is in your copy")),
                label=_("sealed file"),
                note="name of the sealed file with what the person handed in; may contain anything",
            ),
            "added_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff added it")),
        },
        neutral={
            "case",
            "ask",
            "came_by",
            "kind",
            "size",
            "received_at",
            "destroyed_at",
            "destroyed_because",
            "ends_at",
        },
    ),
    Holding(
        model="dsar.DocumentAsk",
        label=_("When and why we asked you for an identity document"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 12(6)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("The last step, and only with a reason. Nobody who was logged in is asked."),
        personal={
            "why": Personal(Category.FREE_TEXT, note="why nothing lighter was enough, in the words of the staff"),
            "asked_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff asked")),
        },
        neutral={"id", "case", "asked_at", "settled_at", "ends_at"},
    ),
)
