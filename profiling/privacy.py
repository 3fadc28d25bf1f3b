"""What the profile holds about people: the items they looked at while they consented, and what came of them (Q7.5)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal
from datamap.terms import Category, LawfulBasis, Source

HOLDINGS = (
    Holding(
        model="profiling.ItemView",
        label=_("Items you looked at, for personal offers"),
        about={"user": "user"},
        purposes=("PROFILING",),
        basis=LawfulBasis.CONSENT,
        source=Source.OBSERVED,
        period="PROFILE",
        clock="at",
        personal={
            "user": Personal(Category.ACCOUNT, label=_("account")),
            "item": Personal(Category.BEHAVIOUR, label=_("item")),
            "category": Personal(Category.BEHAVIOUR, label=_("category")),
            "at": Personal(Category.BEHAVIOUR, label=_("at")),
        },
        neutral={"id"},
        why=_("so that offers fit you; recorded only while you agree, and erased when you withdraw"),
    ),
    Holding(
        model="profiling.Interest",
        label=_("Your profile for personal offers"),
        about={"user": "user"},
        purposes=("PROFILING",),
        basis=LawfulBasis.CONSENT,
        source=Source.INFERRED,
        period="PROFILE",
        clock="last_at",
        personal={
            "user": Personal(Category.ACCOUNT, label=_("account")),
            "category": Personal(Category.BEHAVIOUR, label=_("category")),
            "items": Personal(Category.BEHAVIOUR, label=_("items looked at")),
            "last_at": Personal(Category.BEHAVIOUR, label=_("last looked at")),
            "computed_at": Personal(Category.BEHAVIOUR, label=_("computed at")),
        },
        neutral={"id"},
        why=_(
            "The categories of which you looked at three different items or more, at most five: their offers are shown"
            " to you first, and nothing else follows from it."
        ),
    ),
)

ENDERS = ("profiling.services.end",)
