"""What Lighthouse says of the main pages on a slow telephone: points, layout shift, bytes.

Lighthouse is no part of the site: `npm install --prefix DIRECTORY lighthouse`, then `--tool DIRECTORY`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.report import Report, Verdict, middle
from benchmarks.serving import Served, served
from benchmarks.stage import Stage, stage
from runner import places

_SETTINGS: Final = "benchmarks.settings_packed"
_LISTINGS: Final = 60
_POINTS_LOST: Final = 5
_KILOBYTES: Final = 60
_TRIES: Final = 4
_CATEGORIES: Final = ("performance", "best-practices", "accessibility")
_FLAGS: Final = "--headless=new --no-sandbox --disable-gpu"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tool", type=Path, metavar="DIRECTORY", default=Path(), help="where npm has put lighthouse (.)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is looked at (3)")


def run(options: argparse.Namespace) -> Report:
    """One site with the demo; each page some times, the median of each number."""
    report = Report("lighthouse", ("page", *_CATEGORIES, "layout shift", "largest paint, ms", "kB", "requests"))
    with stage(durable=False) as here:
        _prepare(here)
        with served(here, _SETTINGS) as site:
            for title, path, cookie in _pages(here):
                seen = [_look(options.tool, site, path, cookie) for _ in range(options.rounds)]
                _judge(report, title, [middle(values) for values in zip(*seen, strict=True)])
    report.notes.append(f"median of {options.rounds}; Lighthouse's own slow telephone: 4G, processor four times slower")
    return report


def _prepare(here: Stage) -> None:
    env = {**here.site, "DJANGO_SETTINGS_MODULE": _SETTINGS}
    for words in (["seed_demo", "--listings", str(_LISTINGS)], ["collectstatic", "--no-input"]):
        argv = [sys.executable, "-m", "manage", *words]
        subprocess.run(argv, env=env, cwd=places.PROJECT, check=True, stdout=subprocess.DEVNULL)


def _pages(here: Stage) -> Iterator[tuple[str, str, str]]:
    """Title, path and cookie of each page; `/privacy/` also for somebody who is logged in and has chosen."""
    here.enter_django()
    from django.conf import settings  # noqa: PLC0415 - Django is set up one line above
    from django.test import Client  # noqa: PLC0415 - the same

    from accounts.models import User  # noqa: PLC0415 - the same
    from marketplace.models import Listing  # noqa: PLC0415 - the same

    yield "/", "/", ""
    yield "/listings/", "/listings/", ""
    photographed = Listing.objects.filter(state="published", photos__isnull=False).order_by("pk")
    yield "a listing", f"/listings/{photographed[0].pk}/", ""
    yield "/privacy/", "/privacy/", ""
    person = Client()
    person.force_login(User.objects.get(email="anna@example.lv"))
    session = person.cookies[settings.SESSION_COOKIE_NAME].value
    yield "/privacy/, logged in", "/privacy/", f"{settings.SESSION_COOKIE_NAME}={session}"
    yield "/cookies/", "/cookies/", ""


def _look(tool: Path, site: Served, path: str, cookie: str) -> list[float]:
    """The numbers of one visit, in the order of the report's columns."""
    argv = [str(tool / "node_modules/.bin/lighthouse"), f"http://localhost:{site.port}{path}", "--quiet"]
    argv += ["--output=json", f"--only-categories={','.join(_CATEGORIES)}", f"--chrome-flags={_FLAGS}"]
    argv += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    found = _tried(argv)
    audits = found["audits"]
    _say_why(found)
    return [
        *(found["categories"][name]["score"] * 100 for name in _CATEGORIES),
        audits["cumulative-layout-shift"]["numericValue"],
        audits["largest-contentful-paint"]["numericValue"],
        audits["total-byte-weight"]["numericValue"] / 1000,
        len(audits["network-requests"]["details"]["items"]),
    ]


def _tried(argv: list[str]) -> dict[str, Any]:
    """The tool's answer; it sometimes misses the begin of a page (NO_NAVSTART) and wants to be asked again."""
    env = {**os.environ, "CHROME_PATH": os.environ.get("CHROMIUM") or shutil.which("chromium") or ""}
    for _ in range(_TRIES):
        done = subprocess.run(argv, env=env, check=False, stdout=subprocess.PIPE)
        if not done.returncode:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    raise SystemExit("Lighthouse did not get through.")


def _say_why(found: dict[str, Any]) -> None:
    """Names every audit that took points, so that somebody can mend it."""
    for name in _CATEGORIES:
        for part in found["categories"][name]["auditRefs"]:
            audit = found["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"{found['finalDisplayedUrl']}: {name}: {audit['title']} ({audit['score']})", file=sys.stderr)


def _judge(report: Report, title: str, numbers: list[float]) -> None:
    report.rows.append((title, *numbers))
    for name, points in zip(_CATEGORIES, numbers, strict=False):
        report.verdicts.append(Verdict(f"{title}: points that {name} lacks", 100 - points, _POINTS_LOST))
    report.verdicts.append(Verdict(f"{title}: layout shift", numbers[3], 0))
    if title.startswith("/privacy/"):
        report.verdicts.append(Verdict(f"{title}: kB", numbers[5], _KILOBYTES))
