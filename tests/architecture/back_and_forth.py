"""Makes every migration of an empty database, takes all of ours back and makes them anew (O4): a step of `bin/check`.

python -m tests.architecture.back_and_forth
"""

import os
import sys

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.architecture.test_floors import ROOT

NO_ROOM = "This database is not empty, and what is in it would be lost. Nothing was done."


def main() -> int:
    """0 where all went well; the first migration that cannot be taken back ends it with its own error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlekta.settings")
    django.setup()
    if connection.introspection.table_names():
        sys.stdout.write(f"{NO_ROOM}\n")
        return 2
    call_command("migrate", verbosity=0)
    executor = MigrationExecutor(connection)
    # Those of Django stand at the bottom and say for themselves what they can take back.
    ours = sorted({label for label, _name in executor.loader.graph.nodes if (ROOT / label).is_dir()})
    executor.migrate([(label, None) for label in ours])
    left = [name for name in connection.introspection.table_names() if name.split("_")[0] in ours]
    if left:
        sys.stdout.write(f"Left behind: {left}\n")
        return 1
    call_command("migrate", verbosity=0)
    sys.stdout.write(f"Taken back and made anew: {ours}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
