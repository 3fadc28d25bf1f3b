"""Objection to the six-year archive at any later time, by whoever reads the mail at the address (Art. 21; clause 10).

Asking never looks into the archive: every address gets the same answer, the same mail, the same work. What there is,
only the page behind the mailed link says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import catalogue, period
from datamap.trace import normalise_email
from mailing.services import InvalidAddress, send
from retention.archive import erase_on_objection, records_under
from retention.attempts import PER_ADDRESS, PER_NETWORK, address_key, network_key, take
from retention.models import ArchiveObjection, ArchiveRecord
from vault.tokens import new_secret, secret_digest

_PURPOSE: Final = "ACCOUNTABILITY"
_ACTOR: Final = Actor.system("retention.objections")


class TooManyAttempts(Exception):
    """This network has used up its attempts; nothing about any address is said by that."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the owner of an address may object to."""

    records: Sequence[ArchiveRecord]


@dataclass(frozen=True, slots=True)
class Objected:
    """What came of an objection; `kept` counts records that a legal hold keeps for a pending claim."""

    destroyed: int
    kept: int


def ask_for_link(address: str, *, language: str, ip: str, now: datetime) -> None:
    """Mail a link to this address, whether or not anything is archived under it.

    An address that was asked for too often, or that no mail can reach, gets nothing, and nobody sees that.
    Raises TooManyAttempts for the network the request came from.
    """
    _count_network(ip, now=now)
    if not take(address_key(address), PER_ADDRESS, now=now):
        return
    ends_at = period("TOKEN").ends_at(now)
    if ends_at is None:
        raise TypeError("A link needs a period with an end.")
    secret = new_secret()
    objection = ArchiveObjection(
        id=uuid4(),
        secret_digest=secret_digest(secret),
        address=normalise_email(address),
        language=language,
        requested_at=now,
        ends_at=ends_at,
    )
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
            _mail_link(objection, secret, now=now)
    except InvalidAddress:
        return


def look(secret: str, *, now: datetime) -> Waiting | None:
    """What lies behind a link, None where it is no link any more; changes nothing."""
    objection = ArchiveObjection.objects.filter(secret_digest=secret_digest(secret), ends_at__gt=now).first()
    return None if objection is None else Waiting(list(records_under(objection.address)))


def object_by_link(secret: str, *, ip: str, now: datetime) -> Objected | None:
    """Destroy the records of the address behind the link, with their keys, and the link; None where it is no more.

    Raises TooManyAttempts: a wrong link counts like a request.
    """
    with transaction.atomic():
        objection = (
            ArchiveObjection.objects.select_for_update()
            .filter(secret_digest=secret_digest(secret), ends_at__gt=now)
            .first()
        )
        if objection is not None:
            return _carry_out(objection, now=now)
    _count_network(ip, now=now)
    return None


def _carry_out(objection: ArchiveObjection, *, now: datetime) -> Objected:
    destroyed = erase_on_objection(objection.address, now=now)
    result = Objected(destroyed, records_under(objection.address).count())
    trail.record(
        "archive.objection",
        actor=_ACTOR,
        about=objection,
        details={"destroyed": result.destroyed, "kept": result.kept},
        now=now,
    )
    _mail_result(objection, result, now=now)
    objection.delete()
    return result


def _count_network(ip: str, *, now: datetime) -> None:
    if not take(network_key(ip), PER_NETWORK, now=now):
        raise TooManyAttempts


def _mail_link(objection: ArchiveObjection, secret: str, *, now: datetime) -> None:
    with translation.override(objection.language):
        paragraphs = [
            _("Somebody, probably you, asked us about the archive of deleted accounts and gave this address."),
            _("The link shows whether we keep an archive record under this address, and lets you have it destroyed."),
            _("It works once and for one hour. If it was not you, you need not do anything."),
        ]
        link = reverse("privacy:archive-objection-confirm", args=[secret])
        _mail(objection, _("The archive of deleted accounts"), paragraphs, link=link, now=now)


def _mail_result(objection: ArchiveObjection, result: Objected, *, now: datetime) -> None:
    with translation.override(objection.language):
        authority = catalogue().authority
        complaint = _("You can complain at any time to the supervisory authority: %(name)s, %(address)s, %(url)s.") % {
            "name": authority.name,
            "address": authority.address,
            "url": authority.url,
        }
        _mail(objection, _("Your objection to the archive"), [sentence_of(result), complaint], link="", now=now)


def sentence_of(result: Objected) -> str:
    """What came of the objection, for the page and for the letter."""
    if result.kept:
        return _(
            "We must keep the record for now: a claim is pending that it is needed for (Art. 17(3)(e), 21(1) GDPR). "
            "It is destroyed as soon as the claim is settled."
        )
    if result.destroyed:
        return _("The archive record and its key are destroyed. Nobody can bring them back.")
    return _("We keep no archive record under this address, so there was nothing to destroy.")


def _mail(objection: ArchiveObjection, heading: str, paragraphs: Sequence[str], *, link: str, now: datetime) -> None:
    # The row of the message goes with its delivery: nobody has to have an account here.
    send(
        "notice",
        to=objection.address,
        language=objection.language,
        purpose=_PURPOSE,
        context={"heading": heading, "paragraphs": paragraphs, "link": link, "link_label": _("Look and decide")},
        now=now,
        forget_after_delivery=True,
    )
