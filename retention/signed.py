"""Documents that carry the site's signature in themselves, over everything but the signature (Art. 5(2))."""

from collections.abc import Mapping
from typing import Any

from vault import signing


def with_signature(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the name of the key and the signature over both; the values must have one spelling."""
    signed = {**document, "key_id": signing.key_id()}
    return {**signed, "signature": signing.sign(signing.canonical_json(signed))}


def is_ours(document: Mapping[str, Any], *, kind: str) -> bool:
    """True where this site signed exactly this document of this kind; any other shape is just not ours."""
    return document.get("type") == kind and signing.is_ours(document)
