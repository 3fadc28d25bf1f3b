"""Files what comes through the interface: the services of the pages, with a key against doing it twice (Q19.4)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.db import models

from datamap.catalogue import catalogue
from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.filing import Filed, file_several
from dsar.intake import Arrival
from dsar.models import Intake, SubjectRequest
from dsar.refusals import TooManyAttempts
from dsar.services import file_by_address
from retention.attempts import PER_NETWORK, network_key, take
from vault.tokens import token

_PERSON: Final = "person"
_ADDRESS: Final = "address"
_OPENDSR: Final = "opendsr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for: `once` is the client's name of this message, `body` what was sent under that name."""

    rights: Sequence[Right]
    text: str = ""
    language: str = ""
    once: str = ""
    body: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """The same for the same content, however it was laid out."""
        laid_out = json.dumps(self.body, sort_keys=True, default=str, ensure_ascii=False)
        return sha256(laid_out.encode()).hexdigest() if self.once else ""


def file_for_person(user: models.Model, order: Order, *, now: datetime) -> Filed:
    """File for who is logged in; a log-in is all the identity it needs (clauses.md D7).

    The requests count as made in the portal, by the same rules; only their message is marked with its channel.
    Raises TooManyAttempts, KeyUsedOtherwise.
    """
    if not take(limit_key(user), PER_NETWORK, now=now):
        raise TooManyAttempts
    arrival = Arrival(channel=Channel.API, at=now, key=_key(_PERSON, str(user.pk), order), sha256=order.sha256)
    return file_several(user, order.rights, text=order.text, now=now, arrival=arrival, language=order.language)


def limit_key(user: models.Model) -> str:
    """Under which the messages of an account are counted; those of nobody count for their network."""
    return token(str(user.pk), purpose="dsar.api.limit")


def file_for_address(address: str, order: Order, *, ip: str, now: datetime) -> list[SubjectRequest]:
    """File for whoever reads the mail at an address; nothing is looked up and nothing is shown (security I2).

    Raises TooManyAttempts for the network, KeyUsedOtherwise, InvalidAddress.
    """
    return _file(address, order, key=_key(_ADDRESS, address.lower(), order), ip=ip, now=now)


def file_for_opendsr(address: str, order: Order, *, ip: str, now: datetime) -> Intake:
    """The same for another controller's machine, whose name of the request finds it again.

    Raises TooManyAttempts for the network, KeyUsedOtherwise, InvalidAddress.
    """
    key = opendsr_key(order.once)
    _file(address, order, key=key, ip=ip, now=now)
    return Intake.objects.get(dedupe_key=key)


def opendsr_key(request_id: str) -> str:
    """Under which a message of this name is kept."""
    return f"api:{_OPENDSR}:{token(request_id, purpose='dsar.api')}"


def _file(address: str, order: Order, *, key: str | None, ip: str, now: datetime) -> list[SubjectRequest]:
    if not take(network_key(ip), PER_NETWORK, now=now):
        raise TooManyAttempts
    arrival = Arrival(channel=Channel.API, at=now, sender=address, key=key, sha256=order.sha256)
    return file_by_address(address, order.rights, arrival=arrival, language=order.language, now=now, text=order.text)


def _key(client: str, who: str, order: Order) -> str | None:
    """Nobody's key meets another's: it is bound to the account or the address."""
    return f"api:{client}:{token(f'{who}|{order.once}', purpose='dsar.api')}" if order.once else None


def controller_id() -> str:
    """How this site calls itself in OpenDSR."""
    return catalogue().controller.registration_number
