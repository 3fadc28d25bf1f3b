"""What the desk does next with a request: a sentence, and the steps that come first, for whoever looks at it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from datamap.terms import Right, Text
from dsar.folder import checks_of, corrections_of, objections_in_force
from dsar.fulfilment import is_done, is_erased_meanwhile
from dsar.leading import proposed_account
from dsar.models import SubjectRequest
from dsar.ordering import can_be_ordered, has_failed
from dsar.terms import PACKAGED, IdentityOutcome, Stage

OF_TWO = {"approve-refusal": "refusal_proposed_by", "approve-erasure": "erasure_proposed_by"}
"""The steps that the second person takes, and the field that names the first."""

_FIRST = ("check-authority", "link-person", "settle-notice")
"""What must be done before anything is answered, in this order."""

_OF_STAGE: dict[Stage, tuple[Text, tuple[str, ...]]] = {
    Stage.RECEIVED: (_("It must be shown whose request this is."), ("ask-identity", "accept-identity")),
    Stage.IDENTITY_PENDING: (
        _("We wait until it is shown whose request this is. What the person tells you can show it too."),
        ("accept-identity",),
    ),
    Stage.CLARIFICATION_PENDING: (_("We wait for the person's answer."), ("take-answer",)),
    Stage.EXECUTING: (_("A worker carries the erasure out. Nothing is to be done."), ()),
    Stage.REOPENED: (_("The request is taken up again."), ()),
}

_OF_RIGHT: dict[Right, tuple[Text, tuple[str, ...]]] = {
    Right.RECTIFICATION: (_("Correct what is wrong, then answer."), ("correct", "answer")),
    Right.RESTRICTION: (_("Restrict the processing, then answer."), ("restrict", "answer")),
    Right.OBJECTION: (
        _("The processing has stopped. Answer that it stays so, or propose compelling grounds against it."),
        ("answer", "propose-grounds"),
    ),
    Right.COMPLAINT: (
        _("Is it about one of us? Name that colleague first: then she no longer sees it. Look into it, then answer."),
        ("complained-of", "answer"),
    ),
    Right.GENERAL: (_("Answer, or turn the message into the requests that it holds."), ("answer", "turn-into")),
}

_ONE_ACT = (Right.RESTRICTION,)
"""What is done by one step: after it only the answer is missing."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence for whoever works on the request, and the names of the steps that come first."""

    sentence: Text
    steps: tuple[str, ...] = ()


def is_second(case: SubjectRequest, name: str, me: UUID) -> bool:
    """False where a step needs a second person and this is the first one (security G4)."""
    if name == "overrule":
        return any(row.proposed_by not in {None, me} for row in objections_in_force(case))
    if name == "agree-account":
        return any(row.outcome == IdentityOutcome.PROPOSED and row.by != me for row in checks_of(case))
    return name not in OF_TWO or getattr(case, OF_TWO[name]) != me


def next_step(case: SubjectRequest, offered: Collection[str], *, me: UUID) -> NextStep:
    """What comes first among the steps that are `offered` to this person; changes nothing."""
    if case.is_closed:
        return NextStep(_("This request is closed. Nothing is to be done."))
    found = _next(case, offered, me=me)
    return NextStep(found.sentence, tuple(name for name in found.steps if name in offered))


def _next(case: SubjectRequest, offered: Collection[str], *, me: UUID) -> NextStep:
    if waiting := _for_two(case, offered, me=me):
        return waiting
    for name in _FIRST:
        if name in offered:
            return NextStep(_BEFORE[name], (name,))
    if case.stage != Stage.OPEN:
        return NextStep(*_OF_STAGE[Stage(case.stage)])
    if case.user_id is None and is_erased_meanwhile(case):
        return NextStep(
            _("The person's data were erased meanwhile. Say so: two of us close it, since we hold nothing any more."),
            ("propose-refusal",),
        )
    if case.right in _ONE_ACT and is_done(case):
        return NextStep(_("It is done. Tell the person, then the request is closed."), ("answer",))
    return _of_right(case)


def _of_right(case: SubjectRequest) -> NextStep:
    """What an open request needs that nobody waits for."""
    if has_failed(case):
        failed = _("The copy could not be put together. Find out why in the log, then order it again.")
        return NextStep(failed, ("copy-again",))
    if can_be_ordered(case):
        again = _("Taken up again: find out what was missing in the file, then order it once more, or answer.")
        return NextStep(again, ("copy-again", "answer"))
    if case.right in PACKAGED and hasattr(case, "package"):
        return NextStep(_("The copy is put together by itself and answers the request."))
    if case.right == Right.ERASURE:
        return NextStep(
            _("The person confirms the erasure on the page of the request. Who cannot do that: two of us erase."),
            ("propose-erasure",),
        )
    if case.right in _OF_RIGHT and case.complaint_about is None:
        sentence, names = _OF_RIGHT[Right(case.right)]
        return NextStep(sentence, names[::-1] if corrections_of(case) else names)
    return NextStep(_("Look into it, then answer."), ("answer",))


def _for_two(case: SubjectRequest, offered: Collection[str], *, me: UUID) -> NextStep | None:
    """A proposal waits for a second person: for this one, or for a colleague of hers."""
    wait = NextStep(_("Your proposal waits for a second person."))
    if case.refusal_proposed_by is not None:
        steps = ("approve-refusal", "return-refusal")
        return wait if case.refusal_proposed_by == me else NextStep(_("A refusal waits for a second person."), steps)
    if case.erasure_proposed_by is not None and case.stage == Stage.OPEN:
        sentence = _("An erasure waits for a second person.")
        return wait if case.erasure_proposed_by == me else NextStep(sentence, ("approve-erasure",))
    if proposed_account(case) is not None:
        sentence = _("A second person must find the account that this request is about.")
        return NextStep(sentence, ("agree-account", "doubt-identity")) if "agree-account" in offered else wait
    if "overrule" in offered:
        return NextStep(_("Grounds against the objection wait for a second person."), ("overrule", "answer"))
    return None


_BEFORE: dict[str, Text] = {
    "check-authority": _("Check first whether the representative may act for the person."),
    "link-person": _("Say whose data this is about: the request leads to no account yet."),
    "settle-notice": _("First record what came of every notice to those who received the data."),
}
