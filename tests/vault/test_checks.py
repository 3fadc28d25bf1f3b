"""No site starts with a missing, short or doubly used key (C8, C9)."""

import pytest
from pytest_django.fixtures import Settings

from vault.checks import check_keys

pytestmark = pytest.mark.requirement("C8", "C9")
KEY = bytes(range(32))


def findings() -> list[str | None]:
    return [message.id for message in check_keys(None)]


def test_the_settings_of_this_site_pass() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("VAULT_MASTER_KEYS", [], "vault.E001"),
        ("VAULT_MASTER_KEYS", [("a", b"short")], "vault.E002"),
        ("VAULT_MASTER_KEYS", [("a", KEY), ("a", KEY[::-1])], "vault.E003"),
        ("VAULT_MASTER_KEYS", [("", KEY)], "vault.E003"),
        ("VAULT_TOKEN_KEY", b"short", "vault.E004"),
        ("VAULT_TOKEN_KEY", None, "vault.E004"),
        ("SIGNING_KEY", KEY + b"1", "vault.E005"),
        ("VAULT_MASTER_KEYS", [("a", KEY), ("b", KEY)], "vault.E006"),
    ],
)
def test_each_fault_has_its_error(settings: Settings, name: str, value: object, expected: str) -> None:
    setattr(settings, name, value)
    assert findings() == [expected]


def test_the_session_key_is_no_data_key(settings: Settings) -> None:
    settings.VAULT_TOKEN_KEY = settings.SECRET_KEY.encode()
    assert "vault.E006" in findings()
