"""Consent records and receipts as ISO/IEC TS 27560 has them, in the words of DPV-27560, signed (Art. 7(1), rule K2).

A receipt holds all that it proves: whoever has it and the site's public key can check it when the account, the events
and the site itself are gone. Nothing of it is stored.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.ledger import commit
from audit.sealing import Inclusion, inclusion, signed_part, verify_inclusion
from consent.models import ConsentEvent, TextVersion
from consent.placeholders import filled
from consent.processing import process
from consent.queries import current_status_of_token
from consent.scopes import check_scope
from consent.terms import ConsentPurpose, ConsentState
from datamap.canonical import canonical_json
from datamap.catalogue import catalogue
from datamap.dpv import CONTEXT
from datamap.terms import RIGHTS_BY_BASIS, LawfulBasis, Right
from vault import signing

TYPE: Final = "qlekta-consent-receipt/1"
MOST_PROOFS: Final = 20
"""Events with a proof of their own in one receipt, the newest: each costs the leaves of a whole seal."""

_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#"

STATE_TERMS: Final[dict[ConsentState, str]] = {
    ConsentState.UNKNOWN: "dpv:ConsentUnknown",
    ConsentState.REQUESTED: "dpv:ConsentRequested",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.RENEWED: "dpv:RenewedConsentGiven",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
    ConsentState.RENEWAL_NEEDED: "dpv:ConsentRequested",
}
"""A consent overtaken by new words stands where it stood before it was given: asked, and not answered."""

RIGHT_TERMS: Final[dict[Right, str]] = {
    Right.WITHDRAWAL: "eu-gdpr:A7-3",
    Right.ACCESS: "eu-gdpr:A15",
    Right.RECTIFICATION: "eu-gdpr:A16",
    Right.ERASURE: "eu-gdpr:A17",
    Right.RESTRICTION: "eu-gdpr:A18",
    Right.PORTABILITY: "eu-gdpr:A20",
    Right.COMPLAINT: "eu-gdpr:A77",
}


class NothingOnRecord(LookupError):
    """Nobody was ever asked for this consent, or the term of its proof is over."""


def history(whose: str, purpose: str, *, scope: str = "") -> list[ConsentEvent]:
    """All that happened to a consent, in its order. Raises NothingOnRecord."""
    try:
        check_scope(ConsentPurpose(purpose), scope)
    except ValueError:
        raise NothingOnRecord from None
    found = ConsentEvent.objects.filter(subject_token=whose, purpose=purpose, scope=scope)
    events = list(found.order_by("at", "pk"))
    if not whose or not events:
        raise NothingOnRecord
    return events


def receipt(whose: str, purpose: str, *, now: datetime, scope: str = "") -> dict[str, Any]:
    """The signed receipt of a consent, in the language of the page; the words are those that were shown.

    `whose` is the token of the account, the address or the cookie receipt. Raises NothingOnRecord.
    """
    number = f"urn:uuid:{uuid4()}"
    return signing.signed(
        {
            "@context": CONTEXT,
            "@id": number,
            "@type": "dpv:ConsentReceipt",
            "type": TYPE,
            "dct:identifier": number,
            "dct:conformsTo": f"{_SCHEMA}receipt-eu-gdpr",
            "dct:created": _instant(now),
            "dct:language": get_language() or settings.LANGUAGE_CODE,
            "dct:publisher": catalogue().controller.name,
            "dpv:hasRecordOfActivity": _record(whose, purpose, now=now, scope=scope),
            "key_id": signing.key_id(),
        }
    )


def _record(whose: str, purpose: str, *, now: datetime, scope: str) -> dict[str, Any]:
    events = history(whose, purpose, scope=scope)
    number = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{settings.SITE_URL}/{whose}/{purpose}/{scope}')}"
    unproved = len(events) - MOST_PROOFS
    return {
        "@id": number,
        "@type": "dpv:ConsentRecord",
        "dct:identifier": number,
        "dct:conformsTo": f"{_SCHEMA}record-eu-gdpr",
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": whose},
        "dpv:hasDataController": controller(),
        "dpv:hasJurisdiction": {"@id": f"loc:{catalogue().controller.country}"},
        "dpv:hasAuthority": _authority(),
        "dpv:hasProcess": process(purpose),
        "dpv:hasNotice": [*_wordings(events), _notice()],
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": withdrawal(purpose),
            "dpv:isExercisedAt": {"@id": _address("consent:consents")},
        },
        "dpv:hasRight": [_right(right) for right in Right if right in RIGHTS_BY_BASIS[LawfulBasis.CONSENT]],
        "dpv:hasConsentStatus": [
            _event(event) | (_proof(event) if index >= unproved else {}) for index, event in enumerate(events)
        ],
        "state": _state(whose, purpose, now=now, scope=scope),
        **({"dpv:hasScope": scope} if scope else {}),
    }


def controller() -> dict[str, Any]:
    """The party that answers for the data, with its contact (ISO/IEC TS 27560: party fields)."""
    found = catalogue().controller
    return {
        "@type": "dpv:DataController",
        "dct:identifier": found.registration_number,
        "dpv:hasName": found.name,
        "dpv:hasAddress": found.address,
        "dpv:hasContact": [found.email, settings.SITE_URL],
    }


def withdrawal(purpose: str) -> str:
    """How this consent is taken back (Art. 7(3))."""
    if purpose == ConsentPurpose.MARKETING_EMAIL:
        return _("With one button on the page of consents, or by the link at the end of every message, without log-in.")
    return _("With one button on the page of consents, at any time.")


def _authority() -> dict[str, Any]:
    found = catalogue().authority
    return {
        "@type": "dpv:DataProtectionAuthority",
        "dpv:hasName": str(found.name),
        "dpv:hasAddress": found.address,
        "dpv:hasContact": found.url,
    }


def _right(right: Right) -> dict[str, Any]:
    return {
        "@type": ["dpv:DataSubjectRight", RIGHT_TERMS[right]],
        "dct:title": str(right.label),
        "dpv:isExercisedAt": {"@id": _address("privacy:portal")},
    }


def _wordings(events: Iterable[ConsentEvent]) -> list[dict[str, Any]]:
    """Every wording that was shown, in the language in which it was shown."""
    shown = TextVersion.objects.filter(sha256__in={event.text_sha256 for event in events} - {""})
    return [
        {
            "@id": f"urn:sha256:{text.sha256}",
            "@type": "dpv:ConsentNotice",
            "dct:title": text.title,
            "dct:description": filled(text.body),
            "dct:language": text.language,
            "dct:hasVersion": text.version,
            "dct:date": text.valid_from.isoformat(),
            "sha256": text.sha256,
            "sha256_of_the_latvian_text": text.master_sha256,
        }
        for text in shown.select_related("master").order_by("valid_from", "language")
    ]


def _notice() -> dict[str, Any]:
    return {
        "@id": _address("privacy:notice"),
        "@type": "dpv:PrivacyNotice",
        "dct:source": {"@id": _address("consent:policy")},
    }


def _event(event: ConsentEvent) -> dict[str, Any]:
    by_us = event.state == ConsentState.INVALIDATED
    found: dict[str, Any] = {
        "@type": STATE_TERMS[ConsentState(event.state)],
        "dct:title": str(ConsentState(event.state).label),
        "dpv:isIndicatedAtTime": _instant(event.at),
        "dpv:isIndicatedBy": {"@id": "dpv:DataController" if by_us else "dpv:DataSubject"},
        "dpv:hasIndicationMethod": {"dct:identifier": event.method, "dct:title": event.get_method_display()},
        "dct:language": event.language,
        "dct:source": event.place,
    }
    if event.text_sha256:
        found |= {"dpv:hasNotice": {"@id": f"urn:sha256:{event.text_sha256}"}, "dct:hasVersion": event.text_version}
    return found


def _proof(event: ConsentEvent) -> dict[str, Any]:
    """That the event stands in the record under a signed seal: its content and salt, and the path to the seal's root.

    Nothing while it waits for its seal, a minute or so: the signature of the receipt says the same meanwhile.
    """
    found = inclusion(event)
    if found is None:
        return {}
    content = json.loads(canonical_json(event.content()))
    return {"proof": {"salt": bytes(event.salt).hex(), "content": content, "inclusion": found.document()}}


def seal_of(proof: Mapping[str, Any]) -> int | None:
    """The number of the seal that a proof leads to; None where content, path or signature do not fit."""
    found = Inclusion.of(proof["inclusion"])
    is_leaf = commit(bytes.fromhex(proof["salt"]), proof["content"]) == found.leaf
    if is_leaf and verify_inclusion(found) and signing.verify(*signed_part(found.seal)):
        return int(found.seal["number"])
    return None


def _state(whose: str, purpose: str, *, now: datetime, scope: str) -> dict[str, Any]:
    """Where it stood when the receipt was written: age or new words may have ended what the last event began."""
    status = current_status_of_token(whose, purpose, now=now, scope=scope)
    return {"at": _instant(now), "state": status.state.value, "permits": status.permits}


def _address(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"


def _instant(at: datetime) -> dict[str, str]:
    return {"@value": at.isoformat(), "@type": "xsd:dateTime"}


def facts_of(document: dict[str, Any]) -> list[tuple[str, str]] | None:
    """What a signed receipt says, line by line, for the page that checks it; None for a receipt of another kind."""
    if document.get("type") != TYPE:
        return None
    record = document["dpv:hasRecordOfActivity"]
    facts = [
        (_("Receipt"), document["dct:identifier"]),
        (_("Written"), _spelled(document["dct:created"])),
        (_("Controller"), record["dpv:hasDataController"]["dpv:hasName"]),
        (_("Whose"), record["dpv:hasDataSubject"]["dct:identifier"]),
        (_("Consent"), " · ".join(filter(None, [_purpose_of(record), record.get("dpv:hasScope", "")]))),
    ]
    facts += [(text["dct:title"], text["dct:description"]) for text in record["dpv:hasNotice"] if "sha256" in text]
    facts += [(_spelled(event["dpv:isIndicatedAtTime"]), _of_event(event)) for event in record["dpv:hasConsentStatus"]]
    return [*facts, (_("State when it was written"), str(ConsentState(record["state"]["state"]).label))]


def _purpose_of(record: dict[str, Any]) -> str:
    return str(record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:title"])


def _of_event(event: dict[str, Any]) -> str:
    words = [event["dct:title"], event["dpv:hasIndicationMethod"]["dct:title"], event.get("dct:hasVersion", "")]
    if "proof" in event and (number := seal_of(event["proof"])) is not None:
        words.append(_("in our record under seal %(number)s") % {"number": number})
    return " · ".join(filter(None, words))


def _spelled(instant: dict[str, str]) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(instant["@value"])), "DATETIME_FORMAT")
