"""`verify_chains`: checks every ledger and names the first broken row (Art. 5(2), 32(1)(d); policy clause 15)."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.ledger import ChainReport, ledgers, verify
from audit.roles import exposed_tables


class Command(BaseCommand):
    help = "Verifies the chain of every ledger, and that its table still refuses changes. Exit status 1 on a finding."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        reports = [verify(model) for model in ledgers()]
        exposed = exposed_tables([report.model._meta.db_table for report in reports])
        lines = [_line(report, exposed.get(report.model._meta.db_table, "")) for report in reports]
        if options["json"]:
            self.stdout.write(json.dumps(lines))
        else:
            for line in lines:
                self.stdout.write(_sentence(line))
        if not all(line["ok"] for line in lines):
            sys.exit(1)


def _line(report: ChainReport, exposed: str) -> dict[str, Any]:
    return {
        "ledger": report.model._meta.label,
        "ok": report.is_whole and not exposed,
        "rows": report.rows,
        "hashes_only": report.hashes_only,
        "broken_at": report.broken_at,
        "reason": " ".join(filter(None, (report.reason, exposed))),
    }


def _sentence(line: dict[str, Any]) -> str:
    verdict = "whole" if line["broken_at"] is None else f"BROKEN at row {line['broken_at']}"
    return f"{line['ledger']}: {line['rows']} rows, {verdict}. {line['reason']}".rstrip()
