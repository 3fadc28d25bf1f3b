"""A process that has loaded the site of one database, and forks for each piece of work: loading takes longer than most.

Started by `Loaded`, spoken to in lines of JSON: `{"code": …}` is executed, `{"command": [name, *arguments]}` is one of
Django's commands. The answer has the exit status and what was written to both outputs.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from runner.places import PROJECT


@dataclass(frozen=True, slots=True)
class Done:
    """How a piece of work ended, and what it said."""

    status: int
    out: str
    err: str


class Loaded:
    """The near end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    @contextmanager
    def with_environment(cls, environment: Mapping[str, str]) -> Iterator[Self]:
        argv = [sys.executable, "-m", "tests.runner.loaded"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(argv, cwd=PROJECT, env=environment, **pipes) as process:
            yield cls(process)

    def execute(self, code: str) -> Done:
        return self._ask({"code": code})

    def command(self, *arguments: str) -> Done:
        return self._ask({"command": arguments})

    def _ask(self, work: Mapping[str, Any]) -> Done:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(work), file=self._process.stdin, flush=True)
        return Done(**json.loads(self._process.stdout.readline()))


def _work(work: Mapping[str, Any]) -> NoReturn:
    """In the fork: ends as a process of its own would end."""
    status = 0
    try:
        if "code" in work:
            exec(compile(work["code"], "<work>", "exec"), {"__name__": "__main__"})
        else:
            from django.core.management import ManagementUtility

            ManagementUtility(["manage.py", *work["command"]]).execute()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter would
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            pid = os.fork()
            if pid == 0:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                _work(json.loads(line))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            told = [stream.read() for stream in (out, err) if stream.seek(0) == 0]
        print(json.dumps({"status": status, "out": told[0], "err": told[1]}), flush=True)  # noqa: T201 - read there


if __name__ == "__main__":
    main()
