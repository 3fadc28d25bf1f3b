"""Fills a development site with the demo.

Sixty people, 200 listings with photos, messages, orders; consents, visits, cases, campaigns; archives, due and waiting.
"""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from consent.services import NotPublishedError
from qlekta.demo.people import PASSWORD, PEOPLE
from qlekta.demo.seed import seed


class Command(BaseCommand):
    """`manage.py seed_demo [--listings N] [--json]`; safe to repeat: what is there stays as it is."""

    help = "Fills a development site with a small demo and prints its log-ins; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        ordinary = settings.DEMO_LISTINGS
        parser.add_argument("--listings", type=int, default=ordinary, help=f"how many things are offered ({ordinary})")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has a published password; it is never seeded in production.")
        is_new = not User.objects.filter(email=PEOPLE[0].email).exists()
        try:
            counts = seed(listings=options["listings"], now=timezone.now()) if is_new else {}
        except NotPublishedError as error:
            raise CommandError("Publish the legal texts first: manage.py publish_texts") from error
        if options["json"]:
            self.stdout.write(json.dumps({"seeded": is_new, **counts}))
            return
        self.stdout.write(_log_ins())


def _log_ins() -> str:
    person = next(item for item in PEOPLE if not item.is_staff)
    officer, second, accountant, marketer = (item for item in PEOPLE if item.is_staff)
    return (
        f"Demo log-ins, all with the password {PASSWORD}:\n"
        f"  a person    {person.email}  (see /privacy/)\n"
        f"  an officer  {officer.email}  (see /admin/)\n"
        f"  a second    {second.email}  (agrees to what the first one proposes, also about money)\n"
        f"  accountant  {accountant.email}  (money: refunds, payouts, disputes, invoices)\n"
        f"  marketing   {marketer.email}  (campaigns, lists of subscribers, surveys; sees no people)\n"
        "Mails are written to var/mail too. An officer's second factor is switched on under Account → Second factor."
    )
