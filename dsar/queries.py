"""Questions about requests: their due dates, their order on the desk, and which of them belong to a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from datamap.once import once
from datamap.processors import Outcome as Told
from datamap.terms import Right, SubjectKey, Text
from datamap.trace import Subject, subject_of_user
from dsar.deadlines import Channel, Deadline, Pause, PauseKind, answer_due, not_later_than
from dsar.folder import checks_of, pauses_of
from dsar.models import (
    CaseEvent,
    CasePause,
    Objection,
    Package,
    RecipientNotice,
    Representative,
    SubjectRequest,
    VisitorNumber,
)
from dsar.terms import (
    AT_ONCE,
    CLOSED,
    DOWNLOAD_LIMIT,
    RUNNING,
    SETTLED,
    TRANSITIONS,
    IdentityMethod,
    IdentityOutcome,
    NoticeArticle,
    PackageState,
    Stage,
)
from retention.models import ErasureRun
from vault.tokens import email_tokens, subject_token, subject_tokens

ON_ONE_PAGE: Final = 100
"""So many messages and events of one request stand on its page; the older ones are behind a link."""

Row = TypeVar("Row", bound=models.Model)

DUE_ORDER = ("due_on", "received_at", "number")
"""PostgreSQL puts what has no due date last."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A request with its dates, as pages and the desk show it."""

    case: SubjectRequest
    deadline: Deadline
    overdue: bool

    @property
    def package(self) -> Package | None:
        return getattr(self.case, "package", None)


def deadline_of(case: SubjectRequest, pauses: Iterable[CasePause] | None = None) -> Deadline:
    """The dates of a request, computed anew; a changed table of holidays makes them earlier at once, later never by
    itself (clauses.md C3). Its `pauses` are read where the caller does not have them."""
    deadline = counted_deadline(case, pauses)
    return deadline if case.due_cap is None else not_later_than(deadline, case.due_cap)


def counted_deadline(case: SubjectRequest, pauses: Iterable[CasePause] | None = None) -> Deadline:
    """What the arithmetic and the present table of holidays say by themselves."""
    return answer_due(
        case.received_at,
        channel=Channel(case.channel),
        pauses=[
            Pause(PauseKind(item.kind), item.asked_at, item.answered_at)
            for item in (pauses_of(case) if pauses is None else pauses)
        ],
        extended_at=case.extended_at,
        extendable=Right(case.right) not in AT_ONCE,
    )


def viewed(case: SubjectRequest, *, now: datetime) -> CaseView:
    """The request with its dates; a closed one is never overdue."""
    deadline = deadline_of(case)
    return CaseView(case, deadline, overdue=not case.is_closed and deadline.is_overdue(now))


def subject_of(case: SubjectRequest) -> Subject:
    """Whom a request is about: the account, else the address that a code reached; nobody where neither was shown.

    A code that reached a representative says nothing about the person: staff link her (`dsar.linking`).
    """
    return once(("subject of", case.pk), lambda: _found_subject(case))


def _found_subject(case: SubjectRequest) -> Subject:
    if case.identified_at is None:
        return Subject()
    numbers = visitor_numbers(case)
    if case.user is not None:
        known = subject_of_user(case.user)
        return replace(known, visitors=known.visitors | numbers)
    if is_represented(case):
        return Subject(visitors=numbers)
    if not has_shown_by_code(case):
        return Subject()
    return Subject(emails=frozenset({case.email} - {""}), visitors=numbers)


def address_shown(case: SubjectRequest) -> str:
    """The address at which somebody without an account has shown that she reads the mail; empty for everybody else."""
    return "" if case.user_id is not None else min(subject_of(case).emails, default="")


def standing_objections(subject: Subject) -> QuerySet[Objection]:
    """What a person objected to and nobody overruled: by her account, and as who reads the mail at her addresses."""
    hers = Q(user__isnull=True, email_token__in=email_tokens(subject.emails))
    if subject.user_id is not None:
        hers |= Q(user_id=subject.user_id)
    return Objection.objects.filter(hers, overruled_at__isnull=True)


def is_represented(case: SubjectRequest) -> bool:
    """True where somebody acts for the person, whether the authority was checked or not (security I11)."""
    return hasattr(case, "representative")


def may_fetch(case: SubjectRequest) -> bool:
    """Whether the representative may download the copy: authority checked, allowed by a second member of the staff, and
    his address shown by a code of this very request."""
    allowed = Representative.objects.filter(case=case, checked_at__isnull=False, may_fetch_at__isnull=False)
    return allowed.exists() and has_shown_by_code(case)


def has_shown(case: SubjectRequest) -> bool:
    """Whether the person has shown who she is for this very request, whatever was asked of her later."""
    shown = (row.method for row in checks_of(case) if row.outcome == IdentityOutcome.SHOWN)
    return any(method != IdentityMethod.NOT_NEEDED for method in shown)


def has_shown_by_code(case: SubjectRequest) -> bool:
    """Whether a code of this very request came back from the address that it was sent to."""
    shown = (row.method for row in checks_of(case) if row.outcome == IdentityOutcome.SHOWN)
    return IdentityMethod.EMAIL_CODE in shown


def is_at_own_address(case: SubjectRequest) -> bool:
    """Whether the letters of a request reach whom it is about: False where it was led to an account that has confirmed
    no such address. Then the mailbox alone opens nothing (security D6, G4)."""
    if case.user_id is None:
        return True
    own = EmailAddress.objects.filter(user=case.user_id, verified=True, email__iexact=case.email)
    return case.email != "" and own.exists()


def visitor_numbers(case: SubjectRequest) -> frozenset[str]:
    """The numbers that a visitor named with her request: who names one has seen it in that browser (Art. 11(2))."""
    named: VisitorNumber | None = getattr(case, "visitor_number", None)
    return frozenset(named.numbers.split()) if named else frozenset()


def requests_of(user_id: UUID) -> QuerySet[SubjectRequest]:
    """A person's requests, the newest first."""
    found = SubjectRequest.objects.filter(subject_token=subject_token(user_id))
    return found.select_related("package").prefetch_related("pauses").order_by("-received_at", "-number")


def running_requests() -> QuerySet[SubjectRequest]:
    """What the desk works on, oldest first: \"without undue delay\" is a duty before the due date (clauses.md C6)."""
    running = SubjectRequest.objects.filter(stage__in=[stage.value for stage in RUNNING])
    return running.prefetch_related("pauses").order_by("received_at")


def by_due_date(requests: QuerySet[SubjectRequest]) -> QuerySet[SubjectRequest]:
    """In the order of their due dates; where the clock stands still, and where it has ended, last.

    The remembered dates are sorted, by an index; the dates that are shown come from `deadline_of`.
    """
    return requests.order_by(*DUE_ORDER)


def case_numbers(user_ids: Iterable[UUID]) -> QuerySet[SubjectRequest, str]:
    """The numbers of the requests of these people: the way from the ledger of events to a person."""
    found = SubjectRequest.objects.filter(subject_token__in=subject_tokens(user_ids))
    return found.values_list("number", flat=True)


def case_numbers_under(emails: Iterable[str]) -> QuerySet[SubjectRequest, str]:
    """The same for the requests under these addresses."""
    return SubjectRequest.objects.filter(email__in=emails).values_list("number", flat=True)


def intakes(user_ids: Iterable[UUID]) -> QuerySet[SubjectRequest, UUID | None]:
    """The messages that opened requests of these people."""
    found = SubjectRequest.objects.filter(subject_token__in=subject_tokens(user_ids), intake__isnull=False)
    return found.values_list("intake_id", flat=True)


def unsettled_notices(case: SubjectRequest) -> QuerySet[RecipientNotice]:
    """The notices to recipients that lack a final outcome: the request cannot close before (Art. 19)."""
    return RecipientNotice.objects.filter(case=case).exclude(outcome__in=[outcome.value for outcome in SETTLED])


@dataclass(frozen=True, slots=True)
class Came:
    """How often notices about one article ended in one way at a recipient."""

    article: Text
    outcome: Text
    count: int


def cases_waiting_for(recipients: Iterable[Text]) -> dict[str, list[str]]:
    """The numbers of the requests that cannot end until a contract with a recipient, by its name, is in force."""
    names = {name[:200]: name for name in map(str, recipients)}
    waiting = RecipientNotice.objects.filter(recipient__in=names, outcome=Told.WAITS).exclude(case__stage__in=CLOSED)
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    for recipient, number in waiting.order_by("case__number").values_list("recipient", "case__number").distinct():
        found[names[recipient]].append(number)
    return found


def came_of_notices(recipients: Iterable[Text]) -> dict[str, list[Came]]:
    """What came of the notices to each recipient, by its name; those without an outcome yet count too."""
    names = {name[:200]: name for name in map(str, recipients)}
    rows = RecipientNotice.objects.filter(recipient__in=names).values("recipient", "article", "outcome")
    found: dict[str, list[Came]] = {name: [] for name in names.values()}
    for row in rows.annotate(times=models.Count("pk")).order_by("article", "outcome"):
        outcome = Told(row["outcome"]).label if row["outcome"] else _("not told yet")
        found[names[row["recipient"]]].append(Came(NoticeArticle(row["article"]).label, outcome, row["times"]))
    return found


def is_withdrawable(case: SubjectRequest) -> bool:
    """Until something has begun that cannot be taken back: an erasure, a notice that is on its way (security P5)."""
    if Stage.WITHDRAWN not in TRANSITIONS[Stage(case.stage)]:
        return False
    return not (unsettled_notices(case).exists() or ErasureRun.objects.filter(case_number=case.number).exists())


def linked_to(case: SubjectRequest) -> QuerySet[SubjectRequest]:
    """The other requests that came with the same message."""
    if case.intake_id is None:
        return SubjectRequest.objects.none()
    return SubjectRequest.objects.filter(intake=case.intake_id).exclude(pk=case.pk)


def events_of(case: SubjectRequest) -> QuerySet[CaseEvent]:
    """What happened, in order."""
    return CaseEvent.objects.filter(case_number=case.number).order_by("id")


def latest(rows: QuerySet[Row], *, all_of_them: bool = False) -> tuple[list[Row], int]:
    """The rows that a page shows, in their order, and how many older ones it leaves out; two questions."""
    shown = list(newest(rows, all_of_them=all_of_them))[::-1]
    return shown, 0 if all_of_them else older_than(shown, rows)


def newest(rows: QuerySet[Row], *, all_of_them: bool = False) -> QuerySet[Row]:
    """What a page shows of very many, the newest first."""
    return rows.reverse() if all_of_them else rows.reverse()[:ON_ONE_PAGE]


def older_than(shown: list[Row], rows: QuerySet[Row]) -> int:
    """How many a page leaves out; nothing is asked where it has room for more."""
    return 0 if len(shown) < ON_ONE_PAGE else rows.order_by().count() - len(shown)


def is_downloadable(package: Package, *, now: datetime) -> bool:
    """Ready, not expired, not used up; judged at the moment of reading, whatever beat does (security D3)."""
    return (
        package.state == PackageState.READY
        and package.link_ends_at is not None
        and now < package.link_ends_at
        and package.downloads < DOWNLOAD_LIMIT
    )


def holds_identity(number: str, subject: Subject) -> bool:
    """True where this number is a request for erasure by this very person, whose identity was shown."""
    about = Q(subject_token__in=subject_tokens(subject.keys(SubjectKey.USER))) | Q(email__in=subject.emails)
    return SubjectRequest.objects.filter(
        about, number=number, right=Right.ERASURE, identified_at__isnull=False, stage__in=[Stage.OPEN, Stage.EXECUTING]
    ).exists()


def files_of(subject: Subject) -> int:
    """How many sealed files with copies lie there for the person."""
    about = Q(request__subject_token__in=subject_tokens(subject.keys(SubjectKey.USER)))
    return Package.objects.filter(about).exclude(file_name="").count()
