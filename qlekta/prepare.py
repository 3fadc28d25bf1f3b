"""Runs management commands in one process: `python -m qlekta.prepare migrate "collectstatic --no-input"`."""

import os
import shlex
import sys

import django
from django.core.management import call_command


def main(commands: list[str]) -> None:
    """Run each command; the first that fails ends the process with its own message and status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlekta.settings")
    django.setup()
    for command in commands:
        call_command(*shlex.split(command))


if __name__ == "__main__":
    main(sys.argv[1:])
