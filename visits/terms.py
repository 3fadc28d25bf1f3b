"""The words of the visit log: kinds of visit, device and exit, purposes of reading it (policy clauses 5.2, 7.3)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

PAGE_USE: Final = "page-use"
"""The service that visitors agree to when their browsers may report (`visits.cookies`)."""


class Kind(TextChoices):
    """What a request was about; derived from its method and path."""

    PAGE = "page", _("page")
    SEARCH = "search", _("search")
    ITEM = "item", _("item viewed")
    ACTION = "action", _("form sent")


class Platform(TextChoices):
    """The sort of device, as the browser named itself."""

    DESKTOP = "desktop", _("computer")
    MOBILE = "mobile", _("mobile telephone")
    TABLET = "tablet", _("tablet")
    ROBOT = "robot", _("program")
    UNKNOWN = "unknown", _("unknown")


class Exit(TextChoices):
    """How a visitor left a page, as far as her browser tells."""

    LINK = "link", _("followed a link")
    FORM = "form", _("sent a form")
    AWAY = "away", _("closed or hid the page")


class ReadingPurpose(TextChoices):
    """The only purposes for which the visit log may be read (policy clause 7.3)."""

    COMMUNICATION = "communication", _("communication with visitors")
    OPTIMISATION = "optimisation", _("convenience and optimisation of the site")
    SECURITY = "security", _("monitoring, stability and security")
    ATTACK_DETECTION = "attack_detection", _("detection of attacks")
    ADMINISTRATION = "administration", _("administration of the site")
    STATISTICS = "statistics", _("statistics")


class Dimension(TextChoices):
    """What a day's visits are counted by; each has a fixed list of groups (`visits.statistics.groups`)."""

    ALL = "all", _("all")
    PLATFORM = "platform", _("device")
    BROWSER = "browser", _("browser")
    PAGE = "page", _("page")
    OUTCOME = "outcome", _("outcome")
    SPEED = "speed", _("response time")
