"""Prints the arithmetic of one deadline as JSON (clauses.md 2.4: Art. 12(3), 33(1) GDPR)."""

import json
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dsar.deadlines import BadMoment, Channel, Deadline, answer_due, breach_notice_due
from dsar.deadlines.reading import read_moment, read_pause


class Command(BaseCommand):
    help = "Says when an answer is due and why, as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--received", required=True, metavar="ISO", help="when the request arrived, with time zone")
        parser.add_argument("--channel", choices=Channel.values, default=Channel.EMAIL.value)
        parser.add_argument("--pause", action="append", default=[], metavar="id=ASKED>ANSWERED")
        parser.add_argument("--extended", metavar="ISO", help="when the notice of extension was sent")
        parser.add_argument("--kind", choices=("request", "breach"), default="request")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            deadline = _deadline(options)
        except BadMoment as trouble:
            raise CommandError(str(trouble)) from None
        self.stdout.write(json.dumps(as_json(deadline), ensure_ascii=False, indent=2))


def _deadline(options: dict[str, Any]) -> Deadline:
    received_at = read_moment(options["received"])
    if options["kind"] == "breach":
        if options["pause"] or options["extended"]:
            raise BadMoment("The 72 hours of a breach know neither pause nor extension.")
        return breach_notice_due(received_at)
    return answer_due(
        received_at,
        channel=Channel(options["channel"]),
        pauses=[read_pause(text) for text in options["pause"]],
        extended_at=read_moment(options["extended"]) if options["extended"] else None,
    )


def as_json(deadline: Deadline) -> dict[str, Any]:
    """The eight facts of a deadline in the words of the command."""
    return {
        "target": _iso(deadline.target),
        "first_due": _iso(deadline.first_due),
        "due": _iso(deadline.due),
        "ends_before_utc": _iso(deadline.ends_before_utc),
        "status": deadline.status.value,
        "extension": deadline.extension,
        "paused_days": deadline.paused_days,
        "steps": list(deadline.steps),
    }


def _iso(moment: date | datetime | None) -> str | None:
    if moment is None:
        return None
    text = moment.isoformat()
    is_utc = isinstance(moment, datetime) and moment.tzinfo is UTC
    return text.replace("+00:00", "Z") if is_utc else text
