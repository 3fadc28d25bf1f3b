"""Writes one person's access copy to a file: the same copy as the portal's, for the command line (Art. 15(3))."""

import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone, translation

from audit import trail
from audit.trail import Actor
from datamap.trace import Subject, normalise_email, subject_of_user
from dsar.access_copy import write_copy
from dsar.collecting import ask_recipients


class Command(BaseCommand):
    help = "Writes the copy of one person's data as a ZIP file; the audit trail records that it was made and why."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", type=_account, help="id of the account")
        who.add_argument("--email", type=_address, help="a verified address, with an account or without")
        who.add_argument("--visitor", type=_visitor, help="a visitor key, as the person's cookie holds it")
        parser.add_argument("--reason", required=True, help="why, for example the number of the request")
        parser.add_argument("--output", required=True, type=Path, help="the file to write; must not exist")
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        subject = _subject(options)
        if not options["reason"].strip():
            raise CommandError("Say why, for example with the number of the request.")
        # Recorded before a byte is written: a copy that nobody knows of is worse than an entry without its copy.
        trail.record(
            "copy.exported",
            actor=Actor.system("export_subject"),
            subject=subject.user_id,
            reason=options["reason"],
            now=now,
        )
        try:
            descriptor = os.open(options["output"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file, translation.override(options["language"]):
                answers = ask_recipients(subject, now=now)
                report = write_copy(file, subject, case=None, package=None, now=now, answers=answers)
        except FileExistsError:
            raise CommandError(f"{options['output']} exists already; nothing was written.") from None
        except OSError as trouble:
            raise CommandError(f"{options['output']} cannot be written: {trouble.strerror}.") from None
        if report.broken:
            self.stderr.write(f"Not whole: {'; '.join(report.broken)}")
        self.stdout.write(f"{report.rows} rows, {report.size} bytes: {options['output']}")


def _account(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError("this is not the id of an account") from None


def _address(text: str) -> str:
    try:
        validate_email(normalise_email(text))
    except ValidationError:
        raise ArgumentTypeError("this is not an e-mail address") from None
    return normalise_email(text)


def _visitor(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("a visitor key is never empty")
    return text


def _subject(options: dict[str, Any]) -> Subject:
    """The person by the one key that was given; an address or an id with an account brings the account's other keys."""
    users: Any = get_user_model()
    if options["visitor"]:
        return Subject(visitors=frozenset({options["visitor"]}))
    if options["user"]:
        user = users.objects.filter(pk=options["user"]).first()
        if user is None:
            raise CommandError(
                "There is no account with this id. Erased people are searched by address or visitor key."
            )
        return subject_of_user(user)
    address = options["email"]
    user = users.objects.filter(**{users.get_email_field_name(): address}).first()
    return subject_of_user(user) if user else Subject(emails=frozenset({address}))
