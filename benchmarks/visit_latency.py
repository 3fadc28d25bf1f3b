"""What a plain page pays for being noted: the site under gunicorn with and without the middleware, eight clients."""

import argparse
import http.client
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

from benchmarks.report import Report, Verdict, middle
from benchmarks.serving import FULL, Served, ask, served
from benchmarks.stage import Stage, stage
from runner import supervise

CLIENTS: Final = 8
BARE: Final = "benchmarks.settings_bare"

_barrier: Barrier


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=60, help="paired rounds (60)")
    parser.add_argument("--requests", type=int, default=5, help="requests of each client to each site in a round (5)")
    parser.add_argument("--path", default="/", help="the page (/)")


def run(options: argparse.Namespace) -> Report:
    """Both sites stand all the time and are asked in turn, a fraction of a second each: noise meets both alike."""
    with stage(durable=True) as here, served(here, BARE) as bare, served(here, FULL) as full:
        _load((bare, full), options.path, rounds=4, requests=options.requests)
        before = [_processor_seconds(site.pid) for site in (bare, full)]
        rounds = _load((bare, full), options.path, rounds=options.rounds, requests=options.requests)
        noted = _noted(here)
        used = [_processor_seconds(site.pid) - start for site, start in zip((bare, full), before, strict=True)]
    asked = options.rounds * options.requests * CLIENTS
    report = Report("visit_latency", ("site", "p50, ms", "p95, ms", "processor, ms a request"))
    for index, title in enumerate(("without the middleware", "with it, drain included")):
        times = sorted(value for pair in rounds for value in pair[index])
        p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
        report.rows.append((title, p50 * 1000, p95 * 1000, used[index] / asked * 1000))
    ratio = middle([middle(with_it) / middle(without) for without, with_it in rounds])
    report.notes.append(f"page {options.path}, {CLIENTS} clients, {options.rounds} paired rounds; {noted} visits noted")
    report.verdicts.append(Verdict("median of a page, with / without", ratio, 1.08))
    return report


Pair = tuple[list[float], list[float]]


def _load(sites: tuple[Served, Served], path: str, *, rounds: int, requests: int) -> list[Pair]:
    """For each round the seconds that every request took, of all clients, at the one site and at the other."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(CLIENTS)
    with ProcessPoolExecutor(CLIENTS, mp_context=context, initializer=_meet_at, initargs=(barrier,)) as pool:
        running = [pool.submit(_client, (sites[0].port, sites[1].port), path, rounds, requests) for _ in range(CLIENTS)]
        clients = [item.result() for item in running]
    return [
        (
            [value for client in clients for value in client[number][0]],
            [value for client in clients for value in client[number][1]],
        )
        for number in range(rounds)
    ]


def _meet_at(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier reaches a child only at its birth
    _barrier = barrier


def _client(ports: tuple[int, int], path: str, rounds: int, requests: int) -> list[Pair]:
    found: list[Pair] = []
    for number in range(rounds):
        pair: Pair = ([], [])
        for index in (0, 1) if number % 2 else (1, 0):
            _barrier.wait(60)
            connection = http.client.HTTPConnection(supervise.HOST, ports[index], timeout=30)
            connection.connect()
            pair[index].extend(ask(connection, path) for _ in range(requests))
            connection.close()
        found.append(pair)
    return found


def _processor_seconds(pid: int) -> float:
    """What a process and its children have used so far, in all their threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    children_of = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_processor_seconds(int(child)) for child in children_of)


def _noted(here: Stage) -> int:
    time.sleep(2)
    with here.owner_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM visits_visit")
        return int(cursor.fetchone()[0])
