"""The browser's side of the emulated Braintree: configuration, the frames a card is typed into, and tokens for cards.

braintree-web takes only Braintree's own host names over TLS, so a browser reaches this by a mapping of names.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from emulators.serving import Answer, Call

API_HOST: Final = "https://api.sandbox.braintreegateway.com"
ASSETS_HOST: Final = "https://assets.braintreegateway.com"
_FOR_ALL: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}

# What a frame says and hears: framebus, a channel named by the part of the address after its #. Each frame holds one
# field; the one of the number collects the others, which are of its own origin, when it is asked for a token.
_FRAME: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Card field</title></head>
<body style="margin:0"><input style="width:100%;height:2.5rem;border:0;font:inherit" aria-label="Card field"><script>
const sign = "/*framebus*/", channel = location.hash.slice(1), own = (name) => `${channel}:hosted-fields:${name}`;
const field = window.name.replace("braintree-hosted-field-", "");
const tell = (to, event, eventData, reply) =>
  to.postMessage(sign + JSON.stringify({ event, origin: "*", eventData, reply }), "*");
const typed = (name) => parent.frames[`braintree-hosted-field-${name}`].document.querySelector("input").value;
addEventListener("message", async ({ data, source }) => {
  if (typeof data !== "string" || !data.startsWith(sign)) return;
  const said = JSON.parse(data.slice(sign.length));
  if (said.event !== own("TOKENIZATION_REQUEST") || field !== "number") return;
  const card = { number: typed("number"), expirationDate: typed("expirationDate"), cvv: typed("cvv") };
  if (!card.number) {
    const trouble = { type: "CUSTOMER", code: "HOSTED_FIELDS_FIELDS_EMPTY", message: "All fields are empty." };
    return tell(source, said.reply, [trouble, null]);
  }
  const body = JSON.stringify({ creditCard: card });
  const answer = await fetch("@API@/client_api/v1/payment_methods/credit_cards", { method: "POST", body });
  const [{ nonce }] = (await answer.json()).creditCards;
  tell(source, said.reply, [null, { nonce, type: "CreditCard", details: {} }]);
});
tell(parent, own("FRAME_READY"), { field }, crypto.randomUUID());
</script></body></html>"""


def client_token(merchant: str, fingerprint: str) -> dict[str, Any]:
    """What a client token says once decoded."""
    base = f"{API_HOST}/merchants/{merchant}/client_api"
    return {
        "version": 2,
        "authorizationFingerprint": fingerprint,
        "configUrl": f"{base}/v1/configuration",
        "clientApiUrl": base,
        "assetsUrl": ASSETS_HOST,
        "environment": "sandbox",
        "merchantId": merchant,
    }


def answer(call: Call, *, merchant: str, nonce_for: Callable[[str], str]) -> Answer | None:
    """What a browser gets; None where it is not a browser that asks. `nonce_for` makes a token of a card's number."""
    base = f"/merchants/{merchant}"
    if call.method == "OPTIONS":
        return Answer(HTTPStatus.NO_CONTENT, headers=_FOR_ALL)
    if call.method == "GET" and call.path.startswith("/web/") and call.path.endswith(".html"):
        return Answer(HTTPStatus.OK, page=_FRAME.replace("@API@", f"{API_HOST}{base}"))
    if call.method == "GET" and call.path == f"{base}/client_api/v1/configuration":
        return Answer(HTTPStatus.OK, _configuration(merchant), _FOR_ALL)
    if call.method == "POST" and call.path == f"{base}/client_api/v1/payment_methods/credit_cards":
        number = str(json.loads(call.body)["creditCard"]["number"])
        return Answer(HTTPStatus.CREATED, {"creditCards": [{"nonce": nonce_for(number)}]}, _FOR_ALL)
    return None


def _configuration(merchant: str) -> dict[str, Any]:
    return {
        "environment": "sandbox",
        "merchantId": merchant,
        "assetsUrl": ASSETS_HOST,
        "clientApiUrl": f"{API_HOST}/merchants/{merchant}/client_api",
        "challenges": [],
        "creditCards": {"supportedCardTypes": ["Visa", "MasterCard"]},
    }
