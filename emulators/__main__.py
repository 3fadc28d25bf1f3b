"""`python -m emulators`: start the emulated services, print where they listen as one line of JSON, until stopped."""

import argparse
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from emulators.braintree import Braintree
from emulators.escrow import Escrow
from emulators.google import Google
from emulators.letters import Kept
from emulators.mailgun import Mailgun
from emulators.serving import Service

_ENDS: Final = frozenset({signal.SIGINT, signal.SIGTERM})


def main() -> int:
    """Listen on the loopback alone, unless told otherwise; port 0 takes any that is free."""
    options = _parser().parse_args()
    # Waited for, not handled: a handler that sets an event stands in its own way when a second signal comes.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    with contextlib.ExitStack() as stack:
        started = {name: stack.enter_context(make(options)) for name, make in _SERVICES.items() if name in options.only}
        sys.stdout.write(json.dumps({name: service.address for name, service in started.items()}) + "\n")
        sys.stdout.flush()
        signal.sigwait(_ENDS)
    return 0


def _mailgun(options: argparse.Namespace) -> Service:
    return Mailgun(
        host=options.host,
        port=options.mailgun_port,
        listener=_listener(options.mailgun_fd),
        kept=Kept(options.keep, options.letters),
        domain=options.domain,
        api_key=options.api_key,
        signing_key=options.signing_key,
    )


def _braintree(options: argparse.Namespace) -> Service:
    return Braintree(
        host=options.host,
        port=options.braintree_port,
        listener=_listener(options.braintree_fd),
        merchant=options.braintree_merchant,
        public_key=options.braintree_public_key,
        private_key=options.braintree_private_key,
        kept=options.braintree_keep,
    )


def _escrow(options: argparse.Namespace) -> Service:
    return Escrow(
        host=options.host,
        port=options.escrow_port,
        listener=_listener(options.escrow_fd),
        email=options.escrow_email,
        api_key=options.escrow_key,
        pages=options.escrow_pages,
        webhook=options.escrow_webhook,
        keep=options.escrow_keep,
    )


def _google(options: argparse.Namespace) -> Service:
    return Google(
        host=options.host,
        port=options.google_port,
        listener=_listener(options.google_fd),
        property_number=options.google_property,
        account=options.google_account,
    )


_SERVICES: Final[dict[str, Callable[[argparse.Namespace], Service]]] = {
    "mailgun": _mailgun,
    "braintree": _braintree,
    "escrow": _escrow,
    "google": _google,
}


def _listener(descriptor: int | None) -> socket.socket | None:
    return None if descriptor is None else socket.socket(fileno=descriptor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators", description="Emulated services, with faults on order.")
    parser.add_argument("--only", nargs="+", choices=_SERVICES, default=list(_SERVICES), help="which ones (all)")
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
    _add_braintree(parser)
    _add_escrow(parser)
    _add_google(parser)
    return parser


def _add_braintree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--braintree-port", type=int, default=0, help="port of the emulated Braintree; 0 for any (0)")
    parser.add_argument("--braintree-fd", type=int, help="descriptor of a socket that listens already")
    parser.add_argument("--braintree-keep", type=Path, help="file that keeps the transactions over a restart (none)")
    parser.add_argument("--braintree-merchant", default="emulated", help="merchant it knows (%(default)s)")
    parser.add_argument("--braintree-public-key", default="public", help="key it accepts (%(default)s)")
    parser.add_argument("--braintree-private-key", default="private", help="and its other half (%(default)s)")


def _add_escrow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--escrow-port", type=int, default=0, help="port of the emulated Escrow.com; 0 for any (0)")
    parser.add_argument("--escrow-fd", type=int, help="descriptor of a socket that listens already, in place of a port")
    parser.add_argument("--escrow-email", default="partner@qlekta.example", help="address of its partner (%(default)s)")
    parser.add_argument("--escrow-key", default="emulated-key", help="key of its partner (%(default)s)")
    parser.add_argument("--escrow-pages", default="", help="address at which browsers reach it (where it listens)")
    parser.add_argument("--escrow-webhook", default="", help="address that it calls at every event (none)")
    parser.add_argument("--escrow-keep", type=Path, help="file that keeps its books over a restart (none)")


def _add_google(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--google-port", type=int, default=0, help="port of the emulated Google; 0 for any (0)")
    parser.add_argument("--google-fd", type=int, help="descriptor of a socket that listens already, in place of a port")
    parser.add_argument("--google-property", default="123456789", help="number of its property (%(default)s)")
    parser.add_argument("--google-account", type=Path, help="JSON file of the account it knows (its own)")


if __name__ == "__main__":
    sys.exit(main())
