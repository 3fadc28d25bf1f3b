"""Personal data never reach a log (security O5, O6).

Our own calls are scanned, and the formatter scrubs what libraries write.
"""

import ast
import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from qlekta.logs import JsonFormatter, OneLineFilter
from tests.architecture.test_sizes import production_files
from vault.tokens import new_secret

TELLING = {
    "email",
    "address",
    "to_address",
    "ip",
    "phone",
    "given_name",
    "family_name",
    "display_name",
    "user_agent",
    "body",
}
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def telling_arguments(path: Path) -> Iterator[str]:
    """Names of personal values that stand in the arguments of a log call."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS):
            continue
        for argument in (*node.args, *(word.value for word in node.keywords)):
            for part in ast.walk(argument):
                name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
                if name in TELLING:
                    yield f"{path.name}:{node.lineno} {name}"


@pytest.mark.requirement("O5")
def test_no_log_call_names_a_personal_value() -> None:
    found = [hit for path in production_files() for hit in telling_arguments(path) if "runner" not in path.parts]
    assert found == []


def test_a_telling_log_call_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "leak.py"
    module.write_text("logger.info('sent %s', user.email)\n", encoding="utf-8")
    assert list(telling_arguments(module)) == ["leak.py:1 email"]


def line(message: str, *args: object) -> dict[str, str]:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, args, None)
    assert OneLineFilter().filter(record)
    found: dict[str, str] = json.loads(JsonFormatter().format(record))
    return found


@pytest.mark.requirement("O5")
def test_addresses_and_database_values_are_scrubbed() -> None:
    message = line(
        "duplicate: Key (email)=(anna@example.lv) already exists, from 203.0.113.7 and 2001:db8::5, GET /x?token=abc"
    )["message"]
    assert not any(secret in message for secret in ("anna", "203.0.113.7", "db8", "abc"))


@pytest.mark.requirement("O5")
@pytest.mark.parametrize("path", ["/newsletter/stop/{}/", "/surveys/iela/by/{}/take-back/", "/privacy/case/{}"])
def test_the_secret_of_a_link_stands_in_no_line_about_a_page_that_was_refused(path: str) -> None:
    secret = new_secret()
    assert line("Bad Request: %s", path.format(secret))["message"] == f"Bad Request: {path.format('[secret]')}"
    number = "6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11"
    assert line("Not Found: /privacy/file/%s/", number)["message"] == f"Not Found: /privacy/file/{number}/"


@pytest.mark.requirement("F5")
def test_a_full_disk_under_the_log_stops_no_work(capfd: pytest.CaptureFixture[str]) -> None:
    with Path("/dev/full").open("w", buffering=1) as disk:
        handler = logging.StreamHandler(disk)
        handler.setFormatter(JsonFormatter())
        handler.handle(logging.LogRecord("x", logging.INFO, __file__, 1, "done", (), None))
        with contextlib.suppress(OSError):
            disk.close()
    assert "No space left" in capfd.readouterr().err


@pytest.mark.requirement("O6")
def test_a_value_cannot_begin_a_second_line() -> None:
    record = logging.LogRecord(
        "x", logging.INFO, __file__, 1, "name %s", ('a\r\n{"level": "forged"}\x1b[2J\u2028',), None
    )
    OneLineFilter().filter(record)
    text = JsonFormatter().format(record)
    assert len(text.splitlines()) == 1
    assert "\\u001b" not in text
