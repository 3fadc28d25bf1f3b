"""An emulated Google: tokens for one service account, and deletions of browsers in one property of Analytics."""

import base64
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulators.serving import Answer, Call, Service

_NUMBER: Final = re.compile(r"[0-9]+\.[0-9]+")
_SCOPE: Final = "https://www.googleapis.com/auth/analytics.edit"


class Google(Service):
    """One account with a key of its own making, one property; `deleted` are the numbers of browsers, as ordered."""

    def __init__(self, *, property_number: str = "123456789", **place: Any) -> None:
        super().__init__(**place)
        self.property = property_number
        self.deleted: list[str] = []
        self._token = secrets.token_urlsafe(24)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def account(self) -> str:
        """The file that Google gives whoever makes a service account, as far as the site reads it."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        found = {"client_email": "qlekta@emulated.example", "private_key": pem.decode()}
        return json.dumps({"type": "service_account", **found, "token_uri": f"{self.address}/token"})

    def state(self) -> dict[str, Any]:
        return {"deleted": list(self.deleted)}

    def answer(self, call: Call) -> Answer:
        if call.method != "POST":
            return _error(HTTPStatus.NOT_FOUND, "NOT_FOUND")
        if call.path == "/token":
            return self._give_token(call)
        if not hmac.compare_digest(call.headers.get("Authorization", ""), f"Bearer {self._token}"):
            return _error(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED")
        if call.path != f"/v1alpha/properties/{self.property}:submitUserDeletion":
            return _error(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED")
        return self._delete(call)

    def _give_token(self, call: Call) -> Answer:
        try:
            claims = self._claims(call.form["assertion"][0])
        except (KeyError, ValueError, InvalidSignature):
            return Answer(HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
        now = datetime.now(UTC).timestamp()
        is_ours = (claims["iss"], claims["scope"], claims["aud"]) == (
            "qlekta@emulated.example",
            _SCOPE,
            f"{self.address}/token",
        )
        if not is_ours or not claims["iat"] <= claims["exp"] <= claims["iat"] + 3600 or claims["exp"] < now:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
        return Answer(HTTPStatus.OK, {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"})

    def _claims(self, assertion: str) -> dict[str, Any]:
        signed, _dot, signature = assertion.rpartition(".")
        self._key.public_key().verify(_read(signature), signed.encode(), PKCS1v15(), hashes.SHA256())
        found: dict[str, Any] = json.loads(_read(signed.partition(".")[2]))
        return found

    def _delete(self, call: Call) -> Answer:
        said = json.loads(call.body or "{}")
        if said.keys() != {"clientId"} or not _NUMBER.fullmatch(str(said["clientId"])):
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT")
        with self.lock:
            self.deleted.append(said["clientId"])
        return Answer(HTTPStatus.OK, {"deletionRequestTime": datetime.now(UTC).isoformat()})


def _error(status: HTTPStatus, word: str) -> Answer:
    return Answer(status, {"error": {"code": int(status), "status": word}})


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
