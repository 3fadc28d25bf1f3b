"""Whether what a request asks for was done: without that an answer would be a refusal by one (P4, G4)."""

from datamap.terms import Right
from dsar.folder import corrections_of, objections_in_force, restrictions_of, standing_restrictions
from dsar.models import CaseEvent, Package, SubjectRequest
from dsar.queries import standing_objections, subject_of
from dsar.terms import PERSON_ERASED, PackageState
from retention.models import ErasureRun, RunState
from retention.restriction import is_restricted


def is_done(case: SubjectRequest) -> bool:
    """True where the rows show it, and for what is answered by words alone. The database asks the same questions."""
    match case.right:
        case Right.ACCESS | Right.PORTABILITY:
            return Package.objects.filter(request=case, state=PackageState.READY).exists()
        case Right.ERASURE:
            return is_erased(case)
        case Right.RECTIFICATION:
            return bool(corrections_of(case))
        case Right.RESTRICTION:
            return _is_restricted(case)
        case Right.OBJECTION:
            return _has_stopped(case) or _is_restricted(case)
    return True


def _has_stopped(case: SubjectRequest) -> bool:
    return bool(objections_in_force(case)) or standing_objections(subject_of(case)).exists()


def is_erased(case: SubjectRequest) -> bool:
    """True where the erasure was carried out and looked after."""
    return ErasureRun.objects.filter(case_number=case.number, state=RunState.DONE).exists()


def is_erased_meanwhile(case: SubjectRequest) -> bool:
    """True where another request of the same person erased her: there is nothing left that this one could be about."""
    return CaseEvent.objects.filter(case_number=case.number, action=PERSON_ERASED).exists()


def _is_restricted(case: SubjectRequest) -> bool:
    return bool(restrictions_of(case) or standing_restrictions(case)) or is_restricted(subject_of(case))
