"""Letters to whoever is trusted with money on our side: numbers and sums, nobody's name (policy clause 9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from datamap.catalogue import catalogue
from datamap.terms import Text
from mailing.services import send

MAY_REFUND: Final = "refund_card"
_PURPOSE: Final = "ACCOUNTABILITY"
_LANGUAGE: Final = "lv"


def write_to_accountants(heading: Text, paragraphs: Sequence[Text], *, link: str, now: datetime) -> int:
    """One letter for each, in the caller's transaction; to the controller's own address where there is none."""
    addresses = _addresses() or [catalogue().controller.email]
    with translation.override(_LANGUAGE):
        context = {
            "heading": str(heading),
            "paragraphs": [str(paragraph) for paragraph in paragraphs],
            "link": link,
            "link_label": _("Open it in the administration"),
        }
        for address in addresses:
            send("notice", to=address, language=_LANGUAGE, purpose=_PURPOSE, context=context, now=now)
    return len(addresses)


def _addresses() -> list[str]:
    in_person = Q(user_permissions__codename=MAY_REFUND, user_permissions__content_type__app_label="payments")
    of_role = Q(groups__permissions__codename=MAY_REFUND, groups__permissions__content_type__app_label="payments")
    people = User.objects.filter(in_person | of_role, is_active=True, is_staff=True)
    return list(people.order_by("email").values_list("email", flat=True).distinct())
