"""What is read of an answer from outside: not more than its limit, not for longer, and nothing that makes no sense."""

from datetime import timedelta
from io import BytesIO

import pytest
import requests

from outbox.answers import NotUnderstood, as_json, asked_to_wait, bare_session, whole_body


def answer(body: bytes = b"", retry_after: str | None = None) -> requests.Response:
    made = requests.Response()
    made.raw = BytesIO(body)
    if retry_after is not None:
        made.headers["Retry-After"] = retry_after
    return made


def test_a_body_is_read_to_its_limit_and_not_beyond() -> None:
    assert whole_body(answer(b"x" * 100_000), most=100_000) == b"x" * 100_000
    with pytest.raises(NotUnderstood):
        whole_body(answer(b"x" * 100_001), most=100_000)


def test_a_body_that_drips_ends_with_patience() -> None:
    with pytest.raises(NotUnderstood):
        whole_body(answer(b"x"), most=100, patience=-1.0)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 200_000, b"<html>"])
def test_what_is_no_json_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        as_json(body)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("999999", timedelta(hours=24)),
        ("9" * 6_000, timedelta(hours=24)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("\N{ARABIC-INDIC DIGIT THREE}", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_busy_service_asks_for_is_bounded(said: str | None, meant: timedelta | None) -> None:
    assert asked_to_wait(answer(retry_after=said)) == meant


def test_a_service_may_be_believed_for_less() -> None:
    assert asked_to_wait(answer(retry_after="7200"), most=timedelta(hours=1)) == timedelta(hours=1)


def proxies(session: requests.Session) -> object:
    return session.merge_environment_settings("https://api.example", {}, False, None, None)["proxies"]


def test_a_session_takes_no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert proxies(requests.Session()), "the environment names one"
    assert not proxies(bare_session())
