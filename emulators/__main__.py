"""`python -m emulators`: start the emulated services, print where they listen as one line of JSON, until stopped."""

import argparse
import json
import signal
import sys
import threading
from types import FrameType

from emulators.mailgun import Mailgun


def main() -> int:
    """Listen on the loopback alone; port 0 takes any that is free."""
    options = _parser().parse_args()
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with Mailgun(
        port=options.mailgun_port,
        domain=options.domain,
        api_key=options.api_key,
        signing_key=options.signing_key,
    ) as mailgun:
        sys.stdout.write(json.dumps({"mailgun": mailgun.address}) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators", description="Emulated services on the loopback.")
    parser.add_argument("--mailgun-port", type=int, default=0, help="port of the emulated Mailgun; 0 for any (0)")
    parser.add_argument("--domain", default="mg.qlekta.example", help="sending domain it knows (%(default)s)")
    parser.add_argument("--signing-key", default="emulated-signing-key", help="key of its webhooks (%(default)s)")
    parser.add_argument("--api-key", default="emulated-key", help="key it accepts (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
