"""What the programme holds about people: points, earned on consent and kept as a right from a contract (X10)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Text, keep, withhold

_ACT: Final = "Art. 17(3)(e) GDPR; Commercial Law s. 406"
_KEPT: Final = keep(_("points you have earned are a right from a contract until they lapse"), act=_ACT)


def _kept(label: Text, category: Category = Category.FINANCIAL) -> Personal:
    return Personal(category, on_erasure=_KEPT, label=label)


HOLDINGS = (
    Holding(
        model="loyalty.PointsEntry",
        label=_("Points of the loyalty programme"),
        about={"user": Via("subject_token", by="vault.tokens.subject_tokens")},
        purposes=("LOYALTY",),
        basis=LawfulBasis.CONTRACT,
        source=Source.OBSERVED,
        period="LOYALTY_POINTS",
        ends="ends_at",
        looks=True,
        personal={
            "subject_token": Personal(
                Category.VISITOR_KEY,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                on_erasure=_KEPT,
                label=_("whose"),
            ),
            "kind": _kept(_("kind")),
            "order_number": _kept(_("order")),
            "refund_number": _kept(_("refund")),
            "amount": _kept(_("amount, EUR")),
            "points": _kept(_("points")),
            "at": _kept(_("at")),
            "ends_at": _kept(_("counts until")),
            "proof": _kept(_("consent"), Category.CONSENT),
        },
        neutral={"id"},
        why=_("New points need your consent. Those you have stay yours when you withdraw it, until their term ends."),
    ),
)
