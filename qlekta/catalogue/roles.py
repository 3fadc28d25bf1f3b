"""Who on the staff may do what: six roles, and no work that needs a superuser (Art. 25, 32; requirement G3)."""

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
        _("works on requests and enquiries; sees no other page"),
        (
            "dsar.view_subjectrequest",
            "dsar.change_subjectrequest",
            "dsar.view_caseevent",
            "enquiries.answer_enquiry",
            "enquiries.note_supportcontact",
        ),
    ),
    Role(
        "officer",
        _("decides: refusals, disputed comments, reports, holds, restrictions, erasures, disclosures, breaches"),
        (
            "consent.record_letter",
            "consent.trace_misuse",
            "dsar.approve_subjectrequest",
            "dsar.change_subjectrequest",
            "enquiries.answer_enquiry",
            "enquiries.note_supportcontact",
            "marketplace.decide_notice",
            "marketplace.decide_report",
            "marketplace.trace_comment",
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
            "surveys.read_answers",
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
        "accountant",
        _("reads invoices and the accounting register, sends sellers and cards their money, and nothing else"),
        ("payments.read_invoice", "payments.refund_card", "payments.send_payout", "payments.view_accountingentry"),
    ),
    Role(
        "marketing",
        _("writes and runs advertising campaigns, surveys and draws; sees numbers, no people"),
        ("newsletters.run_campaign", "surveys.run_survey"),
    ),
)
