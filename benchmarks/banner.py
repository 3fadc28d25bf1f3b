"""What the banner adds to a page: the same page for a visitor who is asked and for one who has refused, in turn.

With `--peer` also what it costs beside that of django-cookie-consent, which is no part of the site: a directory into
which `pip install --target DIRECTORY --no-deps django-cookie-consent django-appconf` has put it.
"""

import argparse
import contextlib
import http.client
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Report, Verdict, middle
from benchmarks.serving import FULL, ask, served
from benchmarks.stage import Stage, stage
from runner import places, supervise


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=60, help="paired rounds (60)")
    parser.add_argument("--requests", type=int, default=10, help="requests of each visitor in a round (10)")
    parser.add_argument("--path", default="/", help="the page (/)")
    parser.add_argument("--peer", type=Path, metavar="DIRECTORY", help="where django-cookie-consent was installed")


def run(options: argparse.Namespace) -> Report:
    """One site, one connection each, asked in turn a fraction of a second: noise meets both alike."""
    with stage(durable=False) as here, served(here, FULL) as site:
        visitors = (_refusal(site.port), "")
        _asked(site.port, options.path, visitors, requests=20)
        rounds = [_asked(site.port, options.path, visitors, requests=options.requests) for _ in range(options.rounds)]
        beside = _beside_the_peer(here, options) if options.peer else {}
    report = Report("banner", ("visitor", "p50, ms"))
    for index, title in enumerate(("has refused: no banner", "is asked: banner")):
        report.rows.append((title, middle([value for pair in rounds for value in pair[index]]) * 1000))
    ratio = middle([middle(asked) / middle(quiet) for quiet, asked in rounds])
    report.notes.append(f"page {options.path}, {options.rounds} paired rounds")
    report.verdicts.append(Verdict("median of a page, with / without", ratio, 1.05))
    if beside:
        _compare(report, beside)
    return report


def _beside_the_peer(here: Stage, options: argparse.Namespace) -> dict[str, list[float]]:
    """The seconds of each part, round by round, from a process that has both apps."""
    env = {**here.owner, "DJANGO_SETTINGS_MODULE": "benchmarks.settings_peer", "PYTHONPATH": str(options.peer)}
    words = [sys.executable, "-m", "benchmarks.banner_peer", str(options.rounds)]
    done = subprocess.run(words, env=env, cwd=places.PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _compare(report: Report, found: dict[str, list[float]]) -> None:
    for name, base in (("", "nothing"), (" with middleware", "nothing, new request")):
        added = {who: _added(found, f"{who}{name}", base) for who in ("ours", "theirs")}
        for who, title in (("ours", "our banner"), ("theirs", "that of django-cookie-consent")):
            report.rows.append((f"{title}{name}, added", middle(added[who]) * 1000))
        ratio = middle([mine / other for mine, other in zip(added["ours"], added["theirs"], strict=True)])
        if name:
            report.notes.append(f"ours / theirs{name}: {ratio:.4g}")
        else:
            report.verdicts.append(Verdict("added time, ours / django-cookie-consent's", ratio, 0.05))


def _added(found: dict[str, list[float]], name: str, base: str) -> list[float]:
    return [value - empty for value, empty in zip(found[name], found[base], strict=True)]


def _asked(port: int, path: str, cookies: tuple[str, ...], *, requests: int) -> tuple[list[float], ...]:
    return tuple([_seconds(port, path, cookie) for _ in range(requests)] for cookie in cookies)


def _seconds(port: int, path: str, cookie: str) -> float:
    with contextlib.closing(http.client.HTTPConnection(supervise.HOST, port, timeout=30)) as connection:
        connection.connect()
        return ask(connection, path, cookie=cookie)


def _refusal(port: int) -> str:
    """The cookie of a visitor who pressed the button."""
    connection = http.client.HTTPConnection(supervise.HOST, port, timeout=30)
    headers = {
        "Host": f"localhost:{port}",
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/cookies/choice/", body="choice=reject", headers=headers)
    answer = connection.getresponse()
    answer.read()
    found = answer.headers["Set-Cookie"]
    connection.close()
    return str(found).partition(";")[0]
