"""`verify_chains`: checks every ledger and names the first broken row (Art. 5(2), 32(1)(d); policy clause 15)."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retention.chains import LedgerProof, verify_everything
from retention.queries import database_now


class Command(BaseCommand):
    help = (
        "Verifies the chain of every ledger against its published heads, the signatures of the reports, and that its"
        " table still refuses changes. Exit status 1 on a finding."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        proofs = verify_everything(now=database_now())
        if options["json"]:
            self.stdout.write(json.dumps([_line(proof) for proof in proofs]))
        else:
            for proof in proofs:
                self.stdout.write(_sentence(proof))
        if not all(proof.ok for proof in proofs):
            sys.exit(1)


def _line(proof: LedgerProof) -> dict[str, Any]:
    return {
        "ledger": proof.ledger,
        "ok": proof.ok,
        "rows": proof.rows,
        "hashes_only": proof.hashes_only,
        "broken_at": proof.broken_at,
        "reason": _reasons(proof),
    }


def _sentence(proof: LedgerProof) -> str:
    if proof.ok:
        return f"{proof.ledger}: {proof.rows} rows, whole."
    where = "" if proof.broken_at is None else f" at row {proof.broken_at}"
    return f"{proof.ledger}: {proof.rows} rows, BROKEN{where}. {_reasons(proof)}"


def _reasons(proof: LedgerProof) -> str:
    return " ".join(item.reason for item in proof.broken)
