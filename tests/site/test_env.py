"""Settings stop the start with a sentence that says what to set, never with a guess (security C8)."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from qlekta import env

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("reader", "value", "sentence"),
    [
        (lambda: env.text("X_NAME"), "", "Set X_NAME"),
        (lambda: env.choice("X_NAME", ("a", "b"), "a"), "c", "one of: a, b"),
        (lambda: env.number("X_NAME", 1), "many", "whole number"),
        (lambda: env.number("X_NAME", 1, minimum=1), "0", "whole number from 1"),
        (lambda: env.key("X_NAME"), "short", "32 random bytes"),
        (lambda: env.key("X_NAME"), base64.b64encode(bytes(32)).decode(), "32 random bytes"),
        (lambda: env.keys("X_NAME"), KEY, "id:base64key"),
        (lambda: env.database("X_NAME"), "mysql://x/y", "postgres://"),
        (lambda: env.database("X_NAME"), "postgres://localhost", "postgres://"),
        (lambda: env.email("X_NAME", ""), "pigeon://x", "must begin with"),
    ],
)
@pytest.mark.requirement("C8")
def test_a_wrong_value_is_refused_with_a_sentence(
    reader: Callable[[], object], value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_NAME", value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        reader()


def test_a_secret_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{KEY}\n", encoding="utf-8")
    monkeypatch.setenv("X_NAME_FILE", str(secret))
    assert env.key("X_NAME") == bytes(range(32))


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_NAME_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="X_NAME_FILE"):
        env.text("X_NAME")


def test_a_development_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = env.generated_once(tmp_path / "keys", "SECRET", env.random_key)
    assert env.generated_once(tmp_path / "keys", "SECRET", env.random_key) == first
    assert (tmp_path / "keys" / "SECRET").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["SECRET"]


def test_a_socket_directory_stands_in_for_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_NAME", "postgres://qlekta_web@%2Ftmp%2Fshort/qlekta")
    found = env.database("X_NAME")
    assert (found["HOST"], found["USER"], found["NAME"], found["PORT"]) == ("/tmp/short", "qlekta_web", "qlekta", "")


def test_a_host_and_a_password_with_marks_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_NAME", "postgres://web:p%40ss%2Fword@db.internal:6432/qlekta")
    found = env.database("X_NAME")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("db.internal", "6432", "p@ss/word")
