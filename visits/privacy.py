"""What the visit log holds about visitors (policy clause 5.2; Art. 6(1)(f), and 6(1)(a) for what browsers report)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store, Via
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
    Holding(
        model="visits.PageUse",
        label=_("How you used our pages, as your browser reported"),
        about={"user": "user_id", "visitor": Via("receipt_token", by="consent.queries.receipt_tokens")},
        purposes=("COOKIE_ANALYTICS",),
        basis=LawfulBasis.CONSENT,
        source=Source.OBSERVED,
        period="VISIT_LOG",
        clock="at",
        purge_with="visits.purging.purge_uses",
        personal={
            "at": Personal(Category.BEHAVIOUR),
            "user_id": Personal(Category.ACCOUNT),
            "receipt_token": Personal(Category.VISITOR_KEY),
            "path": Personal(Category.BEHAVIOUR, note="without its query, secrets and e-mail addresses"),
            "time_zone": Personal(Category.DEVICE),
            "seconds": Personal(Category.BEHAVIOUR),
            "scroll": Personal(Category.BEHAVIOUR),
            "clicks": Personal(Category.BEHAVIOUR),
            "elements": Personal(Category.BEHAVIOUR, note="names of parts of our pages, from a fixed list"),
            "exit": Personal(Category.BEHAVIOUR),
            "pdf_viewer": Personal(Category.DEVICE),
        },
        neutral={"id"},
        why=_("Only if you agreed to analytics, and until you withdraw that: then it goes with the next purge."),
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
