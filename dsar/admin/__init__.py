"""The case desk in the administration: the queue, one page per request, entry of messages, the calendar, the ledger."""

from dsar.admin.ledger import CaseEventAdmin
from dsar.admin.queue import SubjectRequestAdmin

__all__ = ["CaseEventAdmin", "SubjectRequestAdmin"]
