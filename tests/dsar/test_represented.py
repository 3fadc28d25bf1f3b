"""Nothing is done for somebody whose representative is unchecked, or for nobody (security I11)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from datamap.terms import Right
from dsar import casework
from dsar.corrections import correct, correctable
from dsar.deadlines import Channel
from dsar.entering import Told, enter_message
from dsar.models import Correction, SubjectRequest
from dsar.refusals import AuthorityUnchecked
from dsar.steps import Step
from dsar.terms import AuthorityKind, IdentityMethod, Stage
from mailing.services import is_suppressed
from retention.models import Restriction
from retention.standing import RestrictionGround
from tests.dsar.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture(autouse=True)
def confirmed(person: User, colleague: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)


def by(user: User) -> Step:
    return Step(by=user, reason="looked at it", now=NOW)


def brought_by_a_lawyer(right: Right, person: User, officer: User) -> SubjectRequest:
    """Filed for a person whose account staff found, by somebody whose authority nobody has checked yet."""
    letter = Told(
        channel=Channel.POST,
        arrived_at=NOW - timedelta(days=1),
        rights=[right],
        text="Es lūdzu …",
        language="lv",
        postal_address="Brīvības iela 1",
        representative="Juris Kalns",
        capacity=AuthorityKind.LAWYER,
    )
    (case,) = enter_message(letter, step=by(officer))
    second = User.objects.filter(is_staff=True).exclude(pk=officer.pk).get()
    casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=by(officer), account_address=person.email)
    return casework.agree_to_account(case.pk, person.email, step=by(second))


def checked(case: SubjectRequest, officer: User) -> SubjectRequest:
    casework.accept_authority(case.pk, "Mandate of 1 October 2026", step=by(officer))
    return SubjectRequest.objects.get(pk=case.pk)


@pytest.mark.requirement("I11")
def test_nothing_is_corrected_or_restricted_before_the_authority_is_checked(person: User, officer: User) -> None:
    case = brought_by_a_lawyer(Right.RECTIFICATION, person, officer)
    name = next(item for item in correctable(case) if item.value == person.given_name)
    with pytest.raises(AuthorityUnchecked):
        correct(case.pk, name.key, "Janīna", step=by(officer))
    with pytest.raises(AuthorityUnchecked):
        casework.restrict(case.pk, RestrictionGround.ACCURACY, step=by(officer))
    assert not Correction.objects.exists()
    assert not Restriction.objects.exists()
    checked(case, officer)
    assert correct(case.pk, name.key, "Janīna", step=by(officer)).after == "Janīna"


@pytest.mark.clause("Q16.4", "Q16.6")
def test_a_letter_that_names_nobody_is_not_answered_with_what_nobody_did(person: User, officer: User) -> None:
    for right in (Right.MARKETING_OBJECTION, Right.WITHDRAWAL):
        letter = Told(
            channel=Channel.POST,
            arrived_at=NOW,
            rights=[right],
            text="Anna",
            language="lv",
            postal_address="Brīvības iela 1",
        )
        (case,) = enter_message(letter, step=by(officer))
        if right is Right.WITHDRAWAL:
            casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=by(officer))
        case.refresh_from_db()
        assert (case.stage, case.answer) == (Stage.OPEN, "")
    assert not is_suppressed(person.email)
