"""What the banner adds to a page: the same page for a visitor who is asked and for one who has refused, in turn."""

import argparse
import contextlib
import http.client

from benchmarks.report import Report, Verdict, middle
from benchmarks.serving import FULL, ask, served
from benchmarks.stage import stage
from runner import supervise


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=60, help="paired rounds (60)")
    parser.add_argument("--requests", type=int, default=10, help="requests of each visitor in a round (10)")
    parser.add_argument("--path", default="/", help="the page (/)")


def run(options: argparse.Namespace) -> Report:
    """One site, one connection each, asked in turn a fraction of a second: noise meets both alike."""
    with stage(durable=False) as here, served(here, FULL) as site:
        visitors = (_refusal(site.port), "")
        _asked(site.port, options.path, visitors, requests=20)
        rounds = [_asked(site.port, options.path, visitors, requests=options.requests) for _ in range(options.rounds)]
    report = Report("banner", ("visitor", "p50, ms"))
    for index, title in enumerate(("has refused: no banner", "is asked: banner")):
        report.rows.append((title, middle([value for pair in rounds for value in pair[index]]) * 1000))
    ratio = middle([middle(asked) / middle(quiet) for quiet, asked in rounds])
    report.notes.append(f"page {options.path}, {options.rounds} paired rounds")
    report.verdicts.append(Verdict("median of a page, with / without", ratio, 1.05))
    return report


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
