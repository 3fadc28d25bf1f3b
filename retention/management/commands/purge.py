"""One sweep over all storage rules, now (policy clause 5.2)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retention.clock import FAILURE, WHAT_TO_DO
from retention.models import SweepRun
from retention.sweeps import sweep_all


class Command(BaseCommand):
    """Dry unless `--apply`; exit status 1 where a row could not be deleted."""

    help = "Deletes what has reached its storage term. Without --apply says what it would delete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="really delete")
        parser.add_argument("--confirm-clock", action="store_true", help="go on although the clock jumped: it is right")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, confirm_clock: bool, json: bool, **options: Any) -> None:
        runs = sweep_all(apply=apply, confirm_clock=confirm_clock)
        self.stdout.write(_as_json(runs) if json else _as_table(runs, apply=apply))
        if any(run.failure == FAILURE for run in runs):
            raise CommandError(WHAT_TO_DO)
        if failed := sum(run.failed for run in runs):
            raise CommandError(f"{failed} rows could not be deleted; see the reports of the sweeps.")


def _as_json(runs: list[SweepRun]) -> str:
    return json.dumps(
        [
            {
                "table": run.table,
                "rule": run.rule,
                "due": run.due,
                "deleted": run.deleted,
                "held": run.held,
                "failed": run.failed,
                "failure": run.failure,
                "oldest_at": run.oldest_at.isoformat() if run.oldest_at else None,
                "duration_ms": run.duration_ms,
                "applied": run.applied,
            }
            for run in runs
        ],
        indent=2,
    )


def _as_table(runs: list[SweepRun], *, apply: bool) -> str:
    lines = [f"{'rule':<16}{'table':<36}{'due':>9}{'deleted':>9}{'held':>8}{'failed':>8}"]
    lines += [f"{run.rule:<16}{run.table:<36}{run.due:>9}{run.deleted:>9}{run.held:>8}{run.failed:>8}" for run in runs]
    if not apply:
        lines.append("Nothing was deleted: add --apply.")
    return "\n".join(lines)
