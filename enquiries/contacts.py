"""Staff note who turned to us by telephone, messenger or social page, and what was said (Q5.3, Q5.15).

What was said is an enquiry with the enquiry's term; the number or handle is visit data and goes with that of visits.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding
from datamap.standstill import Tells
from datamap.trace import normalise_email
from enquiries import letters
from enquiries.models import Enquiry, SupportContact
from enquiries.services import Came, EnquiryError, Written, open_enquiry, record_act
from enquiries.terms import CameBy, State


class NoSuchAccount(EnquiryError):
    """The address is of no account, or nobody confirmed it."""

    message = _("No account has confirmed this address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact as a member of the staff had it: `contact` is the number or handle in its one spelling, empty where
    none was shown; `account_address` is looked up among confirmed addresses only."""

    written: Written
    by_way_of: CameBy
    at: datetime
    contact: str = ""
    account_address: str = ""


def note_contact(noted: Contact, *, by: Any, now: datetime) -> Enquiry:
    """Keep a contact as an enquiry with its source, and acknowledge it where there is an address; twice is once.

    Raises NoSuchAccount, InvalidAddress.
    """
    user = _account_of(noted.account_address) if noted.account_address else None
    came = Came(at=noted.at, by_way_of=noted.by_way_of, entered_by=by.pk)
    with transaction.atomic():
        enquiry, is_new = open_enquiry(noted.written, user=user, came=came)
        if not is_new:
            return enquiry
        if noted.contact:
            SupportContact.objects.create(
                enquiry=enquiry,
                at=noted.at,
                channel=noted.by_way_of,
                contact=noted.contact,
                user_id=enquiry.user_id,
            )
        record_act("noted", enquiry, by=by, now=now)
        letters.acknowledge(enquiry, now=now)
    return enquiry


def _account_of(address: str) -> Any:
    found = EmailAddress.objects.filter(email=normalise_email(address), verified=True).select_related("user").first()
    if found is None:
        raise NoSuchAccount
    return found.user


def keeping() -> Tells:
    """The numbers and handles of enquiries that still wait for an answer. For `KEEPERS`."""

    def kept(holding: Holding) -> Q:
        return Q(enquiry__state=State.OPEN) if holding.model == "enquiries.SupportContact" else Q()

    return kept
