"""Asks Google to delete what Google Analytics counted of one browser (Art. 17(1)(b), 28(3)(e); policy clause 11.3).

By its Admin API, as a service account of ours. Asking twice is harmless, so an answer that got lost is asked for again.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from outbox.answers import NotUnderstood, as_json, asked_to_wait, bare_session, whole_body
from outbox.handlers import Halted, Permanent, Transient

CODE: Final = "GOOGLE"
API: Final = "https://analyticsadmin.googleapis.com"
TOKENS: Final = "https://oauth2.googleapis.com/token"
_SCOPE: Final = "https://www.googleapis.com/auth/analytics.edit"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_VALID_SECONDS: Final = 600
_TIMEOUT: Final = (3.05, 10)
_LARGEST: Final = 64 * 1024
_REFUSES_US: Final = {401, 403, 404}


def is_ordered() -> bool:
    """Whether a withdrawal is carried to Google: where it counts at all, and we have an account to say so."""
    return bool(settings.GOOGLE_ANALYTICS_ID and settings.GOOGLE_ANALYTICS_PROPERTY and settings.GOOGLE_SERVICE_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Google:
    """One property, and the account that may delete in it. Raises Transient where no answer is to be had, Halted where
    Google takes neither our account nor our property, Permanent for a number that it does not take."""

    address: str
    property: str
    account: Mapping[str, str]

    @classmethod
    def of_settings(cls) -> "Google":
        return cls(
            address=settings.GOOGLE_API_URL,
            property=settings.GOOGLE_ANALYTICS_PROPERTY,
            account=json.loads(settings.GOOGLE_SERVICE_ACCOUNT),
        )

    def delete(self, number: str, *, now: datetime) -> None:
        """Have everything deleted that was counted under a browser's number up to this moment."""
        token = self.token(now=now)
        url = f"{self.address}/v1alpha/properties/{self.property}:submitUserDeletion"
        said = _post(url, json={"clientId": number}, headers={"Authorization": f"Bearer {token}"})
        if not said.get("deletionRequestTime"):
            raise Transient("Google answered with something else.")

    def token(self, *, now: datetime) -> str:
        """What lets our account in, for an hour."""
        form = {"grant_type": _GRANT, "assertion": self._assertion(now)}
        try:
            token = str(_post(self.account["token_uri"], data=form).get("access_token", ""))
        except Permanent:
            raise Halted("Google does not take the key of our account.") from None
        if not token:
            raise Transient("Google gave no token.")
        return token

    def _assertion(self, now: datetime) -> str:
        """That it is us, signed with the account's key (RFC 7523)."""
        key = load_pem_private_key(self.account["private_key"].encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise Halted("The key of the service account is no RSA key.")
        at = int(now.timestamp())
        claims = {
            "iss": self.account["client_email"],
            "scope": _SCOPE,
            "aud": self.account["token_uri"],
            "iat": at,
            "exp": at + _VALID_SECONDS,
        }
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
        return f"{signed}.{_spelt(key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))}"


def _part(content: Mapping[str, Any]) -> str:
    return _spelt(json.dumps(content, separators=(",", ":")).encode())


def _spelt(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _post(url: str, **content: Any) -> dict[str, Any]:
    try:
        with bare_session() as session:
            answer = session.post(url, timeout=_TIMEOUT, allow_redirects=False, stream=True, **content)
            _refuse(answer)
            found = as_json(whole_body(answer, most=_LARGEST))
    except (requests.RequestException, OSError, NotUnderstood) as error:
        raise Transient(f"Google could not be asked ({type(error).__name__}).") from None
    if not isinstance(found, dict):
        raise Transient("Google answered with something else.")
    return found


def _refuse(answer: requests.Response) -> None:
    status = answer.status_code
    if status == requests.codes.too_many_requests:
        raise Transient("Google asks us to wait.", retry_after=asked_to_wait(answer))
    if status in _REFUSES_US:
        raise Halted(f"Google takes neither our account nor our property ({status}).")
    if status == requests.codes.bad_request:
        raise Permanent("Google does not take this number of a browser.")
    if status != requests.codes.ok:
        raise Transient(f"Google failed ({status}).")
