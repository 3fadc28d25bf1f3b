"""`python -m emulators`: start the emulated services, print where they listen as one line of JSON, until stopped."""

import argparse
import json
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from emulators.letters import Kept
from emulators.mailgun import Mailgun


def main() -> int:
    """Listen on the loopback alone, unless told otherwise; port 0 takes any that is free."""
    options = _parser().parse_args()
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with Mailgun(
        host=options.host,
        port=options.mailgun_port,
        listener=None if options.mailgun_fd is None else socket.socket(fileno=options.mailgun_fd),
        kept=Kept(options.keep, options.letters),
        domain=options.domain,
        api_key=options.api_key,
        signing_key=options.signing_key,
    ) as mailgun:
        sys.stdout.write(json.dumps({"mailgun": mailgun.address}) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators", description="Emulated services, with faults on order.")
    parser.add_argument("--mailgun-port", type=int, default=0, help="port of the emulated Mailgun; 0 for any (0)")
    parser.add_argument(
        "--mailgun-fd", type=int, help="descriptor of a socket that listens already, in place of a port"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--keep", type=Path, help="file that keeps the messages over a restart (none)")
    parser.add_argument("--letters", type=Path, help="directory for a readable copy of each (none)")
    parser.add_argument("--domain", default="mg.qlekta.example", help="sending domain it knows (%(default)s)")
    parser.add_argument("--signing-key", default="emulated-signing-key", help="key of its webhooks (%(default)s)")
    parser.add_argument("--api-key", default="emulated-key", help="key it accepts (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
