"""Erases one person from the command line, through the same executor as the portal (Art. 17)."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import models
from django.utils import timezone

from audit.trail import Actor
from datamap.cases import identity_is_recorded
from datamap.catalogue import cited
from datamap.trace import Subject, normalise_email, subject_of_user
from retention import journal, receipts
from retention.erasure import ErasureRefused, execute_erasure
from retention.plan import ErasurePlan, plan_erasure
from vault.keys import WrongMasterKey


class Command(BaseCommand):
    """Dry unless `--apply`: prints the plan. The case holds the identity check that an erasure needs."""

    help = "Shows what the erasure of a person would do; with --apply carries it out, exactly once for a case number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", help="id of the account")
        who.add_argument("--email", help="verified address; finds the account behind it too")
        who.add_argument("--visitor", help="visitor key")
        parser.add_argument("--case", required=True, help="number of the case in which the identity was checked")
        parser.add_argument("--objection", action="store_true", help="the person objects to the six-year archive")
        parser.add_argument("--apply", action="store_true", help="really erase")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, case: str, objection: bool, apply: bool, **options: Any) -> None:
        now = timezone.now()
        subject = _subject(options["user"], options["email"], options["visitor"])
        plan = plan_erasure(subject, now=now, archive=not objection)
        if not apply:
            self.stdout.write(_printed(journal.plan_in_words(plan), plan, as_json=options["json"]))
            return
        if not identity_is_recorded(case, subject):
            raise CommandError(
                "No open request for erasure with this number holds the identity of this person. Nothing was erased."
            )
        try:
            receipt = execute_erasure(
                case_number=case,
                subject=subject,
                plan_digest=plan.digest,
                objection_to_archive=objection,
                actor=Actor.system("erase_subject"),
                now=now,
            )
        except (ErasureRefused, WrongMasterKey) as refused:
            raise CommandError(str(refused)) from refused
        document = receipts.receipt_document(receipt)
        self.stdout.write(
            json.dumps(document, ensure_ascii=False, indent=2) if options["json"] else document["state_label"]
        )
        if document["findings"]:
            raise CommandError("Something of the person is left; see the journal of erasures.")


def _subject(user: str | None, email: str | None, visitor: str | None) -> Subject:
    if visitor is not None:
        if not visitor.strip():
            raise CommandError("A visitor key is never empty.")
        return Subject(visitors=frozenset({visitor}))
    account = _account(user, email)
    if account is not None:
        return subject_of_user(account)
    if user:
        raise CommandError("There is no account with this id.")
    try:
        validate_email(normalise_email(email or ""))
    except ValidationError:
        raise CommandError("This is not an e-mail address.") from None
    return Subject(emails=frozenset({normalise_email(email or "")}))


def _account(user: str | None, email: str | None) -> models.Model | None:
    model: Any = get_user_model()
    if email is not None:
        return model._base_manager.filter(**{model.get_email_field_name(): normalise_email(email)}).first()
    try:
        return model._base_manager.filter(pk=UUID(user or "")).first()
    except ValueError:
        raise CommandError("The id of an account is a UUID.") from None


def _printed(words: dict[str, Any], plan: ErasurePlan, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(words | {"digest": plan.digest}, ensure_ascii=False, indent=2)
    lines = [
        f"{line['action']:<8}{line['count']:>8}  {line['label']}"
        + (f": {line['reason']} ({cited(line['act'])}), {line['until'] or line['term']}" if line["reason"] else "")
        for line in words["lines"]
    ]
    lines += [f"conflict          {sentence}" for sentence in words["conflicts"]]
    return "\n".join([*lines, f"plan {plan.digest}", "Nothing was erased: add --apply."])
