"""What our side is written about cards: by number, with the way to the page on which it is decided."""

from datetime import datetime

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from payments.accountants import write_to_accountants
from payments.models.cards import CardRefund


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
