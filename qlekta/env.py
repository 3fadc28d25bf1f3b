"""Strict readers of the environment: a wrong or missing value stops the start with a sentence that says what to set.

Every name can also be given as `NAME_FILE`, the path of a file that holds the value (container secrets).
"""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

NAMES_READ: set[str] = set()
"""Every name that the settings asked for; docker-compose.yml is compared with it."""

T = TypeVar("T")


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of NAME_FILE, or the default.

    Raises ImproperlyConfigured without any of them.
    """
    NAMES_READ.add(name)
    path = os.environ.get(f"{name}_FILE", "")
    if path:
        return _file_content(name, Path(path))
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE to a file that holds it); see .env.example.")
    return default


def _file_content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}.") from error


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to one of: {', '.join(allowed)}.")
    return value


def number(name: str, default: int, *, minimum: int = 0, maximum: int = 1_000_000_000) -> int:
    """A whole number between two bounds, both included."""
    value = text(name, str(default))
    if not (value.isdecimal() and value.isascii()) or not minimum <= int(value) <= maximum:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a whole number from {minimum} to {maximum}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def key(name: str, default: str | None = None) -> bytes:
    """A key of 32 bytes in base64."""
    return _decoded_key(name, text(name, default))


def keys(name: str, default: str | None = None) -> list[tuple[str, bytes]]:
    """A list `id:key,id:key`; the first key seals, all of them open."""
    found = []
    for part in text(name, default).split(","):
        key_id, separator, encoded = part.strip().partition(":")
        if not separator or not key_id:
            raise ImproperlyConfigured(f"{name} must read id:base64key,id:base64key with the current key first.")
        found.append((key_id, _decoded_key(name, encoded)))
    return found


def retired_keys(name: str) -> list[tuple[bytes, date | None, date]]:
    """A list `first day..last day:public key`, the first day may be missing; `signing_key --retire` prints entries."""
    found = []
    for entry in words(name):
        days, _, encoded = entry.partition(":")
        since, _, until = days.partition("..")
        try:
            first, last = date.fromisoformat(since) if since else None, date.fromisoformat(until)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must read 2025-05-01..2026-11-23:base64key, with commas.") from None
        found.append((_decoded_key(name, encoded), first, last))
    return found


def _decoded_key(name: str, encoded: str) -> bytes:
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != 32 or len(set(value)) < 8:
        raise ImproperlyConfigured(
            f"{name} must hold 32 random bytes in base64; make one with: "
            "python -c 'import base64,os; print(base64.b64encode(os.urandom(32)).decode())'"
        )
    return value


def generated_once(directory: Path, name: str, make: Callable[[], str]) -> str:
    """A secret for development only, made at first use and kept in a file that only its owner can read."""
    path = directory / name
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{name}.{secrets.token_hex(8)}")
        temporary.touch(mode=0o600)
        temporary.write_text(make(), encoding="utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text(encoding="utf-8").strip()


def random_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def database(name: str, default: str | None = None) -> dict[str, object]:
    """Django's database settings from `postgres://user:password@host:port/name`; a host that begins with `%2F` is the
    directory of a Unix socket."""
    url = urlsplit(text(name, default))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must read postgres://user:password@host:5432/database.")
    netloc_host = url.netloc.rpartition("@")[2]
    is_socket = netloc_host.lower().startswith("%2f")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(netloc_host.partition(":")[0]) if is_socket else (url.hostname or ""),
        "PORT": "" if is_socket else str(url.port or ""),
    }


def email(name: str, default: str) -> dict[str, object]:
    """Django's e-mail settings from `consolemail://`, `filemail:///directory`, `memorymail://`, `mailgun://` or
    `smtp://user:password@host:port`, `smtps://…` (STARTTLS: `smtp+tls://…`)."""
    url = urlsplit(text(name, default))
    backends = "django.core.mail.backends"
    match url.scheme:
        case "consolemail":
            return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
        case "memorymail":
            return {"EMAIL_BACKEND": f"{backends}.locmem.EmailBackend"}
        case "filemail":
            return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": url.path}
        case "mailgun":
            return {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"}
        case "smtp" | "smtps" | "smtp+tls":
            return {
                "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
                "EMAIL_HOST": url.hostname or "localhost",
                "EMAIL_PORT": url.port or 25,
                "EMAIL_HOST_USER": unquote(url.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
                "EMAIL_USE_SSL": url.scheme == "smtps",
                "EMAIL_USE_TLS": url.scheme == "smtp+tls",
            }
        case _:
            raise ImproperlyConfigured(
                f"{name} must begin with consolemail:, filemail:, memorymail:, mailgun:, smtp:, smtps: or smtp+tls:."
            )
