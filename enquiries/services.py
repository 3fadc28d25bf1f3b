"""Asking, answering and closing: every enquiry gets its answer in its own language, and then its term (clause 5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor, record
from datamap.catalogue import length_of, period
from datamap.handing_on import Heard, Plea, hand_on
from datamap.terms import Text
from enquiries import letters
from enquiries.letters import link_key
from enquiries.models import Enquiry, Message
from enquiries.terms import LONGEST_TEXT, CameBy, Direction, Kind, State
from mailing.composing import checked_address
from vault.tokens import email_token, secret_digest, token

LETTERS_A_DAY: Final = 10
"""So many acknowledgements one address gets in a day, whoever asks under it; what is asked beyond is kept as well."""

MESSAGES_A_DAY: Final = 20
"""So many enquiries of one account, and so many messages to one enquiry."""


class EnquiryError(Exception):
    """Nothing was done; `message` is the sentence for whoever asked for it."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class TooMany(EnquiryError):
    """More in a day than a person writes."""

    message = _("That is more than we can take from one person in a day. Please write to us again tomorrow.")


class HandedOn(EnquiryError):
    """The enquiry goes on as a request about personal data."""

    message = _("This enquiry was handed on as a request about personal data. It goes on there.")


class NoSuchLink(LookupError):
    """The link was never ours, or its enquiry is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote, in the language of the answer.

    `once` names the form it was written in, so that sending it twice is asking once. `address` and `name` are of who
    has no account, and may both be empty; `page` is where a problem happened.
    """

    kind: Kind
    text: str
    language: str
    once: str = ""
    address: str = ""
    name: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """When an enquiry reached us, by which way, and who of the staff wrote it down."""

    at: datetime
    by_way_of: CameBy = CameBy.FORM
    entered_by: UUID | None = None


def ask(written: Written, *, user: Any = None, now: datetime) -> Enquiry:
    """Keep what came through the form, and acknowledge it where there is an address (twice is once).

    No account is looked up: every address gets the same rows and the same letter (security I2). The same words while
    they wait for an answer are the same enquiry: the way back and a second tab send them again.
    Raises InvalidAddress, and TooMany for an account.
    """
    today = Enquiry.objects.filter(arrived_at__gt=now - length_of("ATTEMPTS"), came_by=CameBy.FORM)
    with transaction.atomic():
        if user is not None and today.filter(user=user).count() >= MESSAGES_A_DAY:
            raise TooMany
        if waiting := _waiting_with(written, user):
            return waiting
        enquiry, is_new = open_enquiry(written, user=user, came=Came(at=now))
        whose = enquiry.email_token
        if is_new and (not whose or today.filter(email_token=whose).count() <= LETTERS_A_DAY):
            letters.acknowledge(enquiry, now=now)
    return enquiry


def _waiting_with(written: Written, user: Any) -> Enquiry | None:
    """The enquiry of this account or address that says the same and waits; who gave neither is nobody to compare."""
    if user is None and not written.address:
        return None
    whose = {"user": user} if user else {"user": None, "email_token": email_token(checked_address(written.address))}
    same = Enquiry.objects.filter(**whose, kind=written.kind, page=written.page, state=State.OPEN, came_by=CameBy.FORM)
    for enquiry in same.prefetch_related("messages")[:MESSAGES_A_DAY]:
        if [message.text for message in enquiry.messages.all()] == [written.text]:
            return enquiry
    return None


def open_enquiry(written: Written, *, user: Any, came: Came) -> tuple[Enquiry, bool]:
    """The row with its first message, and whether it is new. Raises InvalidAddress."""
    address = checked_address(written.address) if written.address and user is None else ""
    number = uuid4()
    values = {
        "id": number,
        "user": user,
        "kind": written.kind,
        "came_by": came.by_way_of,
        "email_token": email_token(address) if address else "",
        "email": address,
        "name": written.name if user is None else "",
        "page": written.page,
        "language": written.language,
        "arrived_at": came.at,
        "entered_by": came.entered_by,
        "key_digest": secret_digest(link_key(number)),
    }
    parts = (str(getattr(user, "pk", address)), written.kind, written.page, written.text)
    enquiry, is_new = Enquiry.objects.get_or_create(once=_once(written.once or number.hex, *parts), defaults=values)
    if is_new:
        _add(enquiry, written.text, Direction.FROM_PERSON, once=number.hex, at=came.at)
    return enquiry, is_new


def behind(key: str) -> Enquiry:
    """The enquiry that a link leads to. Raises NoSuchLink."""
    found = Enquiry.objects.filter(key_digest=secret_digest(key), user=None).first()
    if found is None:
        raise NoSuchLink
    return found


def reply(enquiry_id: UUID, text: str, *, once: str, now: datetime) -> Enquiry:
    """The person writes on; whatever had ended waits for an answer again. Raises TooMany, HandedOn."""
    with transaction.atomic():
        enquiry = _locked(enquiry_id)
        today = enquiry.messages.filter(direction=Direction.FROM_PERSON, at__gt=now - length_of("ATTEMPTS"))
        if today.count() >= MESSAGES_A_DAY:
            raise TooMany
        if _add(enquiry, text, Direction.FROM_PERSON, once=once, at=now):
            _turn(enquiry, State.OPEN, now=now)
    return enquiry


def answer(enquiry_id: UUID, text: str, *, once: str, by: Any, now: datetime) -> Enquiry:
    """Staff answer: by mail in the language of the enquiry, and on its page; twice is once. Raises HandedOn.

    Where no address is known, the row says what was answered by the way the enquiry came.
    """
    with transaction.atomic():
        enquiry = _locked(enquiry_id)
        if _add(enquiry, text, Direction.TO_PERSON, once=once, at=now, by=by.pk):
            _turn(enquiry, State.ANSWERED, now=now)
            letters.answer(enquiry, text, now=now)
            record_act("answered", enquiry, by=by, now=now)
    return enquiry


def close(enquiry_id: UUID, *, by: Any, now: datetime) -> Enquiry:
    """End an enquiry that needs no answer of ours; once. Raises HandedOn."""
    with transaction.atomic():
        enquiry = _locked(enquiry_id)
        if enquiry.state != State.CLOSED:
            _turn(enquiry, State.CLOSED, now=now)
            record_act("closed", enquiry, by=by, now=now)
    return enquiry


def hand_on_as_request(enquiry_id: UUID, *, by: Any, now: datetime) -> Enquiry:
    """Open a request about personal data with the moment at which the enquiry arrived, and close this one (Q19.3).

    Only what somebody wrote while logged in counts as hers. Raises HandedOn, NotTaken.
    """
    with transaction.atomic():
        enquiry = _locked(enquiry_id)
        written_in = enquiry.came_by == CameBy.FORM and enquiry.user is not None
        plea = Plea(
            text=_words_of(enquiry),
            language=enquiry.language,
            arrived_at=enquiry.arrived_at,
            heard=_HEARD.get(CameBy(enquiry.came_by), Heard.MESSENGER),
            user=enquiry.user if written_in else None,
            address=enquiry.email or getattr(enquiry.user, "email", ""),
        )
        enquiry.request = hand_on(plea, by=by, now=now)
        _turn(enquiry, State.CLOSED, now=now)
        record_act("handed_on", enquiry, by=by, now=now)
    return enquiry


_HEARD: Final = {CameBy.FORM: Heard.FORM, CameBy.PHONE: Heard.SPOKEN}


def _words_of(enquiry: Enquiry) -> str:
    written = enquiry.messages.filter(direction=Direction.FROM_PERSON)
    return "\n\n".join(message.text for message in written)[:LONGEST_TEXT]


def _locked(enquiry_id: UUID) -> Enquiry:
    enquiry: Enquiry = Enquiry.objects.select_for_update(of=("self",)).get(pk=enquiry_id)
    if enquiry.request:
        raise HandedOn
    return enquiry


def _add(enquiry: Enquiry, text: str, direction: Direction, *, once: str, at: datetime, by: UUID | None = None) -> bool:
    values = {"enquiry": enquiry, "direction": direction, "text": text, "at": at, "by": by}
    key = _once(once or uuid4().hex, str(enquiry.pk), direction, text)
    _message, is_new = Message.objects.get_or_create(once=key, defaults=values)
    return is_new


def _turn(enquiry: Enquiry, state: State, *, now: datetime) -> None:
    """Take an enquiry to a state; its term and that of its messages run from the moment on which nobody waits."""
    enquiry.state = state
    enquiry.ends_at = None if state == State.OPEN else period("ENQUIRY").ends_at(now)
    enquiry.save(update_fields=["state", "ends_at", "request"])
    enquiry.messages.update(ends_at=enquiry.ends_at)


def record_act(act: str, enquiry: Enquiry, *, by: Any, now: datetime) -> None:
    """Write down what staff did with an enquiry, and nothing of what stands in it."""
    record(f"enquiry.{act}", actor=Actor.of(by), subject=enquiry.user_id, about=enquiry, now=now)


def _once(*parts: str) -> str:
    return token("|".join(parts), purpose="enquiries.once")
