"""The words of a list that is taken over: where it stands, and why a line of it was refused (K12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportState(models.TextChoices):
    """Where a list stands; one that waits or is being read still has its file."""

    WAITING = "waiting", pgettext_lazy("list", "waits its turn")
    READING = "reading", pgettext_lazy("list", "is being read")
    DONE = "done", pgettext_lazy("list", "read to the end")
    FAILED = "failed", pgettext_lazy("list", "given up")


UNDER_WAY = (ImportState.WAITING, ImportState.READING)


class Reason(models.TextChoices):
    """Why a line was refused, in a sentence that does not repeat what stands there; `%(…)s` are its facts."""

    ENCODING = "encoding", _("The line is not in UTF-8.")
    CONTROL = "control", _("The line contains control characters.")
    QUOTES = "quotes", _("The quotation marks of the line do not match.")
    LONG_LINE = "long_line", _("The line is too long.")
    LONG_CELL = "long_cell", _("A cell of the line is too long.")
    FORMULA = "formula", _("A cell begins like a formula of a spreadsheet.")
    CELLS = "cells", _("The line has %(found)s cells, the first line has %(wanted)s.")
    ADDRESS = "address", _("This is not the address of one mailbox.")
    DOUBLE = "double", _("The address stands in line %(line)s already.")
    LANGUAGE = "language", _("The language must be lv, en or ru.")
    WAY = "way", _("How the person consented must be one of: %(ways)s.")
    WORDING = "wording", _("The wording must be its version or its hash.")
    TIME = "time", _("The time of the consent must be written like 2024-05-31 or 2024-05-31T14:30.")
    TIME_BEYOND = "time_beyond", _("The time of the consent lies in the future, or before the year 2000.")
    STUCK = "stuck", _("The line could not be recorded. Nothing of it was taken over.")
