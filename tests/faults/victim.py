"""A process of the site that forks a victim for each job; a victim dies, stops or fails at the step it is told.

Started by `tests.faults.conftest`, spoken to in lines of JSON. A step is an SQL statement, a COMMIT, or the opening,
syncing, renaming or removal of a sealed file.
"""

import fcntl
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any, NoReturn
from uuid import UUID

import django

NEXT_MASTER = ("next", b"n" * 32)


class Steps:
    """Counts what a victim does and lets its fate come at one of the steps; the step itself is then not done."""

    def __init__(self, how: str, at: int | str) -> None:
        self.how, self.at = how, at
        self.labels: list[str] = []

    def take(self, label: str) -> None:
        self.labels.append(" ".join(label.split())[:70])
        is_here = len(self.labels) == self.at if isinstance(self.at, int) else self.at in label
        if not is_here:
            return
        how, self.how = self.how, ""
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif how == "full":
            raise OSError(28, "No space left on device")

    def watch(self) -> None:
        """From here on every step is taken here first."""
        from django.conf import settings
        from django.db import connection

        def statement(execute: Any, sql: str, *rest: Any) -> Any:
            self.take(sql)
            return execute(sql, *rest)

        connection.execute_wrappers.append(statement)
        connection._commit = self._counted("COMMIT", connection._commit)  # type: ignore[attr-defined]
        os.fsync = self._counted("fsync", os.fsync)
        sealed = f"{settings.VAR_DIR}/sealed/"

        def touched(event: str, arguments: tuple[Any, ...]) -> None:
            if event in {"open", "os.rename", "os.remove"} and str(arguments[0]).startswith(sealed):
                self.take(f"{event} sealed")

        sys.addaudithook(touched)

    def _counted(self, label: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self.take(label)
            return step(*arguments)

        return counted


def erase(case: str, now: datetime) -> Any:
    from dsar.erasure import run_erasure

    receipt = run_erasure(UUID(case), now=now)
    return receipt and receipt.document["state"]


def build(case: str, now: datetime) -> Any:
    from dsar.access import build_package

    package = build_package(UUID(case), now=now)
    if package is None:
        return None
    package.refresh_from_db()
    return package.state


def purge(_nothing: str, now: datetime) -> Any:
    from django.core.management import call_command

    call_command("purge", apply=True, stdout=StringIO())


def log_in(email: str, now: datetime) -> Any:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from tests.people import PASSWORD

    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # that of the tests
    browser = Client(raise_request_exception=False)
    return browser.post(reverse("account_login"), {"login": email, "password": PASSWORD}).status_code


def file_form(filled: str, now: datetime) -> Any:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS = ["*"]
    browser = Client(raise_request_exception=False)
    return browser.post(reverse("privacy:request-new"), json.loads(filled)).status_code


def agree(user: str, now: datetime) -> Any:
    from consent.services import give

    event = give(UUID(user), "LOYALTY", language="lv", method="consents_page", place="/privacy/consents/", now=now)
    return event.pk


def campaign(_nothing: str, now: datetime) -> Any:
    from newsletters.tasks import run_campaigns

    run_campaigns()


def read_lists(_nothing: str, now: datetime) -> Any:
    from newsletters.tasks import read_lists as read

    read()


def drain(address: str, now: datetime) -> Any:
    """Through the emulated Mailgun that listens there."""
    from django.conf import settings

    from outbox.services import drain as drain_outbox
    from tests.mailing.emulated import as_sender

    for name, value in as_sender(address).items():
        setattr(settings, name, value)
    return drain_outbox(now=now).done


JOBS: dict[str, Callable[[str, datetime], Any]] = {
    "erase": erase,
    "build": build,
    "purge": purge,
    "log_in": log_in,
    "file_form": file_form,
    "agree": agree,
    "campaign": campaign,
    "read_lists": read_lists,
    "drain": drain,
}


def suffer(command: dict[str, Any], report: int) -> NoReturn:
    """The life of a victim: it never returns."""
    steps = Steps(command["how"], command["at"])
    ending: dict[str, Any] = {"value": None, "error": ""}
    try:
        _spoil(command)
        steps.watch()
        ending["value"] = JOBS[command["job"]](command["argument"], datetime.fromisoformat(command["now"]))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test wants to read it
        ending["error"] = f"{type(error).__name__}: {error}"
    os.write(report, json.dumps(ending | {"steps": steps.labels}).encode())
    os._exit(0)


def _spoil(command: dict[str, Any]) -> None:
    from django.conf import settings
    from django.db import connection

    if command["through"]:
        connection.settings_dict["HOST"] = command["through"]
    if command["key"] == "wrong":
        settings.VAULT_MASTER_KEYS = [(name, os.urandom(32)) for name, _key in settings.VAULT_MASTER_KEYS]
    elif command["key"] == "missing":
        settings.VAULT_MASTER_KEYS = [("other", os.urandom(32))]
    elif command["key"] == "next":  # a rotation is being prepared: read by every process, used by none
        settings.VAULT_MASTER_KEYS = [*settings.VAULT_MASTER_KEYS, NEXT_MASTER]
    if command["largest_file"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (command["largest_file"], command["largest_file"]))


class Keeper:
    """Starts victims and says what became of them."""

    def __init__(self) -> None:
        from runner import children

        self._dies_with_us = children.dies_with_parent(signal.SIGKILL)
        self._reports: dict[int, int] = {}

    def start(self, command: dict[str, Any]) -> dict[str, Any]:
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 1 << 20)  # the report is read when the victim has ended
        pid = os.fork()
        if pid == 0:
            self._dies_with_us()
            suffer(command, writing)
        os.close(writing)
        self._reports[pid] = reading
        return {"pid": pid}

    def wait(self, command: dict[str, Any]) -> dict[str, Any]:
        pid = command["pid"]
        _pid, status = os.waitpid(pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return {"ended": "stopped"}
        with os.fdopen(self._reports.pop(pid), "rb") as report:
            told = report.read()
        if os.WIFSIGNALED(status):
            return {"ended": "killed"}
        return {"ended": "done"} | json.loads(told)

    def go_on(self, command: dict[str, Any]) -> dict[str, Any]:
        os.kill(command["pid"], signal.SIGCONT)
        return {}

    def bury(self, _command: dict[str, Any]) -> dict[str, Any]:
        for pid, report in self._reports.items():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(report)
        self._reports.clear()
        return {}


def main() -> None:
    django.setup()
    # Loaded once, before the forks.
    from django.urls import get_resolver

    import dsar.access
    import dsar.erasure  # noqa: F401

    get_resolver().url_patterns  # noqa: B018

    keeper = Keeper()
    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "start": keeper.start,
        "wait": keeper.wait,
        "go_on": keeper.go_on,
        "bury": keeper.bury,
    }
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(answers[command["do"]](command)), flush=True)  # noqa: T201 - the other end reads it


if __name__ == "__main__":
    main()
