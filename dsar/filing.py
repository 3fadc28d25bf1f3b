"""Files what a person ticked in a form: one message, as many linked requests as rights (clauses.md D1, D6; Art. 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.terms import Right
from dsar import letters
from dsar.deadlines import Channel
from dsar.intake import Arrival, take_in
from dsar.models import CaseMessage, Intake, Representative, SubjectRequest, VisitorNumber
from dsar.queries import requests_of
from dsar.refusals import AlreadyUnderWay, TooManyAttempts
from dsar.services import file_by_address, file_request, one_by_one, refuse_the_same
from dsar.terms import AuthorityKind, Direction
from dsar.young import note_said, restrict_own
from retention.attempts import PER_NETWORK, network_key, take
from vault.tokens import new_secret, token


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What somebody without an account filled in.

    `once` names this very form, so that sending it twice files it once; `name` and `capacity` are those of who acts
    for the person; `numbers` are those under which a visitor is known without a name; `young` says: under 16.
    """

    address: str
    rights: tuple[Right, ...]
    language: str
    text: str = ""
    once: str = ""
    name: str = ""
    capacity: AuthorityKind | None = None
    numbers: str = ""
    young: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """The requests that were opened, and the numbers of those that had been running already."""

    opened: tuple[SubjectRequest, ...]
    under_way: tuple[str, ...]


def file_several(
    user: models.Model,
    rights: Sequence[Right],
    *,
    text: str,
    now: datetime,
    arrival: Arrival | None = None,
    language: str = "",
    young: bool = False,
) -> Filed:
    """File the requests of a person who is logged in: one receipt, one letter; what runs already is not filed again.

    The same message twice gives the same requests, and so do the same words while one runs: the way back and a second
    tab send them again. `language` is that of the letters, else the account's is. Who is `young` is restricted at once.
    """
    opened: list[SubjectRequest] = []
    under_way: list[str] = []
    with transaction.atomic():
        one_by_one(str(user.pk))
        intake, is_new = take_in(arrival or Arrival(channel=Channel.PORTAL_AUTH, at=now), now=now)
        if not is_new:
            return _filed_before(user, intake, rights)
        for right in dict.fromkeys(rights):
            try:
                refuse_the_same(user.pk, right, text)
                case = file_request(
                    user=user,
                    right=right,
                    channel=Channel.PORTAL_AUTH,
                    text=text,
                    now=now,
                    intake=intake,
                    acknowledge=False,
                )
            except AlreadyUnderWay as refusal:
                under_way.append(refusal.number)
            else:
                opened.append(case)
        if young:
            restrict_own(user, opened[0].number if opened else under_way[0], now=now)
        if opened:
            _speak(opened, language)
            letters.acknowledge(*opened, now=now)
        elif intake.dedupe_key is None:
            intake.delete()
    return Filed(tuple(opened), tuple(under_way))


def _speak(cases: Sequence[SubjectRequest], language: str) -> None:
    for case in cases if language else ():
        case.language = language
        case.save(update_fields=["language"])


def _filed_before(user: models.Model, intake: Intake, rights: Sequence[Right]) -> Filed:
    """What came of this message when it came first."""
    opened = tuple(intake.cases.order_by("number"))
    others = set(rights) - {case.right for case in opened}
    earlier = requests_of(user.pk).filter(right__in=others, received_at__lt=intake.arrived_at)
    latest = {case.right: case.number for case in reversed(earlier)}
    return Filed(opened, tuple(latest[right] for right in dict.fromkeys(rights) if right in latest))


def file_form(form: Form, *, ip: str, now: datetime) -> list[SubjectRequest]:
    """File the requests of whoever reads the mail at an address; nothing is looked up (security I2).

    The letter says the numbers; the page says the same to everybody. Raises TooManyAttempts for the network that the
    form came from, and InvalidAddress.
    """
    if not take(network_key(ip), PER_NETWORK, now=now):
        raise TooManyAttempts
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=now, sender=form.address, key=_key_of(form))
    with transaction.atomic():
        cases = file_by_address(
            form.address, form.rights, arrival=arrival, language=form.language, now=now, text=form.text
        )
        message = Intake.objects.get(dedupe_key=arrival.key)
        for case in cases:
            if case.intake_id == message.pk:
                _note_who(case, form, now=now)
            elif said := _who_in_words(case, form):
                # Who comes later must not take a running request from its person: staff read it, nothing follows.
                CaseMessage.objects.get_or_create(
                    case=case, direction=Direction.UNPROVEN, at=message.arrived_at, defaults={"text": said}
                )
    return cases


def _note_who(case: SubjectRequest, form: Form, *, now: datetime) -> None:
    if form.capacity is not None:
        Representative.objects.get_or_create(case=case, defaults={"name": form.name, "kind": form.capacity})
    if form.young:
        note_said(case, now=now)
    if form.numbers:
        VisitorNumber.objects.get_or_create(case=case, defaults={"numbers": form.numbers})


def _who_in_words(case: SubjectRequest, form: Form) -> str:
    with translation.override(case.language):
        said = []
        if form.capacity is not None:
            said.append(_("Acts for the person: %(name)s (%(as)s)") % {"name": form.name, "as": form.capacity.label})
        if form.young:
            said.append(_("Says that the person is under 16."))
        if form.numbers:
            said.append(_("Visitor numbers: %(numbers)s") % {"numbers": form.numbers})
        return "\n".join(said)


def _key_of(form: Form) -> str:
    """What tells this form from every other: its own name with all that was typed into it."""
    typed = "|".join(
        (form.once or new_secret(), form.address.lower(), *form.rights, form.name, form.numbers, form.text)
    )
    return f"form:{token(typed, purpose='dsar.form')}"
