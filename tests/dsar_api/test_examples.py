"""Every example of docs/api.md runs as it stands there, against a running server."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.test import Client

from accounts.models import User
from dsar.models import SubjectRequest
from tests.people import log_in, prove_again

ROOT = Path(__file__).parents[2]
SITE = "http://127.0.0.1:8000"
NUMBER = "QP-2026-000001-AB"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]
Run = Callable[[str], tuple[int, Any]]


def examples() -> Iterator[str]:
    """One command after the other, continued lines joined."""
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL):
        yield from (
            f"curl {item.strip()}" for item in re.split(r"(?m)^curl ", block.replace("\\\n", " ")) if item.strip()
        )


def by_curl(command: str, *, cwd: Path) -> tuple[int, Any]:
    """What the shell does with it; the proxy of a machine has no part in that."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} --silent --show-error --noproxy '*' --write-out '\\n%{{http_code}}'"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PATH": os.environ["PATH"]},
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def by_requests(command: str, *, cwd: Path) -> tuple[int, Any]:
    """The same where there is no curl: the few options that the examples use."""
    words = iter(shlex.split(command))
    assert next(words) == "curl"
    url, headers, data, jar = "", {}, None, None
    for word in words:
        match word:
            case "-H":
                name, _, value = next(words).partition(":")
                headers[name] = value.strip()
            case "-d":
                data = next(words).encode()
            case "-b":
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in read_jar(cwd / next(words)).items())
            case "-c":
                jar = cwd / next(words)
            case _:
                url = word
    answer = requests.request("GET" if data is None else "POST", url, headers=headers, data=data, timeout=60)
    if jar is not None:
        write_jar(jar, read_jar(jar) | answer.cookies.get_dict())
    return answer.status_code, answer.json()


def read_jar(path: Path) -> dict[str, str]:
    rows = [line.split("\t") for line in path.read_text().splitlines() if line.count("\t") == 6]
    return {row[5]: row[6] for row in rows}


def write_jar(path: Path, cookies: dict[str, str]) -> None:
    """A file of cookies as curl reads it."""
    lines = [f"127.0.0.1\tFALSE\t/\tFALSE\t0\t{name}\t{value}" for name, value in cookies.items()]
    path.write_text("\n".join(["# Netscape HTTP Cookie File", *lines, ""]))


@pytest.fixture(params=["curl", "requests"])
def run(request: pytest.FixtureRequest, live_server: Any, person: User, tmp_path: Path) -> Run:
    """Runs an example as Anna, whose log-in lies in the jar with her password just entered."""
    if request.param == "curl" and shutil.which("curl") is None:
        pytest.skip("there is no curl")
    client = Client()
    log_in(client, person)
    prove_again(client)
    write_jar(tmp_path / "jar", {name: morsel.value for name, morsel in client.cookies.items()})
    assert settings.SESSION_COOKIE_NAME in client.cookies
    send = by_curl if request.param == "curl" else by_requests
    filled: dict[str, str] = {SITE: live_server.url.replace("localhost", "127.0.0.1")}

    def runs(command: str) -> tuple[int, Any]:
        for name, value in filled.items():
            command = command.replace(name, value)
        status, body = send(command, cwd=tmp_path)
        if "csrf_token" in body:
            filled["$TOKEN"] = body["csrf_token"]
        if body.get("requests") and body["requests"][0].get("number"):
            filled[NUMBER] = body["requests"][0]["number"]
        return status, body

    return runs


def test_the_document_has_examples_of_both_ways() -> None:
    assert sum("-b jar" in item for item in examples()) >= 3
    assert sum("-b jar" not in item for item in examples()) >= 2


def test_every_example_works_as_it_stands(run: Run, person: User) -> None:
    answers = [run(command) for command in examples()]
    assert [status for status, _body in answers] == [200, 201, 200, 202, 201, 200]
    filed = SubjectRequest.objects.filter(user=person).values_list("right", flat=True)
    assert set(filed) == {"access", "objection"}
    assert answers[2][1]["number"] in SubjectRequest.objects.filter(user=person).values_list("number", flat=True)
    assert answers[5][1]["request_status"] == "pending"
