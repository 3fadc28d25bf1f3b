"""What the handling of requests itself holds about people."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import NotPersonal, Store
from dsar.privacy import attachments, desk, intake, requests, rights

HOLDINGS = (*requests.HOLDINGS, *intake.HOLDINGS, *attachments.HOLDINGS, *rights.HOLDINGS, *desk.HOLDINGS)

SEALED_FILES = (
    "dsar.Attachment.file_name",
    "dsar.Package.file_name",
    "dsar.Intake.raw_file",
    "dsar.Snapshot.file_name",
)

MAIL_READERS = ("dsar.inbound.read_mail",)
BOUNCE_READERS = ("dsar.inbound.hear_bounce",)

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

KEEPERS = ("dsar.taking.keeping",)
GATEKEEPERS = ("dsar.objections.answer",)
OBJECTORS = ("dsar.objections.objectors",)
ERASURE_WITNESSES = ("dsar.meanwhile.requests_of_erased",)
REQUEST_TAKERS = ("dsar.handed_on.take",)
CASE_CHECKS = ("dsar.queries.holds_identity",)

NOT_PERSONAL: tuple[NotPersonal, ...] = ()
