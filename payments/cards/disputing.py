"""Answers to disputes: we accept one, or say why it is wrong; by two people above the limit, until its last day."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from audit.trail import Actor
from datamap.catalogue import length_of
from datamap.periods import RIGA
from outbox.services import enqueue
from payments.cards.disputes_there import There
from payments.cards.refunding import FOUR_EYES_ABOVE, CannotRefund, NeedsAnother
from payments.cards.telling import tell_of_dispute, tell_of_disputes_due
from payments.models.cards import CardPayment
from payments.models.disputes import ANSWERABLE, OPEN, AnswerState, CardDispute
from vault.keys import destroy_key

ANSWER: Final = "payments.answer_dispute"
SOON: Final = length_of("DISPUTE_REMINDED")


class CannotAnswer(CannotRefund):
    """It is decided, answered already, or its last day is over."""

    message = _("This dispute takes no answer any more, or has one already.")


def note(there: There, *, now: datetime) -> CardDispute | None:
    """Keep how it stands at Braintree; who answers is written to when it is new. None where the payment is not ours."""
    with transaction.atomic():
        known = CardDispute.objects.select_for_update(of=("self",)).filter(number=there.number).first()
        if known is not None:
            return _move(known, there, now=now)
        payment = CardPayment.objects.filter(transaction_id=there.transaction).exclude(transaction_id="").first()
        if payment is None:
            return None
        facts = {"kind": there.kind, "why": there.why, "amount": there.amount, "status": there.status}
        dispute: CardDispute = CardDispute.objects.create(
            payment=payment, number=there.number, reply_by=there.reply_by, heard_at=now, **facts
        )
        CardPayment.objects.filter(pk=payment.pk).update(dispute=there.status)
        if there.status == OPEN:
            tell_of_dispute(dispute, now=now)
    return dispute


def _move(dispute: CardDispute, there: There, *, now: datetime) -> CardDispute:
    dispute.status, dispute.reply_by = there.status, there.reply_by or dispute.reply_by
    if there.status != OPEN:  # what we wanted to say is of no use to anybody now
        _forget(dispute, now=now)
        if dispute.state == AnswerState.PROPOSED:
            dispute.state = AnswerState.NONE
    dispute.save()
    if dispute.payment_id is not None:
        CardPayment.objects.filter(pk=dispute.payment_id).update(dispute=there.status)
    return dispute


def answer(number: UUID, *, accepts: bool, evidence: str = "", by: User, now: datetime) -> CardDispute:
    """Accept it, or send what we say for ourselves; above the limit when two people agree. Raises CannotAnswer."""
    with transaction.atomic():
        dispute = _held(number)
        if not dispute.takes_an_answer or (not accepts and not evidence):
            raise CannotAnswer
        dispute.accepts, dispute.evidence, dispute.refusal = accepts, "" if accepts else evidence, ""
        dispute.proposed_by, dispute.decided_by, dispute.state = by.pk, None, AnswerState.PROPOSED
        dispute.save()
        _record("dispute.proposed", dispute, by, now=now)
        if dispute.amount <= FOUR_EYES_ABOVE:
            _order(dispute, now=now)
    return dispute


def agree(number: UUID, *, by: User, now: datetime) -> CardDispute:
    """The second person thinks so too, and it goes. Raises CannotAnswer, NeedsAnother."""
    with transaction.atomic():
        dispute = _proposed(number, by)
        dispute.decided_by = by.pk
        _record("dispute.agreed", dispute, by, now=now)
        _order(dispute, now=now)
    return dispute


def decline(number: UUID, *, by: User, now: datetime) -> CardDispute:
    """The second person does not: it is to be answered anew. Raises CannotAnswer, NeedsAnother."""
    with transaction.atomic():
        dispute = _proposed(number, by)
        dispute.state, dispute.evidence, dispute.accepts = AnswerState.NONE, "", False
        dispute.save()
        _record("dispute.declined", dispute, by, now=now)
    return dispute


def note_answered(number: UUID, there: There, *, now: datetime) -> None:
    """Braintree has our answer; the words go."""
    with transaction.atomic():
        dispute = _held(number)
        dispute.status, dispute.state, dispute.answered_at = there.status, AnswerState.DONE, now
        _forget(dispute, now=now)
        dispute.save()
        if dispute.payment_id is not None:
            CardPayment.objects.filter(pk=dispute.payment_id).update(dispute=there.status)


def note_refused(number: UUID, *, why: str) -> None:
    """It did not get there: another one can be sent while there is time."""
    rows = CardDispute.objects.filter(pk=number, state=AnswerState.ORDERED)
    rows.update(state=AnswerState.REFUSED, refusal=why[:60])


def unanswered() -> QuerySet[CardDispute]:
    """What Braintree waits for, and nobody here has let go yet; the most urgent first."""
    return CardDispute.objects.filter(status=OPEN, state__in=[*ANSWERABLE, AnswerState.PROPOSED])


def due_soon(*, now: datetime) -> QuerySet[CardDispute]:
    """Of these, what must be answered within three days."""
    return unanswered().filter(reply_by__lte=(now + SOON).astimezone(RIGA).date())


def remind(*, now: datetime) -> None:
    """Called once a night: one letter for what must be answered within three days."""
    if soon := list(due_soon(now=now)):
        with transaction.atomic():
            tell_of_disputes_due(soon, now=now)


def _held(number: UUID) -> CardDispute:
    dispute: CardDispute = CardDispute.objects.select_for_update(of=("self",)).select_related("payment").get(pk=number)
    return dispute


def _proposed(number: UUID, by: User) -> CardDispute:
    dispute = _held(number)
    if dispute.state != AnswerState.PROPOSED or dispute.status != OPEN:
        raise CannotAnswer
    if dispute.proposed_by == by.pk:
        raise NeedsAnother
    return dispute


def _order(dispute: CardDispute, *, now: datetime) -> None:
    dispute.state = AnswerState.ORDERED
    dispute.save()
    enqueue(ANSWER, aggregate=f"card-dispute:{dispute.pk}", payload={"dispute": str(dispute.pk)}, now=now)


def _forget(dispute: CardDispute, *, now: datetime) -> None:
    dispute.evidence = ""
    destroy_key(dispute.pk, now=now)


def _record(action: str, dispute: CardDispute, by: User, *, now: datetime) -> None:
    payer = dispute.payment.payer_id if dispute.payment is not None else None
    details = {"answer": "accept" if dispute.accepts else "evidence"}
    trail.record(action, actor=Actor.of(by), subject=payer, about=dispute, details=details, now=now)
