"""Any mail to the privacy address is a request with the moment at which it arrived (Q19.2, Q19.3; clauses.md D1-D4)."""

from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import translation
from django.utils.translation import gettext as _

from audit.trail import Actor
from datamap.catalogue import catalogue
from dsar import letters
from dsar.attachments import Incoming, keep, open_ask, room_in
from dsar.cases import move, note, reopen_case
from dsar.conversation import take_up_again
from dsar.deadlines import Channel
from dsar.fulfilment import is_erased
from dsar.inbound_words import language_of, number_in, right_in
from dsar.intake import ORIGINAL, Arrival, take_in
from dsar.models import CaseMessage, Intake, SubjectRequest
from dsar.models.correspondence import LONGEST_MESSAGE
from dsar.queries import has_shown
from dsar.refusals import AlreadyUnderWay, ErasedAlready
from dsar.services import file_by_address
from dsar.terms import LAST_LETTER_BOUNCED, RUNNING, UNHEARD, AttachmentPurpose, CameBy, Direction, Stage
from mailing.inbound import ReceivedMail, came_back
from mailing.inbound_parts import TakenApart, take_apart
from mailing.inbound_reading import Contents, read
from mailing.models import OutgoingMessage
from retention.attempts import PER_ADDRESS, address_key, take
from vault.files import read_sealed, sealed_writer
from vault.tokens import token

_SITE: Final = Actor.system("dsar.inbound")
_ASIDE: Final = "aside:"
_GIVEN: Final = frozenset({Stage.ANSWERED, Stage.PARTLY_REFUSED, Stage.REFUSED})


def read_mail(mail: ReceivedMail, /, *, now: datetime) -> None:
    """Keep a mail, sealed, and open a request for it, or go on in the one that it answers; twice is once.

    What no person wrote, or has no address to answer to, is set aside for staff and answered by nobody. The claim of
    the From line opens nothing: it only says where the letter goes.
    """
    contents = read(mail.raw)
    arrival = Arrival(
        channel=Channel.EMAIL, at=min(mail.received_at, now), sender=contents.sender, key=_key(mail, contents)
    )
    with transaction.atomic():
        if Intake.objects.filter(dedupe_key=arrival.key).exists():
            return
        if _is_set_aside(mail, contents):
            _set_aside(mail, contents, arrival, now=now)
        elif case := _answered(contents):
            _go_on(case, mail, contents, arrival=arrival, now=now)
        else:
            _file(mail, contents, arrival, now=now)


def hear_bounce(message: OutgoingMessage, /, *, now: datetime) -> None:
    """A letter about a request came back: it is shown there, and an answer that did not arrive is none (C7).

    The last letter of an erasure cannot be sent again: its address is destroyed, and what was erased is not reopened.
    """
    with transaction.atomic():
        found = SubjectRequest.objects.select_for_update(of=("self",)).filter(number=message.reference)
        case = found.exclude(number="").first()
        if case is None:
            return
        is_last = message.forget_after_delivery and is_erased(case)
        note(case, LAST_LETTER_BOUNCED if is_last else "notice_bounced", actor=_SITE, now=now)
        if case.stage in _GIVEN and case.answered_at is not None and message.created_at >= case.answered_at:
            # The person has asked for the same anew: that answers her. What was erased is not erased again.
            with suppress(AlreadyUnderWay, ErasedAlready):
                reopen_case(case.pk, actor=_SITE, now=now)


def set_aside_mails() -> QuerySet[Intake]:
    """Mails that were set aside, the latest first, for staff to look at; not those that go on in a request."""
    return Intake.objects.filter(dedupe_key__startswith=_ASIDE).order_by("-arrived_at")


def original_of(intake: Intake) -> bytes:
    """A mail as it arrived, in clear. Raises VaultError where file or key is gone."""
    return b"".join(read_sealed(intake.pk, intake.raw_file, context=ORIGINAL))


def _key(mail: ReceivedMail, contents: Contents) -> str:
    kind = _ASIDE if _is_set_aside(mail, contents) else "mail:"
    return f"{kind}{token(f'{contents.message_id}|{mail.digest}', purpose='dsar.mail')}"


def _is_set_aside(mail: ReceivedMail, contents: Contents) -> bool:
    return contents.is_automatic or not (mail.envelope_sender and contents.sender) or contents.sender in _our_own()


def _our_own() -> set[str]:
    """The addresses that we write from; what claims to come from there is a loop."""
    ours = (settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip("> "), catalogue().controller.email)
    return {address.lower() for address in ours}


def _set_aside(mail: ReceivedMail, contents: Contents, arrival: Arrival, *, now: datetime) -> None:
    intake, is_new = take_in(arrival, now=now)
    if not is_new:
        return
    _keep(intake, mail, now=now)
    if contents.bounce is not None:
        for message_id in contents.bounce.message_ids:
            for recipient in contents.bounce.recipients:
                came_back(message_id, recipient, now=now)


def _answered(contents: Contents) -> SubjectRequest | None:
    """The request that a mail names or answers a letter of, where it also comes from the address of that request."""
    numbers = {number_in(contents.subject), *_numbers_of_letters(contents.answers)} - {""}
    found = SubjectRequest.objects.select_for_update(of=("self",)).filter(number__in=numbers, email=contents.sender)
    return found.filter(stage__in=[*RUNNING, *UNHEARD]).order_by("-received_at").first()


def _numbers_of_letters(answers: tuple[str, ...]) -> set[str]:
    ours = [UUID(name) for answer in answers if _is_uuid(name := answer.strip("<>").partition("@")[0])]
    letters_sent = OutgoingMessage.objects.filter(Q(pk__in=ours) | Q(provider_id__in=answers)).exclude(reference="")
    return set(letters_sent.values_list("reference", flat=True))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _file(mail: ReceivedMail, contents: Contents, arrival: Arrival, *, now: datetime) -> None:
    language = language_of(contents.subject, contents.text)
    right = right_in(contents.subject, contents.text)
    opened = file_by_address(contents.sender, [right], arrival=arrival, language=language, now=now)
    intake = Intake.objects.get(dedupe_key=arrival.key)
    if intake.raw_file:  # the same mail, at the same moment, through another door
        return
    taken = _keep(intake, mail, now=now)
    for case in opened:
        _write_down(case, contents, _remarks(opened[0], mail, taken), at=arrival.at)
    _attach(opened[0], taken, now=now)
    _tell_if_cut(opened[0], mail, now=now)


def _go_on(case: SubjectRequest, mail: ReceivedMail, contents: Contents, *, arrival: Arrival, now: datetime) -> None:
    """Add a mail to its request, and let the clock run again where it is what we waited for (clauses.md C4, C8).

    Anybody can write under an address: where it was shown whose request it is, a mail changes nothing by itself. The
    person gets the way to her page, where an answer counts; staff read the words and may take them as the answer.
    """
    intake, is_new = take_in(arrival, now=now)
    if not is_new:
        return
    taken = _keep(intake, mail, now=now)
    _write_down(case, contents, _remarks(case, mail, taken), at=arrival.at)
    _attach(case, taken, now=now)
    _tell_if_cut(case, mail, now=now)
    note(case, "message_from_person", actor=_SITE, now=now, reason=mail.origin)
    if case.stage not in UNHEARD | {Stage.CLARIFICATION_PENDING}:
        return
    if has_shown(case):
        if take(address_key(case.email), PER_ADDRESS, now=now):
            letters.tell_unproven(case, now=now)
        return
    case.pauses.filter(answered_at__isnull=True).update(answered_at=Greatest(F("asked_at"), arrival.at))
    if case.stage == Stage.CLARIFICATION_PENDING:
        move(case.pk, Stage.OPEN, action="answer_arrived", actor=_SITE, now=now)
    else:
        take_up_again(case, actor=_SITE, now=now)


def _keep(intake: Intake, mail: ReceivedMail, *, now: datetime) -> TakenApart:
    """Seal the original without what was attached to it, under the key of its row: an identity document must not
    outlive its check in a second place. Size and digest are those of the whole.
    """
    taken = take_apart(mail)
    with sealed_writer(intake.pk, context=ORIGINAL) as original:
        original.write(taken.original)
    intake.raw_file, intake.raw_size, intake.raw_sha256 = original.name, mail.size, mail.digest
    intake.origin = mail.origin
    intake.save(update_fields=["raw_file", "raw_size", "raw_sha256", "origin"])
    return taken


def _attach(case: SubjectRequest, taken: TakenApart, *, now: datetime) -> None:
    """Keep what was attached, each piece by itself. While an identity document is asked for it counts as that; at any
    other time nobody knows what it is before somebody has looked.
    """
    purpose = AttachmentPurpose.UNSORTED if open_ask(case) is None else AttachmentPurpose.IDENTITY
    for part in taken.parts[: room_in(case)]:
        keep(case, Incoming(part.name, part.content), purpose, came_by=CameBy.MAIL, now=now)


def _write_down(case: SubjectRequest, contents: Contents, remarks: list[str], *, at: datetime) -> None:
    """The words of the mail, sealed in the request."""
    words = f"{contents.subject}\n\n{contents.text}".strip()
    text = "\n\n".join([words[: LONGEST_MESSAGE - 3000], *remarks]) or "–"
    direction = Direction.UNPROVEN if has_shown(case) else Direction.FROM_PERSON
    CaseMessage.objects.create(case=case, direction=direction, text=text, at=at)


def _tell_if_cut(case: SubjectRequest, mail: ReceivedMail, *, now: datetime) -> None:
    if mail.is_cut and take(address_key(case.email), PER_ADDRESS, now=now):
        letters.tell_too_large(case, now=now)


def _remarks(case: SubjectRequest, mail: ReceivedMail, taken: TakenApart) -> list[str]:
    """What became of the attachments, in the person's language; never their names, which are sealed with them."""
    kept = min(len(taken.parts), room_in(case))
    with translation.override(case.language):
        remarks = []
        if kept:
            remarks.append(_("Attached files, kept sealed and not opened: %(count)s") % {"count": kept})
        if mail.is_cut:
            remarks.append(_("The message was too large: its words were kept, what was attached was not."))
        elif left := taken.dropped + len(taken.parts) - kept:
            remarks.append(
                _("Attached files that were not kept, because they were too many: %(count)s") % {"count": left}
            )
    return remarks
