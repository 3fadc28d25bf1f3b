"""The hourly round: versions that are due are written down, and the operator gets one letter for each new alarm."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from mailing.services import send
from registers.alarms import Alarm, alarms
from registers.balancing import keep_tests
from registers.models import Reminder
from registers.versions import MASTER, keep_version

log = logging.getLogger(__name__)

PURPOSE = "ACCOUNTABILITY"
_SEEN_ON_THE_DESK = "requests"
"""A count that changes all the time: staff see it where they work."""


def watch(*, now: datetime) -> int:
    """One round; returns how many letters were queued. Repeating it changes nothing."""
    keep_version(now=now)
    keep_tests(now=now)
    with translation.override(MASTER):
        return sum(_tell(alarm, now=now) for alarm in alarms(now=now) if alarm.code != _SEEN_ON_THE_DESK)


def _tell(alarm: Alarm, *, now: datetime) -> bool:
    with transaction.atomic():
        _reminder, is_new = Reminder.objects.get_or_create(code=alarm.code, defaults={"sent_at": now})
        if is_new:
            log.warning("register alarm %s", alarm.code)
            send(
                "notice",
                to=catalogue().controller.email,
                language=MASTER,
                purpose=PURPOSE,
                context={
                    "heading": _("The registers need you") if alarm.is_urgent else _("A reminder from the registers"),
                    "paragraphs": [alarm.sentence],
                    "link": alarm.path,
                    "link_label": _("Open the register"),
                },
                now=now,
            )
    return is_new
