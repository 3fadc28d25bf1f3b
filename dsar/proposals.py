"""What a second person was shown, as a digest that comes back with the approval (security G4)."""

import hashlib
import json

from dsar.models import SubjectRequest


def refusal_digest(case: SubjectRequest) -> str:
    """Of the refusal as it is proposed: by whom, on which ground, how much of it, in which words."""
    return _digest(
        str(case.refusal_proposed_by),
        case.refusal_reason,
        case.refusal_act,
        str(case.refusal_is_partial),
        case.answer,
    )


def erasure_digest(case: SubjectRequest) -> str:
    """Of the erasure as it is proposed: by whom, which plan, whether the archive goes too, if a copy was waived."""
    return _digest(
        str(case.erasure_proposed_by), case.plan_digest, str(case.objects_to_archive), str(case.copy_waived_at)
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
