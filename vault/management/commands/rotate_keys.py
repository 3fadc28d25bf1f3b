"""`rotate_keys`: puts every data key under the current master key (Art. 32)."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from vault.rotation import rotate


class Command(BaseCommand):
    help = "Rewraps all data keys under the first of VAULT_MASTER_KEYS. Says what it would do, unless --apply."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="really rewrap")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, apply: bool, **options: Any) -> None:
        result = rotate(apply=apply)
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(result), "applied": apply}))
        else:
            self.stdout.write(
                f"Master key {result.master_key_id}: {result.keys} live data keys, {result.due} under an older one"
                + (f", {result.rewrapped} rewrapped, {result.failed} failed." if apply else "; --apply rewraps them.")
            )
        if result.failed:
            sys.exit(1)
