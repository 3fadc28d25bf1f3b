"""The same receipt in the older format of the Kantara Initiative, for programs that read no other (KI-CR-v1.1.0)."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from consent.processing import categories_for, recipients_for
from consent.queries import ConsentStatus, current_status_of_token
from consent.receipts import NothingOnRecord, history, withdrawal
from consent.terms import PERMITTING, ConsentState
from datamap.catalogue import catalogue
from vault import signing

VERSION: Final = "KI-CR-v1.1.0"


def kantara_receipt(whose: str, purpose: str, *, now: datetime, scope: str = "") -> dict[str, Any]:
    """The consent that was given last; the format knows no withdrawal, so `termination` says it in words.

    Raises NothingOnRecord where the consent was never given.
    """
    given = [event for event in history(whose, purpose, scope=scope) if ConsentState(event.state) in PERMITTING]
    if not given:
        raise NothingOnRecord
    last = given[-1]
    status = current_status_of_token(whose, purpose, now=now, scope=scope)
    return {
        "version": VERSION,
        "jurisdiction": catalogue().controller.country,
        "consentTimestamp": int(last.at.timestamp()),
        "collectionMethod": last.get_method_display(),
        "consentReceiptID": str(uuid4()),
        "publicKey": signing.public_key_pem(),
        "language": last.language,
        "piiPrincipalId": whose,
        "piiControllers": [_controller()],
        "policyUrl": f"{settings.SITE_URL}{reverse('consent:policy')}",
        "services": [
            {
                "service": settings.SITE_URL,
                "purposes": [_purpose(purpose, status)],
            }
        ],
        "sensitive": False,
        "spiCat": [],
    }


def _controller() -> dict[str, Any]:
    found = catalogue().controller
    return {
        "piiController": found.name,
        "onBehalf": False,
        "contact": found.email,
        "address": {"streetAddress": found.address, "addressCountry": found.country},
        "email": found.email,
        "phone": "",
        "piiControllerUrl": settings.SITE_URL,
    }


def _purpose(code: str, status: ConsentStatus) -> dict[str, Any]:
    recipients = recipients_for(code)
    found: dict[str, Any] = {
        "purpose": str(catalogue().purposes[code].label),
        "purposeCategory": [code],
        "consentType": "EXPLICIT",
        "piiCategory": [str(category.label) for category in categories_for(code)],
        "primaryPurpose": False,
        "termination": _termination(code, status),
        "thirdPartyDisclosure": bool(recipients),
    }
    return found | ({"thirdPartyName": ", ".join(item.name for item in recipients)} if recipients else {})


def _termination(code: str, status: ConsentStatus) -> str:
    if status.permits or status.event is None:
        return withdrawal(code)
    return _("Ended: %(state)s, %(at)s.") % {"state": status.state.label, "at": status.event.at.isoformat()}
