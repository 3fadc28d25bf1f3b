"""The page on which a dispute is answered: its last day, and two buttons; above the limit those of a second person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.cards import disputing
from payments.cards.refunding import FOUR_EYES_ABOVE
from payments.desk import OfAccountants, may_refund, staff
from payments.models.disputes import EVIDENCE_LENGTH, OPEN, AnswerState, CardDispute


class EvidenceForm(forms.Form):
    """What we say for ourselves."""

    evidence = forms.CharField(
        label=_("what we say"),
        max_length=EVIDENCE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "It goes to Braintree and to the bank, and is deleted here when it is there. Say when and how it was sent"
            " and received; no names, addresses or anything of a card."
        ),
    )


@admin.register(CardDispute)
class CardDisputeAdmin(OfAccountants, admin.ModelAdmin):
    """The next last day above."""

    list_display = ("reply_by", "amount", "status", "state", "kind", "why", "heard_at")
    list_filter = ("status", "state")
    search_fields = ("=number", "=payment__id", "=payment__transaction_id")
    exclude = ("evidence",)
    change_form_template = "payments/admin/card_dispute.html"

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.payment.payer_id if isinstance(obj, CardDispute) and obj.payment is not None else None

    def get_urls(self) -> list[Any]:
        acts = {"accept": self._accept, "answer": self._answer, "agree": self._agree, "decline": self._decline}
        return [*(self.button(name, act) for name, act in acts.items()), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        dispute = options.get("obj")
        if dispute is not None and may_refund(request):
            if dispute.takes_an_answer:
                context |= {"evidence_form": EvidenceForm(), "limit": FOUR_EYES_ABOVE}
            elif dispute.state == AnswerState.PROPOSED and dispute.status == OPEN:
                context |= {"decides": dispute.proposed_by != request.user.pk, "evidence": dispute.evidence}
        return super().render_change_form(request, context, *args, **options)

    def _accept(self, request: HttpRequest, pk: UUID) -> None:
        self._say(request, disputing.answer(pk, accepts=True, by=staff(request), now=timezone.now()))

    def _answer(self, request: HttpRequest, pk: UUID) -> None:
        form = EvidenceForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Say why the dispute is wrong. Nothing was changed."))
            return
        said = form.cleaned_data["evidence"]
        self._say(request, disputing.answer(pk, accepts=False, evidence=said, by=staff(request), now=timezone.now()))

    def _agree(self, request: HttpRequest, pk: UUID) -> None:
        self._say(request, disputing.agree(pk, by=staff(request), now=timezone.now()))

    def _decline(self, request: HttpRequest, pk: UUID) -> None:
        disputing.decline(pk, by=staff(request), now=timezone.now())
        messages.success(request, _("Declined: it is to be answered anew."))

    def _say(self, request: HttpRequest, dispute: CardDispute) -> None:
        is_sent = dispute.state == AnswerState.ORDERED
        messages.success(
            request, _("The answer is on its way.") if is_sent else _("A second person must agree to this.")
        )
