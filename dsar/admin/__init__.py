"""The case desk in the administration: the queue, one page per request, entry of messages, the calendar, the ledger."""

from dsar.admin.ledger import CaseEventAdmin
from dsar.admin.queue import SubjectRequestAdmin
from dsar.admin.set_aside import SetAsideMailAdmin

__all__ = ["CaseEventAdmin", "SetAsideMailAdmin", "SubjectRequestAdmin"]
