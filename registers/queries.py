"""Questions about disclosures: which of them a person is told of, and in which words (Art. 15(1)(c); Q8.5)."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now, TruncDate
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from datamap.periods import RIGA
from datamap.registry import registry
from datamap.trace import Subject
from datamap.transfers import Received
from registers.models import AuthorityRequest, Disclosure
from registers.terms import Ground, RecipientKind
from vault.tokens import email_tokens, subject_tokens


def told_to_accounts(user_ids: Iterable[UUID]) -> QuerySet[Disclosure, UUID]:
    """The disclosures that these people are told of; secret ones are not, until the day has passed."""
    return _told(Disclosure.objects.filter(subject_token__in=subject_tokens(user_ids))).values_list("pk", flat=True)


def told_to_addresses(addresses: Iterable[str]) -> QuerySet[Disclosure, UUID]:
    """The same for people whose account is gone and whose address was verified."""
    return _told(Disclosure.objects.filter(email_token__in=email_tokens(addresses))).values_list("pk", flat=True)


def requests_told_to(user_ids: Iterable[UUID]) -> QuerySet[AuthorityRequest, UUID]:
    """The requests of authorities about these people, without the secret ones."""
    return _told(AuthorityRequest.objects.filter(subject_id__in=list(user_ids))).values_list("pk", flat=True)


def _told(rows: QuerySet) -> QuerySet:
    today = TruncDate(Now(), tzinfo=RIGA)
    return rows.filter(Q(secret_until=None) | Q(secret_until__lt=today))


def disclosed_to(subject: Subject) -> Iterator[Received]:
    """Everybody outside the catalogue who got data about this person: the answer to `datamap.transfers`."""
    users = [subject.user_id] if subject.user_id else []
    hers = Q(pk__in=told_to_accounts(users)) | Q(pk__in=told_to_addresses(subject.emails))
    for row in Disclosure.objects.filter(hers, handed_over_at__isnull=False).order_by("at"):
        yield Received(
            name=row.recipient,
            role=RecipientKind(row.kind).label,
            ground=f"{Ground(row.ground).label}{f', {row.act}' if row.act else ''}",
            what=_("%(day)s: %(tables)s")
            % {"day": _day(localtime(row.handed_over_at, RIGA).date()), "tables": _labels(row.tables)},
        )


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _labels(tables: Iterable[str]) -> str:
    known = {holding.model: str(holding.label) for holding in registry().holdings}
    return ", ".join(known.get(name, name) for name in tables)
