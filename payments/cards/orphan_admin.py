"""The page on which it is decided about money that no payment knows: one of two buttons, each with its reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.cards import orphans
from payments.cards.refunding import FOUR_EYES_ABOVE
from payments.desk import OfAccountants, may_refund, staff
from payments.models.cards import CardPayment, RefundState
from payments.models.orphans import CardOrphan, OrphanState


class BackForm(forms.Form):
    """Why it goes back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Stays in the audit trail. No names or addresses, please.")
    )


class BelongsForm(BackForm):
    """To which payment it belongs, and how that is known."""

    payment = forms.UUIDField(label=_("Number of the payment"))
    field_order = ["payment", "reason"]


@admin.register(CardOrphan)
class CardOrphanAdmin(OfAccountants, admin.ModelAdmin):
    """What is undecided has its buttons; what waits for a second person has those of that person."""

    list_display = ("found_at", "transaction_id", "amount", "status", "state", "decided_at")
    list_filter = ("state",)
    search_fields = ("=transaction_id", "=order", "=payment__id")
    change_form_template = "payments/admin/card_orphan.html"

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.payment.payer_id if isinstance(obj, CardOrphan) and obj.payment is not None else None

    def get_urls(self) -> list[Any]:
        acts = {"back": self._back, "belongs": self._belongs, "agree": self._agree, "decline": self._decline}
        return [*(self.button(name, act) for name, act in acts.items()), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        orphan = options.get("obj")
        if orphan is not None and may_refund(request):
            if orphan.state == OrphanState.OPEN:
                initial = {"payment": _charged_of(orphan)}
                context |= {"belongs_form": BelongsForm(initial=initial), "limit": FOUR_EYES_ABOVE}
                context["back_form"] = None if orphan.refund_of else BackForm(auto_id="id_back_%s")
            elif orphan.state == OrphanState.PROPOSED:
                context["decides"] = orphan.proposed_by != request.user.pk
        return super().render_change_form(request, context, *args, **options)

    def _back(self, request: HttpRequest, pk: UUID) -> None:
        form = BackForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give a reason. Nothing was changed."))
            return
        refund = orphans.send_back(pk, by=staff(request), reason=form.cleaned_data["reason"], now=timezone.now())
        is_sent = refund.state == RefundState.ORDERED
        messages.success(
            request, _("The refund is on its way.") if is_sent else _("A second person must agree to this refund.")
        )

    def _belongs(self, request: HttpRequest, pk: UUID) -> None:
        form = BelongsForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give the number of a payment and a reason. Nothing was changed."))
            return
        said = form.cleaned_data
        orphan = orphans.book(pk, said["payment"], by=staff(request), reason=said["reason"], now=timezone.now())
        is_booked = orphan.state == OrphanState.BOOKED
        messages.success(request, _("It is noted.") if is_booked else _("A second person must agree to this."))

    def _agree(self, request: HttpRequest, pk: UUID) -> None:
        orphans.agree(pk, by=staff(request), now=timezone.now())
        messages.success(request, _("It is noted."))

    def _decline(self, request: HttpRequest, pk: UUID) -> None:
        orphans.decline(pk, by=staff(request), now=timezone.now())
        messages.success(request, _("Declined: it is to be decided anew."))


def _charged_of(orphan: CardOrphan) -> UUID | None:
    """The payment whose money a refund sends back."""
    if not orphan.refund_of:
        return None
    found: UUID | None = (
        CardPayment.objects.filter(transaction_id=orphan.refund_of).values_list("pk", flat=True).first()
    )
    return found
