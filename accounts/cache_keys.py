"""Keys in the cache carry no address of a person: allauth writes the IP into its counters' names, we hash it away."""

from vault.tokens import token


def opaque(key: str, key_prefix: str, version: int) -> str:
    """`KEY_FUNCTION` of the cache: the keys of allauth become keyed tokens, all others stay readable."""
    name = f"allauth:{token(key, purpose='cache')}" if key.startswith("allauth") else key
    return f"{key_prefix}:{version}:{name}"
