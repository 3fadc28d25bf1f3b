"""`bin/manage COMMAND`: Django's commands on the site that `bin/run` runs in this clone, with the site's privileges."""

import os
import sys
from collections.abc import Mapping

from runner import places, stores
from runner.trouble import Trouble


def main(arguments: list[str]) -> None:
    """Become manage.py with the addresses of the running stores; says so where nothing runs."""
    environment = _environment()
    os.chdir(places.PROJECT)
    os.execve(sys.executable, [sys.executable, "manage.py", *arguments], dict(environment))


def _environment() -> Mapping[str, str]:
    base = {**os.environ, "QLEKTA_ENV": os.environ.get("QLEKTA_ENV", "development")}
    if "DATABASE_URL" in base:
        return base
    with places.locked(places.VAR / "run.lock") as nobody_runs:
        if nobody_runs:
            raise Trouble("Nothing runs here: start bin/run in another terminal, or set DATABASE_URL and REDIS_URL.")
    return base | stores.kept().site_environment | {"VAR_DIR": str(places.VAR)}


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Trouble as trouble:
        sys.exit(str(trouble))
