"""What Braintree's codes are called, for whoever reads them in a copy or in the administration (Art. 12(1))."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from datamap.terms import Text

STATUS: Final[dict[str, Text]] = {
    "authorizing": _("the bank is being asked"),
    "authorized": _("the bank has agreed"),
    "authorization_expired": _("the bank's agreement has run out"),
    "submitted_for_settlement": _("agreed, the money is to be moved"),
    "settlement_pending": _("the money is being moved"),
    "settlement_confirmed": _("the money is being moved"),
    "settling": _("the money is being moved"),
    "settled": _("the money has arrived"),
    "settlement_declined": _("the bank took its agreement back"),
    "voided": _("called off before the money moved"),
    "failed": _("failed at Braintree"),
    "gateway_rejected": _("refused by Braintree"),
    "processor_declined": _("declined by the bank"),
}

DISPUTE: Final[dict[str, Text]] = {
    "open": pgettext_lazy("dispute", "open"),
    "disputed": _("answered, the bank decides"),
    "under_review": _("the bank decides"),
    "won": _("decided for us"),
    "lost": _("decided for the payer"),
    "accepted": _("accepted, the money went back"),
    "auto_accepted": _("accepted, the money went back"),
    "expired": _("not answered in time, the money went back"),
}
