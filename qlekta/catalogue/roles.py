"""Who on the staff may do what: five roles, and no work that needs a superuser (Art. 25, 32; requirement G3)."""

from dataclasses import dataclass
from enum import Enum, auto

from django.utils.translation import gettext_lazy as _

from datamap.terms import Text


class Sees(Enum):
    """The pages that a role may look at besides those its permissions name."""

    NOTHING_MORE = auto()
    LEDGERS = auto()
    EVERY_PAGE = auto()


@dataclass(frozen=True, slots=True)
class Role:
    """A group of the staff: its name, what it is for, its permissions as `app.codename`."""

    name: str
    task: Text
    permissions: tuple[str, ...] = ()
    sees: Sees = Sees.NOTHING_MORE


ROLES = (
    Role(
        "agent",
        _("works on requests; sees no other page"),
        ("dsar.view_subjectrequest", "dsar.change_subjectrequest", "dsar.view_caseevent"),
    ),
    Role(
        "officer",
        _("decides: refusals, holds, restrictions, erasures, disclosures, breaches"),
        (
            "consent.record_letter",
            "consent.trace_misuse",
            "dsar.approve_subjectrequest",
            "dsar.change_subjectrequest",
            "outbox.open_gate",
            "outbox.requeue_effect",
            "registers.change_authorityrequest",
            "registers.change_breach",
            "registers.disclose",
            "registers.keep_contracts",
            "registers.review_balancing",
            "retention.change_erasurerun",
            "retention.change_legalhold",
            "retention.change_restriction",
            "retention.erase_child",
        ),
        Sees.EVERY_PAGE,
    ),
    Role("auditor", _("reads the ledgers and changes nothing"), sees=Sees.LEDGERS),
    Role(
        "archive",
        _("opens the six-year archive and rows under a legal hold, for a case and by two"),
        ("retention.open_archive", "retention.open_held"),
    ),
    Role(
        "marketing", _("writes and runs advertising campaigns; sees numbers, no people"), ("newsletters.run_campaign",)
    ),
)
