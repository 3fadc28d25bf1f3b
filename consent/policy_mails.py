"""Writes to everybody who has an account that the policy changes materially: one letter each (policy clause 20, Q20.2).

The rows decide: what a batch wrote and how far it got commit together, so that whoever goes on after a crash writes to
nobody twice and leaves nobody out. Memory does not grow with the accounts. After a restore a letter that is written
anew has its old number, and the carrier is asked for that before it goes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.models import Entry
from consent.models import PolicyMailing, PolicyNotice
from consent.texts import in_language
from datamap.catalogue import length_of
from mailing.batches import Draft, send_many
from mailing.composing import compose, is_mailbox, supported_language
from mailing.models import OutgoingMessage

BATCH: Final = 200
AT_ONCE: Final = 10
"""Batches of one ring of the doorbell: who rings meanwhile finds the order locked and goes; a kill costs one batch."""

_PURPOSE: Final = "SERVICE"
Outcome = PolicyNotice.Outcome


def write_letters(*, now: datetime, batches: int = AT_ONCE) -> int:
    """Write the next letters of every order that is not finished; how many accounts were dealt with."""
    count = 0
    for number in PolicyMailing.objects.filter(finished_at=None).order_by("ordered_at").values_list("pk", flat=True):
        for _round in range(batches):
            done = _write_batch(number, now=now)
            count += done
            if not done:
                break
    return count


@transaction.atomic
def _write_batch(number: int, *, now: datetime) -> int:
    """One batch under the lock of its order; whoever meets a locked one leaves it to its holder."""
    open_orders = PolicyMailing.objects.select_for_update(skip_locked=True, of=("self",))
    mailing = open_orders.select_related("text").filter(pk=number, finished_at=None).first()
    if mailing is None:
        return 0
    # From the last account on; at the end once more from the first, for whoever came in between (a restored account).
    people = _waiting(mailing, after=mailing.reached) or _waiting(mailing, after=None)
    if not people:
        mailing.finished_at = now
        mailing.save(update_fields=["finished_at"])
        return 0
    addresses = _addresses(people)
    rows = [_notice(mailing, person, addresses.get(person.pk, ""), now=now) for person in people]
    PolicyNotice.objects.bulk_create(rows)
    _write_letters(mailing, rows, people, addresses, now=now)
    mailing.reached = people[-1].pk
    mailing.save(update_fields=["reached"])
    return len(rows)


def _waiting(mailing: PolicyMailing, *, after: UUID | None) -> list[Any]:
    """Locked until their notices are written: an erasure comes before them, or finds them."""
    told = PolicyNotice.objects.filter(mailing=mailing, user_id=OuterRef("pk"))
    users = get_user_model()._default_manager.select_for_update(no_key=True)
    accounts: QuerySet[Any] = users.filter(date_joined__lte=mailing.ordered_at)
    if after is not None:
        accounts = accounts.filter(pk__gt=after)
    return list(accounts.filter(~Exists(told)).order_by("pk")[:BATCH])


def _addresses(people: Iterable[Any]) -> dict[UUID, str]:
    """The confirmed address of each account, the one it uses before any other."""
    found = EmailAddress.objects.filter(user__in=list(people), verified=True).order_by("primary", "-pk")
    return dict(found.values_list("user_id", "email"))


def _notice(mailing: PolicyMailing, person: Any, address: str, *, now: datetime) -> PolicyNotice:
    notice = PolicyNotice(mailing=mailing, user_id=person.pk, at=now, outcome=Outcome.WRITTEN)
    if not person.is_active:
        notice.outcome = Outcome.INACTIVE
    elif not is_mailbox(address):
        notice.outcome = Outcome.UNVERIFIED
    else:
        notice.message_id = number_of(mailing.text.version, person.pk)
    return notice


def number_of(version: str, user_id: UUID) -> UUID:
    """The number of the one letter about a version to an account: the same also when it is written anew."""
    return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/policy/{version}/{user_id}")


def _write_letters(
    mailing: PolicyMailing, rows: list[PolicyNotice], people: list[Any], addresses: dict[UUID, str], *, now: datetime
) -> None:
    """The letters of a batch: the words once for each language, the rows with a handful of statements."""
    languages = {person.pk: supported_language(getattr(person, "language", "")) for person in people}
    letters = {
        language: compose("notice", language=language, purpose=_PURPOSE, context=_words(mailing, language))
        for language in {languages[row.user_id] for row in rows if row.message_id}
    }
    drafts = [
        Draft(addresses[row.user_id], language, letters[language], row.user_id, row.message_id)
        for row in rows
        if row.message_id and (language := languages[row.user_id])
    ]
    send_many("notice", drafts, purpose=_PURPOSE, now=now, look_up_first=_may_have_gone(now))


def _may_have_gone(now: datetime) -> bool:
    """After a restore nobody here knows who has the letter already; the carrier's log does, for as long as it lives."""
    since = now - length_of("MAILGUN_LOG")
    return Entry.objects.filter(action="backup.replayed", at__gt=since).exists()


def _words(mailing: PolicyMailing, language: str) -> dict[str, object]:
    with translation.override(language):
        return {
            "heading": _("Our privacy policy changes"),
            "paragraphs": [
                _("From %(day)s on a new version of our privacy policy holds: %(title)s, version %(version)s.")
                % {
                    "day": date_format(mailing.text.valid_from, "DATE_FORMAT"),
                    "title": in_language(mailing.text, language).title,
                    "version": mailing.text.version,
                },
                _("The page behind the link shows word by word what is new and what goes. You need not do anything."),
                _(
                    "A consent that you gave for something that changes does not go on by itself: we ask you anew, and"
                    " until you answer nothing is done on it."
                ),
            ],
            "link": reverse("consent:policy-changes", args=[mailing.text.version]),
            "link_label": _("What changes"),
        }


def hear_bounce(message: OutgoingMessage, /, *, now: datetime) -> None:
    """A letter about the policy came back: staff see which account it was."""
    PolicyNotice.objects.filter(message_id=message.pk, bounced_at=None).update(bounced_at=now)
