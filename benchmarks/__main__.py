"""`bin/bench NAME`: runs one benchmark on stores of its own and prints its table and verdicts."""

import argparse
from pathlib import Path
from types import ModuleType
from typing import Final

from benchmarks import (
    access_copy,
    banner,
    campaign,
    consent_write,
    desk,
    drain_cards,
    erase_many,
    erase_one,
    ledger_append,
    lighthouse,
    listing_placed,
    listing_search,
    purge,
    verify_chains,
    visit_ingest,
    visit_latency,
)

BENCHMARKS: Final[dict[str, ModuleType]] = {
    "visit_latency": visit_latency,
    "banner": banner,
    "visit_ingest": visit_ingest,
    "purge": purge,
    "access_copy": access_copy,
    "campaign": campaign,
    "desk": desk,
    "drain_cards": drain_cards,
    "erase_one": erase_one,
    "erase_many": erase_many,
    "consent_write": consent_write,
    "ledger_append": ledger_append,
    "lighthouse": lighthouse,
    "listing_search": listing_search,
    "listing_placed": listing_placed,
    "verify_chains": verify_chains,
}


def main() -> int:
    """Exits 0 whatever the verdicts say: a noisy machine is no broken programme."""
    options = _parser().parse_args()
    report = BENCHMARKS[options.name].run(options)
    report.show()
    if options.json:
        report.save(options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures ratios within one run; medians.")
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, module in BENCHMARKS.items():
        one = names.add_parser(name, help=(module.__doc__ or "").strip())
        one.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
        module.add_options(one)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
