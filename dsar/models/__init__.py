"""Requests of data subjects: how they came in, who filed them, what was said, what was given, what happened."""

from dsar.models.attachments import Attachment, DocumentAsk
from dsar.models.caution import Caution
from dsar.models.copies import Package
from dsar.models.corrections import Correction
from dsar.models.correspondence import CaseMessage
from dsar.models.desk import CalendarFeed, CaseReminder, SavedFilter
from dsar.models.events import CaseEvent
from dsar.models.identity import Challenge, IdentityCheck, Representative, VisitorNumber
from dsar.models.intake import Intake
from dsar.models.objections import Objection
from dsar.models.recipients import RecipientNotice
from dsar.models.requests import CasePause, SubjectRequest
from dsar.models.snapshots import Snapshot

__all__ = [
    "Attachment",
    "CalendarFeed",
    "CaseEvent",
    "CaseMessage",
    "CasePause",
    "CaseReminder",
    "Caution",
    "Challenge",
    "Correction",
    "DocumentAsk",
    "IdentityCheck",
    "Intake",
    "Objection",
    "Package",
    "RecipientNotice",
    "Representative",
    "SavedFilter",
    "Snapshot",
    "SubjectRequest",
    "VisitorNumber",
]
