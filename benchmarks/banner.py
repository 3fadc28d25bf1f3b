"""What the banner adds to a page: the same page for a visitor who is asked and for one who has refused, in turn."""

import argparse
import http.client
import time
from collections.abc import Mapping
from typing import Final

from benchmarks.report import Report, Verdict, middle
from benchmarks.stage import stage
from benchmarks.visit_latency import FULL, served
from runner import supervise

_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=60, help="paired rounds (60)")
    parser.add_argument("--requests", type=int, default=10, help="requests of each visitor in a round (10)")
    parser.add_argument("--path", default="/", help="the page (/)")


def run(options: argparse.Namespace) -> Report:
    """One site, one connection each, asked in turn a fraction of a second: noise meets both alike."""
    with stage(durable=False) as here, served(here, FULL) as site:
        refused = {"Cookie": _refusal(site.port)}
        visitors: tuple[Mapping[str, str], ...] = (refused, {})
        _asked(site.port, options.path, visitors, requests=20)
        rounds = [_asked(site.port, options.path, visitors, requests=options.requests) for _ in range(options.rounds)]
        size = len(_get(site.port, options.path, {})[1]) - len(_get(site.port, options.path, refused)[1])
    report = Report("banner", ("visitor", "p50, ms"))
    for index, title in enumerate(("has refused: no banner", "is asked: banner")):
        report.rows.append((title, middle([value for pair in rounds for value in pair[index]]) * 1000))
    ratio = middle([middle(asked) / middle(quiet) for quiet, asked in rounds])
    report.notes.append(f"page {options.path}, {options.rounds} paired rounds; the banner is {size} bytes of HTML")
    report.verdicts.append(Verdict("median of a page, with / without", ratio, 1.05))
    return report


def _asked(port: int, path: str, visitors: tuple[Mapping[str, str], ...], *, requests: int) -> tuple[list[float], ...]:
    return tuple([_get(port, path, headers)[0] for _ in range(requests)] for headers in visitors)


def _get(port: int, path: str, headers: Mapping[str, str]) -> tuple[float, bytes]:
    connection = http.client.HTTPConnection(supervise.HOST, port, timeout=30)
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Host": f"localhost:{port}", "User-Agent": _BROWSER, **headers})
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - begun
    connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{path} answered {answer.status}.")
    return seconds, body


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
