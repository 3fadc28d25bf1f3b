"""Takes a picture of each page at three widths into `docs/screens/`: `python -m tests.browser.screens`.

Starts a site of its own with the demo. The same page gives the same bytes, so that only what has changed is new.
"""

import argparse
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlekta.settings")
os.environ.setdefault("QLEKTA_ENV", "development")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
django.setup()

from playwright.sync_api import sync_playwright  # noqa: E402 - the pages are named by addresses and models

from tests.browser.conftest import chromium, lent_site  # noqa: E402
from tests.browser.screens.shelves import FOLDER, SHELVES, index  # noqa: E402
from tests.browser.screens.taking import Studio, take  # noqa: E402


def main() -> int:
    """Puts the pictures and their index into the folder, and takes away pictures of pages that are no more."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screens", description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    parser.add_argument("--dark", action="store_true", help="as they look by night")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="these; what they need must be there")
    parser.add_argument(
        "--site", nargs=2, metavar=("ADDRESS", "MAILS"), help="a running site, and where its mails fall"
    )
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    if options.site:
        address, mails = options.site
        faults = _take(address, Path(mails), options)
    else:
        with lent_site() as site:
            faults = _take(site.url, site.mail, options)
    if not options.only:
        known = {f"{screen.name}-" for shelf in SHELVES for screen in shelf.screens}
        for old in options.to.glob("*.webp"):
            if old.stem.rstrip("0123456789") not in known:
                old.unlink()
    (options.to / "README.md").write_text("\n".join(index()) + "\n", encoding="utf-8")
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def _take(site: str, mail: Path, options: argparse.Namespace) -> list[str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        studio = Studio(browser, site, mail, options.to, "dark" if options.dark else "light")
        faults = [fault for shelf in SHELVES for fault in take(studio, shelf, only=options.only)]
        browser.close()
    return faults


if __name__ == "__main__":
    sys.exit(main())
