"""The browser tests' world: a real Chromium against the real process set."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from emulators.braintree import Braintree
from runner import run, stores, supervise

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
# A browser that is let be speaks to its maker; a test's browser speaks to the site alone.
_FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@dataclass(frozen=True, slots=True)
class RunningSite:
    """Where the real site answers, where its mails fall, and how the owner of its tables reaches its database."""

    url: str
    mail: Path
    owner_database_url: str
    environment: dict[str, str]
    braintree: Braintree


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what lies here, and skip it with one line where no browser is found."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    missing = pytest.mark.skip(reason="No Chromium found: install Debian's package chromium or name one in CHROMIUM.")
    for item in here:
        item.add_marker(pytest.mark.browser)
        if chromium() is None:
            item.add_marker(missing)


def chromium() -> str | None:
    """Return the browser's program: the one named in CHROMIUM, or the first that is installed."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, _PROGRAMS)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the installed browser; only root must do without its sandbox."""
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*_FLAGS]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": flags}


@pytest.fixture(scope="session", autouse=True)
def _async_unsafe() -> Iterator[None]:
    """Let Django work beside Playwright's event loop, which lives in the main thread for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def running_site() -> Iterator[RunningSite]:
    """One site for all tests of a run."""
    with lent_site() as site:
        yield site


@contextlib.contextmanager
def lent_site() -> Iterator[RunningSite]:
    """Start web, worker and beat as `bin/run` does, with the demo, on stores of their own."""
    with stores.throw_away() as (lent, directory), Braintree() as braintree:
        var = directory / "var"
        logs = directory / "log"
        logs.mkdir()
        base = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "QLEKTA_"))}
        base |= {
            "PURGE_EVERY_SECONDS": "10",
            "DEMO_LISTINGS": "30",
            "QLEKTA_ENV": "development",
            "VAR_DIR": str(var),
            "EMAIL_URL": f"filemail://{var / 'mail'}",
            "QLEKTA_PROCESSORS": "emulated",
            "BRAINTREE_EMULATOR_URL": braintree.address,
            "BRAINTREE_MERCHANT_ID": braintree.merchant,
            "BRAINTREE_PUBLIC_KEY": braintree.public_key,
            "BRAINTREE_PRIVATE_KEY": braintree.private_key,
        }
        owner, site = base | lent.owner_environment, base | lent.site_environment
        run.prepare(run.AS_OWNER, owner)
        run.prepare(run.AS_SITE, site)
        with run.running_site(
            site, listener=supervise.listen(0), var=var, output=lambda name: _log(logs / f"{name}.log")
        ) as running:
            yield RunningSite(running.address, var / "mail", owner["DATABASE_URL"], site, braintree)


def _log(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
