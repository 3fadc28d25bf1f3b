"""Publishes the legal texts that are new; nothing is ever published twice or changed (Q0.3, Q20.1)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from consent.services import publish_texts
from consent.texts import ROOT, TextError
from datamap.canonical import canonical_json


class Command(BaseCommand):
    help = "Publishes the texts under consent/texts that are not published yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

        parser.add_argument("--root", type=Path, default=ROOT, help="directory of the texts (default: %(default)s)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            count = publish_texts(now=timezone.now(), root=options["root"])
        except TextError as problem:
            raise CommandError(str(problem)) from problem
        if options["json"]:
            self.stdout.write(canonical_json({"published": count}).decode())
        else:
            self.stdout.write(f"Texts published: {count}")
