"""What the outbox knows about people: ids, never names or words (Art. 5(1)(c), 19)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal
from datamap.terms import DETACH, Category, LawfulBasis, Source, keep

_KEPT: Final = keep(
    _("numbers that lead to nothing once your data are erased; needed to carry an order out and to prove it"),
    act="Art. 19, 5(2) GDPR",
    until="EFFECTS",
)

HOLDINGS = (
    Holding(
        model="outbox.Effect",
        label=_("Orders to services outside the site"),
        about={"user": "subject"},
        purposes=("SERVICE", "ACCOUNTABILITY"),
        basis=LawfulBasis.CONTRACT,
        source=Source.DERIVED,
        period="EFFECTS",
        clock="finished_at",
        why=_("so that each order to a service outside is carried out, once"),
        personal={
            "subject": Personal(Category.ACCOUNT, on_erasure=DETACH, label=_("account")),
            "aggregate": Personal(Category.ACCOUNT, on_erasure=_KEPT, label=_("what the order belongs to")),
            "payload": Personal(
                Category.ACCOUNT,
                on_erasure=_KEPT,
                label=_("numbers of the records concerned"),
                note="Ids and counts of our own rows; enqueue refuses anything that looks like an address.",
            ),
        },
        neutral={
            "id",
            "kind",
            "state",
            "sequence",
            "attempts",
            "created_at",
            "due_at",
            "leased_until",
            "lease_token",
            "finished_at",
            "last_error",
        },
    ),
)

NOT_PERSONAL = (NotPersonal("outbox.ProviderGate", "whether a service outside answers; counts and times"),)
