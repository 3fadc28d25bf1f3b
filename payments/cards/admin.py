"""For staff: payments by card by their numbers, refunds by one or by two, and the nightly comparisons (Q9.3)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from payments.amounts import NoAmount
from payments.cards.refunding import FOUR_EYES_ABOVE, agree, decline, left_of, propose
from payments.desk import OfAccountants, may_refund, staff
from payments.models.cards import CHARGED, CardNotice, CardPayment, CardReconciliation, CardRefund, RefundState
from payments.models.orphans import CardOrphan


class RefundForm(forms.Form):
    """How much goes back, and why."""

    amount = forms.DecimalField(label=_("amount in euro"), max_digits=9, decimal_places=2, localize=True)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Stays in the audit trail. No names or addresses, please.")
    )


@admin.register(CardPayment)
class CardPaymentAdmin(OfAccountants, admin.ModelAdmin):
    """Who paid is a number; after an erasure not even that, and a refund goes all the same."""

    list_display = ("began_at", "id", "amount", "state", "transaction_id", "paid_at", "dispute")
    list_filter = ("state", "dispute")
    search_fields = ("=id", "=transaction_id", "=payable_id")
    search_help_text = _("The number of a payment, a transaction or an order, in full")
    exclude = ("nonce",)
    change_form_template = "payments/admin/card_payment.html"

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.payer_id if isinstance(obj, CardPayment) else None

    def get_urls(self) -> list[Any]:
        return [self.button("refund", self._propose), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        payment = options.get("obj")
        if payment is not None and payment.state in CHARGED and may_refund(request) and (left := left_of(payment)):
            context |= {"refund_form": RefundForm(initial={"amount": left}), "limit": FOUR_EYES_ABOVE}
        if payment is not None:
            context["refunds"] = payment.refunds.order_by("proposed_at")
        return super().render_change_form(request, context, *args, **options)

    def _propose(self, request: HttpRequest, pk: UUID) -> None:
        form, payment = RefundForm(request.POST), get_object_or_404(CardPayment, pk=pk)
        if not form.is_valid():
            messages.error(request, _("Give an amount and a reason. Nothing was changed."))
            return
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        try:
            refund = propose(payment, amount, by=staff(request), reason=reason, now=timezone.now())
        except NoAmount:
            messages.error(request, _("Give an amount and a reason. Nothing was changed."))
            return
        is_sent = refund.state == RefundState.ORDERED
        messages.success(
            request, _("The refund is on its way.") if is_sent else _("A second person must agree to this refund.")
        )


@admin.register(CardRefund)
class CardRefundAdmin(OfAccountants, admin.ModelAdmin):
    """What waits for a second person has two buttons."""

    list_display = ("proposed_at", "id", "amount", "state", "done_at", "answer")
    list_filter = ("state",)
    search_fields = ("=id", "=transaction_id", "=payment__id")
    change_form_template = "payments/admin/card_refund.html"

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.payment.payer_id if isinstance(obj, CardRefund) and obj.payment is not None else None

    def get_urls(self) -> list[Any]:
        return [self.button("agree", self._agree), self.button("decline", self._decline), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        refund = options.get("obj")
        if refund is not None and refund.state == RefundState.PROPOSED and may_refund(request):
            context["decides"] = refund.proposed_by != request.user.pk
        return super().render_change_form(request, context, *args, **options)

    def _agree(self, request: HttpRequest, pk: UUID) -> None:
        agree(pk, by=staff(request), now=timezone.now())
        messages.success(request, _("The refund is on its way."))

    def _decline(self, request: HttpRequest, pk: UUID) -> None:
        decline(pk, by=staff(request), now=timezone.now())
        messages.success(request, _("The refund was declined; nothing goes back."))


@admin.register(CardReconciliation)
class CardReconciliationAdmin(OfAccountants, admin.ModelAdmin):
    """Read-only: what differs between our record and that of Braintree."""

    list_display = ("at", "charges", "taken_over", "orphans", "missing", "unclear", "disputed", "failed", "error")
    readonly_fields = ("money_that_no_payment_knows",)

    @admin.display(description=_("money that no payment knows"))
    def money_that_no_payment_knows(self, run: CardReconciliation) -> str:
        """What this night has found, each with the way to its decision."""
        rows = [
            (reverse("admin:payments_cardorphan_change", args=[one.pk]), localize(one.amount), one.get_state_display())
            for one in CardOrphan.objects.filter(found_in=run).order_by("found_at", "pk")
        ]
        return format_html_join("", '<a href="{}">{} €: {}</a><br>', rows) or "–"


@admin.register(CardNotice)
class CardNoticeAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only: the calls of the last days, by their kind."""

    list_display = ("at", "kind")
    list_filter = ("kind",)
