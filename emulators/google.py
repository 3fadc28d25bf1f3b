"""An emulated Google: counts browsers by a tag of its own, and deletes them on order of one service account."""

import base64
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulators.serving import Answer, Call, Service

_NUMBER: Final = re.compile(r"[0-9]+\.[0-9]+")
_SCOPE: Final = "https://www.googleapis.com/auth/analytics.edit"
EMAIL: Final = "qlekta@emulated.example"
_TAG: Final = """"use strict";
(() => {
  // As gtag.js does, as far as a visitor can tell: two cookies for the host, and a report of each page.
  const said = dataLayer.map((item) => Array.from(item));
  const update = said.filter(([word, what]) => word === "consent" && what === "update").at(-1);
  if (update?.[2].analytics_storage !== "granted") return;
  const [, id, config] = said.find(([word]) => word === "config");
  const now = Math.floor(Date.now() / 1000);
  const known = document.cookie.match(/(?:^|; )_ga=GA1\\.1\\.([0-9]+\\.[0-9]+)/)?.[1];
  const number = known ?? `${crypto.getRandomValues(new Uint32Array(1))[0]}.${now}`;
  const end = `; path=/; max-age=${config.cookie_expires}; SameSite=Lax`;
  if (!known) document.cookie = `_ga=GA1.1.${number}${end}`;
  document.cookie = `_ga_${id.slice(2)}=GS1.1.${now}.1.0${end}`;
  const asked = new URLSearchParams({ v: "2", tid: id, cid: number, dl: config.page_location });
  const { origin } = new URL(document.currentScript.src);
  fetch(`${origin}/g/collect?${asked}`, { method: "POST", mode: "no-cors", keepalive: true });
})();
"""


def new_account(token_uri: str) -> str:
    """The file that Google gives whoever makes a service account, as far as the site reads it, with a fresh key."""
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    found = {"client_email": EMAIL, "private_key": pem.decode(), "token_uri": token_uri}
    return json.dumps({"type": "service_account", **found})


class Google(Service):
    """One account, of `account` or of its own making, and one property; `counted` are pages by the number of a browser,
    `deleted` the numbers as ordered."""

    def __init__(self, *, property_number: str = "123456789", account: Path | None = None, **place: Any) -> None:
        super().__init__(**place)
        self.property = property_number
        self.deleted: list[str] = []
        self.counted: dict[str, list[str]] = {}
        self._token = secrets.token_urlsafe(24)
        self._account = new_account(f"{self.address}/token") if account is None else account.read_text("utf-8")
        known = json.loads(self._account)
        self._token_uri = str(known["token_uri"])
        key = serialization.load_pem_private_key(known["private_key"].encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("The key of the account is no RSA key.")
        self._key = key.public_key()

    def account(self) -> str:
        """What the site must know to order deletions."""
        return self._account

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"deleted": list(self.deleted), "counted": {cid: list(pages) for cid, pages in self.counted.items()}}

    def answer(self, call: Call) -> Answer:
        match call.method, call.path:
            case "GET", "/gtag/js":
                return Answer(HTTPStatus.OK, script=_TAG)
            case "POST", "/g/collect":
                return self._count(call)
        return self._administer(call)

    def _count(self, call: Call) -> Answer:
        number, page = (call.query.get(name, [""])[0] for name in ("cid", "dl"))
        if not _NUMBER.fullmatch(number):
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT")
        with self.lock:
            self.counted.setdefault(number, []).append(page)
        return Answer(HTTPStatus.NO_CONTENT)

    def _administer(self, call: Call) -> Answer:
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
        is_ours = (claims["iss"], claims["scope"], claims["aud"]) == (EMAIL, _SCOPE, self._token_uri)
        if not is_ours or not claims["iat"] <= claims["exp"] <= claims["iat"] + 3600 or claims["exp"] < now:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
        return Answer(HTTPStatus.OK, {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"})

    def _claims(self, assertion: str) -> dict[str, Any]:
        signed, _dot, signature = assertion.rpartition(".")
        self._key.verify(_read(signature), signed.encode(), PKCS1v15(), hashes.SHA256())
        found: dict[str, Any] = json.loads(_read(signed.partition(".")[2]))
        return found

    def _delete(self, call: Call) -> Answer:
        said = json.loads(call.body or "{}")
        if said.keys() != {"clientId"} or not _NUMBER.fullmatch(str(said["clientId"])):
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT")
        with self.lock:
            self.deleted.append(said["clientId"])
            self.counted.pop(said["clientId"], None)
        return Answer(HTTPStatus.OK, {"deletionRequestTime": datetime.now(UTC).isoformat()})


def _error(status: HTTPStatus, word: str) -> Answer:
    return Answer(status, {"error": {"code": int(status), "status": word}})


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
