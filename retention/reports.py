"""Signs the reports of the sweeps, so that nobody can write one afterwards (Q5.11; evidence of the retention table)."""

from typing import Any, Final

from audit.ledger import CHAIN_FIELDS
from retention.models import SweepRun
from vault import signing

TYPE: Final = "qlekta-sweep-report/1"


def sign(report: SweepRun) -> None:
    """Put the signature over everything else into a report that is about to be appended."""
    report.signature = signing.sign(_payload(report))


def is_verified(report: SweepRun) -> bool:
    """True where this site signed exactly this report."""
    return bool(report.signature) and signing.verify(_payload(report), report.signature)


def _payload(report: SweepRun) -> bytes:
    # Not what a later release adds and this report leaves at its default: the content decides, as for the chain.
    content: dict[str, Any] = {name: value for name, value in report.content().items() if name not in _LEFT_OUT}
    return signing.canonical_json({"type": TYPE, **content})


_LEFT_OUT: Final = {*CHAIN_FIELDS, "signature"}
