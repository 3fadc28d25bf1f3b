"""What a plain page pays for being noted: the site under gunicorn with and without the middleware, eight clients."""

import argparse
import contextlib
import http.client
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage
from runner import children, places, supervise

CLIENTS: Final = 8
BARE: Final = "benchmarks.settings_bare"
FULL: Final = "qlekta.settings"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds (15)")
    parser.add_argument("--requests", type=int, default=60, help="requests of each client in a round (60)")
    parser.add_argument("--path", default="/", help="the page (/)")


def run(options: argparse.Namespace) -> Report:
    """Both sites stand all the time; only one is asked at a time, in alternating order."""
    with stage(durable=True) as here, _served(here, BARE) as bare, _served(here, FULL) as full:
        for port in (bare, full):
            _load(port, options.path, options.requests)
        pairs = [_pair(bare, full, options, number) for number in range(options.rounds)]
        noted = _noted(here)
    report = Report("visit_latency", ("site", "p50, ms", "p95, ms", "requests/s"))
    for title, index in (("without the middleware", 0), ("with it", 1)):
        report.rows.append((title, *(middle([pair[index][part] for pair in pairs]) for part in range(3))))
    ratio = middle([full[0] / bare[0] for bare, full in pairs])
    report.notes.append(f"page {options.path}, {CLIENTS} clients, {options.rounds} paired rounds; {noted} visits noted")
    report.verdicts.append(Verdict("median of a page, with / without", ratio, 1.10))
    return report


Times = tuple[float, float, float]


def _pair(bare: int, full: int, options: argparse.Namespace, number: int) -> tuple[Times, Times]:
    order = (bare, full) if number % 2 else (full, bare)
    found = {port: _load(port, options.path, options.requests) for port in order}
    progress(f"round {number + 1}: {found[full][0] / found[bare][0]:.3f}")
    return found[bare], found[full]


def _load(port: int, path: str, requests: int) -> Times:
    """Median and 95th percentile in milliseconds, and requests a second, over all clients."""
    context = multiprocessing.get_context("fork")
    begun = time.perf_counter()
    with context.Pool(CLIENTS) as pool:
        answers = pool.starmap(_client, [(port, path, requests)] * CLIENTS, chunksize=1)
    seconds = time.perf_counter() - begun
    times = sorted(value for part in answers for value in part)
    return times[len(times) // 2] * 1000, times[len(times) * 95 // 100] * 1000, len(times) / seconds


def _client(port: int, path: str, requests: int) -> list[float]:
    connection = http.client.HTTPConnection(supervise.HOST, port, timeout=30)
    headers = {"Host": f"localhost:{port}", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
    times = []
    for _ in range(requests):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != http.client.OK:
            raise SystemExit(f"{path} answered {answer.status}.")
    connection.close()
    return times


@contextlib.contextmanager
def _served(here: Stage, settings: str) -> Iterator[int]:
    listener = supervise.listen(18000)
    descriptor = listener.fileno()
    words = [sys.executable, "-E", "-m", *supervise.WEB, "--bind", f"fd://{descriptor}"]
    env = {**here.site, "DJANGO_SETTINGS_MODULE": settings}
    child = children.spawn(
        settings, words, env=env, output=subprocess.DEVNULL, cwd=places.PROJECT, pass_fds=(descriptor,)
    )
    try:
        port = int(listener.getsockname()[1])
        _wait(port)
        yield port
    finally:
        children.stop(child)
        listener.close()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while supervise.fetch(port, "/healthz").status != http.client.OK:
        if time.monotonic() > deadline:
            raise SystemExit("The site did not start.")
        time.sleep(0.1)


def _noted(here: Stage) -> int:
    time.sleep(2)
    with here.owner_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM visits_visit")
        return int(cursor.fetchone()[0])
