"""Makes the groups of the staff, and gives or takes a role (requirement G3)."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from qlekta.catalogue.roles import ROLES
from qlekta.roles import differences, give, set_up, take


class Command(BaseCommand):
    """Dry unless `--apply`: prints what differs from the catalogue, or what would be given or taken."""

    help = "Shows the roles of the staff and what differs; with --apply sets them up, or gives or takes one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        names = [role.name for role in ROLES]
        what.add_argument("--give", choices=names, help="role to give to --user")
        what.add_argument("--take", choices=names, help="role to take from --user")
        parser.add_argument("--user", type=UUID, help="id of the account")
        parser.add_argument("--apply", action="store_true", help="really change it")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        if options["give"] or options["take"]:
            self._hand(options, apply=apply)
            return
        found = set_up(now=timezone.now()) if apply else differences()
        if options["json"]:
            said = {item.role: {"missing": sorted(item.missing), "surplus": sorted(item.surplus)} for item in found}
            self.stdout.write(json.dumps(said))
            return
        for role in ROLES:
            self.stdout.write(f"{role.name:<9}{role.task}")
        for item in found:
            for sign, names in (("+", item.missing), ("-", item.surplus)):
                self.stdout.writelines(f"{item.role:<9}{sign} {name}" for name in sorted(names))
        if not apply:
            self.stdout.write("Nothing was changed: add --apply.")

    def _hand(self, options: dict[str, Any], *, apply: bool) -> None:
        user = User.objects.filter(pk=options["user"]).first()
        if user is None:
            raise CommandError("There is no account with this id: name one with --user.")
        role, hand = (options["give"], give) if options["give"] else (options["take"], take)
        if not apply:
            self.stdout.write(f"{role}, account {user.pk}: nothing was changed, add --apply.")
            return
        set_up(now=timezone.now())
        hand(role, user, now=timezone.now())
        self.stdout.write(f"{role}, account {user.pk}: done.")
