"""Keyed tokens: one spelling, one purpose, nothing to guess without the key (C4)."""

from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from vault.tokens import email_token, email_tokens, new_secret, secret_digest, subject_token, subject_tokens, token

pytestmark = pytest.mark.requirement("C4")
ANNA = UUID("6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11")


def test_an_address_has_one_token_whatever_its_spelling() -> None:
    assert email_token(" Anna@Example.LV ") == email_token("anna@example.lv") != email_token("ana@example.lv")
    assert email_tokens(["Anna@example.lv", "anna@example.lv"]) == {email_token("anna@example.lv")}
    assert subject_tokens([ANNA]) == {subject_token(ANNA)}


def test_tokens_of_different_purposes_cannot_be_linked() -> None:
    assert len({token("same", purpose=purpose) for purpose in ("email", "subject", "secret", "phone")}) == 4


def test_without_the_key_a_token_cannot_be_computed(settings: Settings) -> None:
    before = email_token("anna@example.lv")
    settings.VAULT_TOKEN_KEY = b"another key of thirty-two bytes!"
    assert email_token("anna@example.lv") != before
    assert len(before) == 43


def test_a_secret_is_found_by_its_digest_alone() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(secret) >= 43 and secret not in secret_digest(secret) for secret in secrets)
    assert len({secret_digest(secret) for secret in secrets}) == 100
