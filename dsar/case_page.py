"""What the page of a request says, whether a log-in or the key of the request opened it (clauses.md D4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.terms import Right, Text
from dsar.attachments import open_ask
from dsar.caution import caution_of
from dsar.codes import awaits_code, siblings
from dsar.deadlines import Channel
from dsar.documents import purposes_for
from dsar.forms import FilesForm
from dsar.models import (
    Attachment,
    CaseEvent,
    CaseMessage,
    Caution,
    DocumentAsk,
    Package,
    Representative,
    SubjectRequest,
)
from dsar.queries import CaseView, events_of, is_at_own_address, is_downloadable, is_withdrawable, latest, viewed
from dsar.terms import DOWNLOAD_LIMIT, PACKAGED, UNHEARD, Direction, PackageState, Stage

_READINGS: Final = 3
_NOT_SHOWN = frozenset({Stage.RECEIVED, Stage.IDENTITY_PENDING, Stage.CLOSED_UNIDENTIFIED})

_NEXT: dict[Stage, Text] = {
    Stage.RECEIVED: _("We look at your request and tell you if we need anything from you."),
    Stage.IDENTITY_PENDING: _("We wait for you to show that the request is yours; then we begin at once."),
    Stage.OPEN: _("A person on our side works on it. You get an e-mail as soon as the answer lies here."),
    Stage.CLARIFICATION_PENDING: _(
        "We asked you a question. Your answer below lets the time for our answer run again."
    ),
    Stage.EXECUTING: _("Your data are being erased. This can no longer be stopped."),
    Stage.ANSWERED: _(
        "This request is answered. If something is missing, ask us again, complain to us or go to court."
    ),
    Stage.PARTLY_REFUSED: _("Read in the answer what we could not do and why. You can complain to us or go to court."),
    Stage.REFUSED: _("Read in the answer why. You can complain to us, to the authority or go to court."),
    Stage.WITHDRAWN: _("You withdrew this request, so nothing more happens. You can file a new one at any time."),
    Stage.CLOSED_UNIDENTIFIED: _(
        "We could not tell whose data this is about, and then we must not hand anything out (Art. 11(2), 12(2) GDPR)."
        " Write to us with something that only you can know, or name the receipt number of your cookie choice: then we"
        " take it up again."
    ),
    Stage.CLOSED_UNANSWERED: _(
        "We asked you what you mean and heard nothing for 30 days, so we could not act. Answer below at any time: then"
        " we take it up again."
    ),
    Stage.REOPENED: _("We have taken your request up again."),
}
_NEXT_COPY = _("Your copy is being put together. You get an e-mail as soon as it is ready, usually within minutes.")
_NEXT_FETCH = _("Your copy lies ready. Download it while it is there.")
_NEXT_DATA = _("Your data are being put together. You get an e-mail as soon as they are ready, usually within minutes.")
_NEXT_FETCH_DATA = _("Your data lie ready. Download them while they are there.")
_NEXT_FAILED = _("A person on our side looks into it and puts it together. You get an e-mail as soon as it is ready.")
_NEXT_AGAIN = _("We have taken your request up again: a person on our side looks at what was missing in the file.")
_NEXT_ERASURE = _("Nothing is erased yet: look at the list of what goes and what stays, and confirm it.")
_NEXT_AUTHORITY = _("You act for somebody else: we check your authority first, and then we go on.")
_NEXT_DOCUMENT = _("We asked you for a masked copy of an identity document. Hand it in below, or write to us instead.")
_NEXT_FACTS = _("The code was not enough. Write to us something that only you can know about the data.")


@dataclass(frozen=True, slots=True)
class CasePage:
    """A request as its person sees it; without her identity shown it says no more than that it is there."""

    case: SubjectRequest
    view: CaseView
    is_shown: bool
    awaits_code: bool
    events: list[CaseEvent]
    messages: list[CaseMessage]
    older: int
    linked: list[SubjectRequest]
    package: Package | None
    downloadable: bool
    caution: Caution | None
    waits_until: datetime | None
    is_represented: bool
    is_at_own_address: bool
    files: list[Attachment]
    document_ask: DocumentAsk | None
    file_form: FilesForm
    next: Text

    @property
    def downloads_left(self) -> int:
        return DOWNLOAD_LIMIT - self.package.downloads if self.package else 0

    @property
    def is_building(self) -> bool:
        return self.package is not None and self.package.state in {PackageState.QUEUED, PackageState.BUILDING}

    @property
    def is_working(self) -> bool:
        """True while a worker is at it, so that the page looks again by itself."""
        return self.case.stage == Stage.EXECUTING or (self.is_shown and self.is_building and not self.case.is_closed)

    @property
    def may_write(self) -> bool:
        """Until it is over, and after: who was not heard can still answer (clauses.md C8)."""
        if self.case.is_closed:
            return self.case.stage == Stage.CLOSED_UNANSWERED
        return self.case.stage != Stage.EXECUTING

    @property
    def may_hand_in(self) -> bool:
        """True as long as a file could still matter."""
        return not (self.case.is_closed and self.case.stage not in UNHEARD) and self.case.stage != Stage.EXECUTING

    @property
    def may_ask_after(self) -> bool:
        """True for a closed request of which somebody could still be answered."""
        return self.case.is_closed and not self.may_write and bool(self.case.email)

    @property
    def may_withdraw(self) -> bool:
        return is_withdrawable(self.case)

    @property
    def awaits_confirmation(self) -> bool:
        """True for an erasure that waits for the person to look at its plan."""
        is_open = self.case.stage == Stage.OPEN and self.case.right == Right.ERASURE
        return is_open and self.is_at_own_address and not self.is_represented


def page_of(case: SubjectRequest, *, now: datetime, whole: bool = False) -> CasePage:
    """Everything the page of a request says at this moment, of very much the latest unless `whole`; changes nothing.

    A worker may finish while we read: a page whose last event tells of another stage than the request is read again, so
    that nobody sees half of each.
    """
    page = _read(case, now=now, whole=whole)
    for _again in range(_READINGS):
        if not page.events or page.events[-1].stage_after == page.case.stage:
            break
        page = _read(case, now=now, whole=whole)
    return page


def _read(case: SubjectRequest, *, now: datetime, whole: bool) -> CasePage:
    """The request with its copy in one question; its events last, because each move writes one."""
    case = SubjectRequest.objects.select_related("package", "user").prefetch_related("pauses").get(pk=case.pk)
    package: Package | None = getattr(case, "package", None)
    is_shown = case.identified_at is not None and case.stage not in _NOT_SHOWN
    said = CaseMessage.objects.filter(case=case) if is_shown else CaseMessage.objects.none()
    messages, older_messages = latest(said.exclude(direction=Direction.NOTE).order_by("at", "pk"), all_of_them=whole)
    represented = Representative.objects.filter(case=case).first()
    downloadable = package is not None and is_downloadable(package, now=now)
    unchecked = represented is not None and represented.checked_at is None
    wait = caution_of(case)
    is_own = case.channel == Channel.PORTAL_AUTH or is_at_own_address(case)
    events, older_events = latest(events_of(case), all_of_them=whole)
    return CasePage(
        case=case,
        view=viewed(case, now=now),
        is_shown=is_shown,
        awaits_code=awaits_code(case),
        events=events,
        messages=messages,
        older=older_events + older_messages,
        linked=siblings(case),
        package=package if is_shown else None,
        downloadable=downloadable,
        caution=wait,
        waits_until=wait.waits_until if wait and now < wait.waits_until else None,
        is_represented=represented is not None,
        is_at_own_address=is_own,
        files=list(case.attachments.all()) if is_shown else [],
        document_ask=open_ask(case),
        file_form=FilesForm(allowed=purposes_for(case), prefix="file"),
        next=_next(
            case,
            package,
            is_unchecked=unchecked,
            downloadable=downloadable,
            is_confirmable=is_own and represented is None,
        ),
    )


def _next(
    case: SubjectRequest, package: Package | None, *, is_unchecked: bool, downloadable: bool, is_confirmable: bool
) -> Text:
    """What happens next, in a sentence for the person."""
    if case.stage == Stage.IDENTITY_PENDING and not awaits_code(case):
        return _NEXT_FACTS if open_ask(case) is None else _NEXT_DOCUMENT
    if case.stage == Stage.OPEN and is_unchecked:
        return _NEXT_AUTHORITY
    if case.stage == Stage.OPEN and case.right in PACKAGED:
        return _while_it_is_built(case, package)
    if case.stage == Stage.OPEN and case.right == Right.ERASURE:
        return _NEXT_ERASURE if is_confirmable else _NEXT[Stage.OPEN]
    if case.stage == Stage.ANSWERED and downloadable:
        return _NEXT_FETCH_DATA if case.right == Right.PORTABILITY else _NEXT_FETCH
    return _NEXT[Stage(case.stage)]


def _while_it_is_built(case: SubjectRequest, package: Package | None) -> Text:
    if package is None:
        return _NEXT[Stage.OPEN]
    if package.state == PackageState.READY:
        return _NEXT_AGAIN
    if package.state == PackageState.FAILED:
        return _NEXT_FAILED
    return _NEXT_DATA if case.right == Right.PORTABILITY else _NEXT_COPY
