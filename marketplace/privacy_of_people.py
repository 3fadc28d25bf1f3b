"""What public pages hold about people (clauses Q8.12, Q14.8, Q18.2)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal
from datamap.terms import Category, LawfulBasis, Source

HOLDINGS = (
    Holding(
        model="marketplace.Handle",
        label=_("Address of your public page"),
        about={"user": "user"},
        purposes=("SERVICE",),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="VOLUNTARY",
        why=_("Everybody who has the address sees your public name and what you offer. Nobody gets it after you."),
        personal={
            "user": Personal(Category.ACCOUNT, label=_("account")),
            "name": Personal(Category.ACCOUNT),
            "chosen_at": Personal(Category.ACCOUNT),
        },
    ),
)

NOT_PERSONAL = (
    NotPersonal(
        "marketplace.TakenHandle",
        "keyed codes of all addresses of public pages that were ever chosen; nothing says whose they were or when",
    ),
)
