"""The words of reports against listings and messages, and of what is decided about them (Q14.6, Q14.10; Regulation
2022/2065 Art. 16, 17, 20)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DECIDE: Final = "marketplace.decide_report"
"""The permission of staff who read what was reported and decide about it."""


class ReportKind(TextChoices):
    """What is wrong with what somebody reports (2022/2065 Art. 3(h))."""

    GOODS = "goods", _("something is sold that may not be sold")
    FRAUD = "fraud", _("fraud")
    HATE = "hate", _("hate, threats or insults")
    PERSONAL = "personal", _("it shows data of somebody else")
    OWN_DATA = "own_data", _("it shows my data, and they should go")
    COPY = "copy", _("a forgery, or somebody else's text or photos")
    OTHER = "other", _("it breaks the law in another way")


class ReportState(TextChoices):
    """What became of a report."""

    OPEN = "open", pgettext_lazy("report", "open")
    KEPT = "kept", pgettext_lazy("report", "nothing was changed")
    ASKED = "asked", pgettext_lazy("report", "the person was asked to change it")
    REDACTED = "redacted", pgettext_lazy("report", "a passage was blacked out")
    REMOVED = "removed", pgettext_lazy("report", "the listing was taken down")


class RemovalState(TextChoices):
    """What became of the removal of a listing."""

    STANDS = "stands", pgettext_lazy("removal", "taken down")
    OBJECTED = "objected", pgettext_lazy("removal", "the seller objects")
    UPHELD = "upheld", pgettext_lazy("removal", "stays down")
    RESTORED = "restored", pgettext_lazy("removal", "is back")


class ReportGround(TextChoices):
    """On what a decision rests: the law, our terms, or the article of the GDPR (Q14.10)."""

    GOODS = "goods", _("the thing may not be sold")
    FRAUD = "fraud", _("fraud")
    HATE = "hate", _("hate, threats or insults")
    PERSONAL = "personal", _("data of a person shown without a right to")
    COPY = "copy", _("rights of somebody else")
    TERMS = "terms", _("against our terms")
    NOT_NEEDED = "17_1_a", _("Art. 17(1)(a) GDPR: not needed any more")
    OBJECTED = "17_1_c", _("Art. 17(1)(c) GDPR: the person objects, and nothing outweighs it")
    UNLAWFUL = "17_1_d", _("Art. 17(1)(d) GDPR: processed unlawfully")
    ALLOWED = "allowed", _("allowed by the law and by our terms")
    EXPRESSION = "17_3_a", _("Art. 17(3)(a) GDPR: freedom of expression and information")
    CLAIMS = "17_3_e", _("Art. 17(3)(e) GDPR: needed for legal claims")


STAYS: Final = frozenset({ReportGround.ALLOWED, ReportGround.EXPRESSION, ReportGround.CLAIMS})
"""On these grounds something stays; on all others it is changed or goes."""

OF_GDPR: Final = frozenset(ground for ground in ReportGround if ground.startswith("17_"))
"""On one of these a decision rests where somebody asks that her own data go (Q14.10)."""
