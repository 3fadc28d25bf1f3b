"""Our stages in the words of OpenDSR and of the Data Rights Protocol (section 3.02), in one table (Art. 12(2))."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dsar.terms import Outcome, RefusalReason, Stage


class OpenDsr(StrEnum):
    """The states of a request in OpenDSR."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Drp(StrEnum):
    """The states of a request in the Data Rights Protocol."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"
    REVOKED = "revoked"
    DENIED = "denied"
    EXPIRED = "expired"


class DrpReason(StrEnum):
    """Why a request is in its state; only those that we ever have reason to give."""

    NONE = ""
    NEED_USER_VERIFICATION = "need_user_verification"
    INSUF_VERIFICATION = "insuf_verification"
    CLAIM_NOT_COVERED = "claim_not_covered"
    TOO_MANY_REQUESTS = "too_many_requests"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands, for a machine that knows only the standards."""

    opendsr: OpenDsr
    drp: Drp
    drp_reason: DrpReason = DrpReason.NONE


STANDINGS: Final[dict[Stage, Standing]] = {
    Stage.RECEIVED: Standing(OpenDsr.PENDING, Drp.OPEN),
    Stage.IDENTITY_PENDING: Standing(OpenDsr.PENDING, Drp.IN_PROGRESS, DrpReason.NEED_USER_VERIFICATION),
    Stage.OPEN: Standing(OpenDsr.IN_PROGRESS, Drp.IN_PROGRESS),
    Stage.CLARIFICATION_PENDING: Standing(OpenDsr.IN_PROGRESS, Drp.IN_PROGRESS),
    Stage.EXECUTING: Standing(OpenDsr.IN_PROGRESS, Drp.IN_PROGRESS),
    Stage.REOPENED: Standing(OpenDsr.IN_PROGRESS, Drp.IN_PROGRESS),
    Stage.ANSWERED: Standing(OpenDsr.COMPLETED, Drp.FULFILLED),
    # Part of it was done and said so: the reason of the rest stands in the answer.
    Stage.PARTLY_REFUSED: Standing(OpenDsr.COMPLETED, Drp.FULFILLED),
    # OpenDSR has no word for a refusal; "completed" would say that something was done.
    Stage.REFUSED: Standing(OpenDsr.CANCELLED, Drp.DENIED, DrpReason.OTHER),
    Stage.WITHDRAWN: Standing(OpenDsr.CANCELLED, Drp.REVOKED),
    Stage.CLOSED_UNIDENTIFIED: Standing(OpenDsr.CANCELLED, Drp.DENIED, DrpReason.INSUF_VERIFICATION),
    Stage.CLOSED_UNANSWERED: Standing(OpenDsr.CANCELLED, Drp.DENIED, DrpReason.OTHER),
}
"""Stage -> its names elsewhere, where the outcome does not say otherwise."""

_BY_OUTCOME: Final[dict[Outcome, Standing]] = {
    Outcome.REFUSED: STANDINGS[Stage.REFUSED],
    Outcome.WITHDRAWN_BY_SUBJECT: STANDINGS[Stage.WITHDRAWN],
}
"""An answer that gave nothing is none, whatever its stage is called."""

_BY_GROUND: Final[dict[RefusalReason, DrpReason]] = {
    RefusalReason.IDENTITY: DrpReason.INSUF_VERIFICATION,
    RefusalReason.UNFOUNDED: DrpReason.OTHER,
    RefusalReason.EXCESSIVE: DrpReason.TOO_MANY_REQUESTS,
    RefusalReason.EXEMPTED: DrpReason.CLAIM_NOT_COVERED,
    RefusalReason.CLAIMS: DrpReason.CLAIM_NOT_COVERED,
    RefusalReason.OTHERS: DrpReason.CLAIM_NOT_COVERED,
    RefusalReason.EXPRESSION: DrpReason.CLAIM_NOT_COVERED,
    RefusalReason.NOTHING_HELD: DrpReason.OTHER,
    RefusalReason.UNMET: DrpReason.CLAIM_NOT_COVERED,
}


def standing_of(
    stage: Stage, outcome: Outcome = Outcome.NONE, ground: RefusalReason | None = None, *, result_is_gone: bool = False
) -> Standing:
    """The names of a stage and outcome elsewhere; `result_is_gone` once the copy can no longer be fetched (DRP)."""
    found = STANDINGS[stage]
    if stage is Stage.ANSWERED:
        found = _BY_OUTCOME.get(outcome, found)
    if found.drp is Drp.DENIED and ground is not None:
        return Standing(found.opendsr, found.drp, _BY_GROUND[ground])
    if found.drp is Drp.FULFILLED and result_is_gone:
        return Standing(found.opendsr, Drp.EXPIRED)
    return found
