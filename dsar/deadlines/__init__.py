"""When an answer is due (Art. 12(3) GDPR, Regulation 1182/71): pure arithmetic over a dated table of holidays."""

from dsar.deadlines.arithmetic import a_month_ahead, answer_due, breach_notice_due, latest_answer, not_later_than
from dsar.deadlines.calendar import TABLE_VERSION, is_working_day, next_working_day
from dsar.deadlines.values import BadMoment, Channel, Clock, Deadline, Extension, Pause, PauseKind

__all__ = [
    "TABLE_VERSION",
    "BadMoment",
    "Channel",
    "Clock",
    "Deadline",
    "Extension",
    "Pause",
    "PauseKind",
    "a_month_ahead",
    "answer_due",
    "breach_notice_due",
    "is_working_day",
    "latest_answer",
    "next_working_day",
    "not_later_than",
]
