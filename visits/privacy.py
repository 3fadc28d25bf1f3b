"""What the visit log holds about visitors (policy clause 5.2; Art. 6(1)(f))."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store
from datamap.terms import Category, LawfulBasis, Source

HOLDINGS = (
    Holding(
        model="visits.Visit",
        label=_("Visits to the site"),
        about={"user": "user_id"},
        purposes=("STABILITY", "SECURITY"),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.OBSERVED,
        period="VISIT_LOG",
        clock="at",
        purge_with="visits.purging.purge",
        personal={
            "at": Personal(Category.BEHAVIOUR),
            "kind": Personal(Category.BEHAVIOUR),
            "user_id": Personal(Category.ACCOUNT),
            "visitor_key": Personal(Category.VISITOR_KEY),
            "ip": Personal(Category.NETWORK),
            "browser": Personal(Category.DEVICE),
            "browser_version": Personal(Category.DEVICE),
            "os": Personal(Category.DEVICE),
            "platform": Personal(Category.DEVICE),
            "method": Personal(Category.BEHAVIOUR),
            "path": Personal(Category.BEHAVIOUR, note="without secrets and e-mail addresses"),
            "referrer": Personal(Category.BEHAVIOUR, note="origin and path of the page before, without its query"),
            "search": Personal(Category.BEHAVIOUR, note="the words searched for; e-mail addresses are taken out"),
            "item": Personal(Category.BEHAVIOUR),
            "status": Personal(Category.BEHAVIOUR),
            "response_ms": Personal(Category.BEHAVIOUR),
        },
        neutral={"id"},
    ),
)

NOT_PERSONAL = (
    NotPersonal(
        "visits.DailyStatistic",
        "counts by day and fixed group, each of ten visitors or more: no number, hash, address or free text (Q10.8)",
    ),
)

STORES = (
    Store(
        code="visits.spool",
        label=_("Visits waiting for the database"),
        holds=_("visits of the minutes in which the database did not answer, in one file of the server"),
        period="VISIT_LOG",
        purposes=("STABILITY", "SECURITY"),
        erase_with="visits.spool.erase",
        count_with="visits.spool.count",
        oldest_with="visits.spool.oldest",
    ),
)
