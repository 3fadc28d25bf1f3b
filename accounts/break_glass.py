"""A superuser is for emergencies: whoever works as one is seen at once, in the trail and in a letter (G3; Art. 32)."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import Actor, record
from datamap.catalogue import catalogue
from datamap.periods import RIGA
from mailing.services import send

EVERY: Final = timedelta(hours=1)
"""One alarm for each log-in, and one more for each hour that the work goes on."""

_SESSION_KEY: Final = "break_glass_at"
_PURPOSE: Final = "SECURITY"


def raise_alarm(request: HttpRequest, *, now: datetime) -> bool:
    """Tell trail and operator that a superuser uses the administration; True where it had not been told just now.

    Runs before the page: without the alarm there is no page.
    """
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_superuser):
        return False
    told = request.session.get(_SESSION_KEY)
    if told is not None and now - datetime.fromisoformat(told) < EVERY:
        return False
    with transaction.atomic():
        record("admin.break_glass", actor=Actor.of(user), about=user, now=now)
        _write_letter(user, now=now)
    request.session[_SESSION_KEY] = now.isoformat()
    return True


def _write_letter(user: User, *, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        moment = date_format(now.astimezone(RIGA), "DATETIME_FORMAT")
        paragraphs = [
            _("Account %(id)s works in the administration with all rights, since %(moment)s (Riga).")
            % {"id": user.pk, "moment": moment},
            _("That is for emergencies. If you do not know of one, close the account and look into the audit trail."),
        ]
        send(
            "notice",
            to=catalogue().controller.email,
            language=settings.LANGUAGE_CODE,
            purpose=_PURPOSE,
            context={
                "heading": _("Somebody works as a superuser"),
                "paragraphs": paragraphs,
                "link": "",
                "link_label": "",
            },
            now=now,
        )
