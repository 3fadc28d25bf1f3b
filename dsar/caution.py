"""Where somebody else may be asking nothing leaves and nothing goes for 72 hours: after a change of address, telephone
or password, and where staff led a request to an account from a foreign address (security I7)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse

from audit.models import Entry
from audit.trail import Actor
from datamap.catalogue import length_of, period
from dsar import letters
from dsar.cases import note
from dsar.models import Caution, SubjectRequest
from dsar.refusals import StoppedFromOlderAddress, WaitsForSafety
from dsar.remembering import note_caution
from dsar.terms import CautionCause
from mailing.models import OutgoingMessage
from vault.tokens import new_secret, secret_digest

CHANGES: Final = (
    "account.email_changed",
    "account.password_changed",
    "account.password_reset",
    "account.password_set",
)
DETAILS_CHANGED: Final = "account.details_changed"
TOLD_TO_THE_OLD_ADDRESS: Final = "account/email/email_changed"
"""The letter of a change of address goes to the address that was left: so it is known for these seven days."""

_SITE: Final = Actor.system("dsar.caution")


def require_calm(case: SubjectRequest, *, now: datetime) -> None:
    """Let something be handed out or erased, unless the account behind the request was changed a short while ago.

    The first call places the wait and tells every older address. Raises WaitsForSafety until 72 hours are over, and
    StoppedFromOlderAddress where one of them has stopped the request; both leave what they wrote: call it outside of
    the transaction that acts.
    """
    with transaction.atomic():
        SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        found = caution_of(case)
        if found is not None and found.stopped_at is not None:
            raise StoppedFromOlderAddress
        changed_at = None if case.user_id is None else latest_change(case.user_id, now=now)
        if changed_at is not None and (found is None or changed_at > found.changed_at):
            found = _place(case, changed_at, CautionCause.CHANGED, now=now)
    if found is not None and now < found.waits_until:
        raise WaitsForSafety(CautionCause(found.cause))


def place_where_foreign(case: SubjectRequest, *, now: datetime) -> Caution:
    """Let a request that did not come from an address of its account wait, and tell all of these, whoever filed it."""
    return _place(case, now, CautionCause.FOREIGN, now=now)


def caution_of(case: SubjectRequest) -> Caution | None:
    """The wait that stands before this request, also when it is over."""
    return Caution.objects.filter(case=case).first()


def latest_change(user_id: UUID, *, now: datetime) -> datetime | None:
    """When address, telephone or password of an account were changed last, within the last seven days."""
    recent = Entry.objects.filter(subject=user_id, at__gt=now - length_of("FRESH_CHANGE"))
    changes = [
        at
        for at, action, details in recent.values_list("at", "action", "details")
        if action in CHANGES or (action == DETAILS_CHANGED and "phone" in details.get("fields", "").split(","))
    ]
    return max(changes, default=None)


def older_addresses(case: SubjectRequest, *, now: datetime) -> set[str]:
    """Every confirmed address of the account, and those that were its own until a change in these seven days."""
    confirmed = EmailAddress.objects.filter(user=case.user_id, verified=True).values_list("email", flat=True)
    left = OutgoingMessage.objects.filter(
        user_id=case.user_id, template=TOLD_TO_THE_OLD_ADDRESS, created_at__gt=now - length_of("FRESH_CHANGE")
    )
    return {*confirmed, *left.values_list("to_address", flat=True)}


def stop(secret: str, *, now: datetime) -> SubjectRequest | None:
    """Stop the request behind a link that was mailed to an older address; None for any other text. Twice is once."""
    with transaction.atomic():
        found = _behind(secret)
        if found is None:
            return None
        found = Caution.objects.select_for_update().get(pk=found.pk)
        if found.stopped_at is None:
            found.stopped_at = now
            found.save(update_fields=["stopped_at"])
            note_caution(found, now=now)
            note(found.case, "caution_stopped", actor=_SITE, now=now)
            letters.alarm_stopped(found.case, now=now)
    return found.case


def stoppable(secret: str) -> SubjectRequest | None:
    """The request that a link would stop; changes nothing."""
    found = _behind(secret)
    return None if found is None else found.case


def _behind(secret: str) -> Caution | None:
    return Caution.objects.select_related("case").filter(stop_digest=secret_digest(secret)).first()


def _place(case: SubjectRequest, changed_at: datetime, cause: CautionCause, *, now: datetime) -> Caution:
    secret, waits_until = new_secret(), period("SAFETY_WAIT").ends_at(now)
    values = {
        "cause": cause,
        "changed_at": changed_at,
        "placed_at": now,
        "waits_until": waits_until,
        "stop_digest": secret_digest(secret),
    }
    found, _is_new = Caution.objects.update_or_create(case=case, defaults=values)
    is_foreign = cause is CautionCause.FOREIGN
    note(case, "caution_placed_foreign" if is_foreign else "caution_placed", actor=_SITE, now=now)
    link = reverse("privacy:request-stop", args=[secret])
    for address in sorted(older_addresses(case, now=now)):
        letters.tell_older_address(found, address, link, now=now)
    return found
