"""The words of what people write for all, and of notices against it (clause 14; Regulation 2022/2065 Art. 16)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DECIDE: Final = "marketplace.decide_notice"
TRACE: Final = "marketplace.trace_comment"
"""The two permissions of staff: who decides about a comment, and who may learn from where it was written."""


class CommentState(TextChoices):
    """Whether others read a comment, or what a buyer said."""

    SHOWN = "shown", pgettext_lazy("comment", "shown")
    REMOVED = "removed", pgettext_lazy("comment", "removed")


class NoticeState(TextChoices):
    """What became of a notice. While one is open, nothing of its comment's trace goes (Q14.3)."""

    OPEN = "open", pgettext_lazy("notice", "open")
    KEPT = "kept", pgettext_lazy("notice", "it stays")
    REMOVED = "removed", pgettext_lazy("notice", "it was removed")


class Ground(TextChoices):
    """Why somebody disputes what another wrote."""

    PERSONAL = "personal", _("it says something about me or shows my data")
    RIGHTS = "rights", _("it infringes my rights, for example as an author")
    ILLEGAL = "illegal", _("it breaks the law in another way")
