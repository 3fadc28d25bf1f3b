"""What our side is written about cards: by number, with the way to the page on which it is decided."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from payments.accountants import write_to_accountants
from payments.models.cards import CardRefund
from payments.models.disputes import CardDispute


def tell_of_failed(refund: CardRefund, *, now: datetime) -> None:
    """Money that was to go back is still here: somebody must send it once more, or find another way."""
    sentence = _("Refund {}: {} € did not go back to the card ({}). Send it once more from the page of the payment.")
    write_to_accountants(
        _("A refund has failed"),
        [format_lazy(sentence, str(refund.pk), refund.amount, refund.answer)],
        link=reverse("admin:payments_cardrefund_change", args=[refund.pk]),
        now=now,
    )


def tell_of_orphans(count: int, *, now: datetime) -> None:
    """The night has found money at Braintree that no payment knows: it goes back, or belongs to a payment."""
    words = ngettext_lazy(
        "%(count)d transaction stands at Braintree that no payment of ours knows. Decide whether it goes back.",
        "%(count)d transactions stand at Braintree that no payment of ours knows. Decide whether they go back.",
        count,
    )
    link = reverse("admin:payments_cardorphan_changelist")
    write_to_accountants(_("Money that no payment knows"), [words % {"count": count}], link=link, now=now)


def tell_of_dispute(dispute: CardDispute, *, now: datetime) -> None:
    """A bank asks for the money back: there is a day until which it can be answered."""
    sentence = format_lazy(
        _("Dispute {}: a bank asks {} € back. The last day for an answer is {}."),
        dispute.number,
        dispute.amount,
        dispute.reply_by or "–",
    )
    link = reverse("admin:payments_carddispute_change", args=[dispute.pk])
    write_to_accountants(_("A payment by card is disputed"), [sentence], link=link, now=now)


def tell_of_disputes_due(disputes: Sequence[CardDispute], *, now: datetime) -> None:
    """Who says nothing until the last day has lost."""
    lines = [f"{dispute.number}: {dispute.amount} €, {dispute.reply_by}" for dispute in disputes]
    link = reverse("admin:payments_carddispute_changelist")
    write_to_accountants(_("Disputes must be answered within three days"), lines, link=link, now=now)
