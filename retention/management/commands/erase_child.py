"""Erases a child's account and everything about it at once, as the staff action does (policy clause 6)."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.trail import Actor
from retention.erasure import ErasureRefused
from retention.minors import erase_child, plan_for_child
from vault.keys import WrongMasterKey


class Command(BaseCommand):
    """Dry unless `--apply`."""

    help = "Shows what erasing a child's account would do; with --apply does it: no archive, nothing public left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, type=UUID, help="id of the account")
        parser.add_argument("--reason", required=True, help="how it became known, without names")
        parser.add_argument("--apply", action="store_true", help="really erase")

    def handle(self, *args: Any, user: UUID, reason: str, apply: bool, **options: Any) -> None:
        now = timezone.now()
        account = get_user_model()._base_manager.filter(pk=user).first()
        if account is None:
            raise CommandError("There is no account with this id.")
        plan = plan_for_child(account, now=now)
        for line in (*plan.erased, *plan.kept):
            self.stdout.write(f"{line.action.value:<8}{line.count:>8}  {line.label}")
        for sentence in plan.conflicts:
            self.stdout.write(str(sentence))
        if not apply:
            self.stdout.write("Nothing was erased: add --apply.")
            return
        try:
            receipt = erase_child(
                account, plan_digest=plan.digest, reason=reason, actor=Actor.system("erase_child"), now=now
            )
        except (ErasureRefused, WrongMasterKey) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{receipt.case_number}: {receipt.document['state_label']}")
