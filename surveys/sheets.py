"""What a survey's page knows of whoever opens it: her answers, whether she consents, what is still to be asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from consent.queries import ConsentStatus, current_status, current_status_of_token
from consent.rendering import wording
from consent.terms import ConsentPurpose
from surveys.forms import Sheet
from surveys.in_use import answers_of
from surveys.models import Participation, Survey
from surveys.terms import spoken_language
from vault.tokens import email_tokens


@dataclass(frozen=True, slots=True)
class Own:
    """One person before one survey; `status` is None for nobody, who consents to nothing.

    `by_address`: she has answered without her account, by the address that is now the account's.
    """

    survey: Survey
    row: Participation | None = None
    status: ConsentStatus | None = None
    by_address: bool = False
    says_age: bool = False

    @property
    def has_answered(self) -> bool:
        return self.row is not None and bool(self.row.answers)

    @property
    def can_be_taken_back(self) -> bool:
        return self.status is not None and (self.status.permits or self.has_answered)

    @property
    def has_won(self) -> bool:
        return self.row is not None and self.row.won_at is not None


def own_of_account(user_id: UUID, survey: Survey, *, now: datetime) -> Own:
    """What an account has answered, or what its holder has answered without it."""
    status = current_status(user_id, ConsentPurpose.SURVEY, now=now, scope=survey.scope)
    row = Participation.objects.filter(survey=survey, user_id=user_id).first()
    if row is not None:
        return Own(survey, row, status)
    addresses = EmailAddress.objects.filter(user_id=user_id, verified=True).values_list("email", flat=True)
    by_address = Participation.objects.filter(survey=survey, email_token__in=email_tokens(addresses))
    return Own(survey, None, status, by_address=by_address.exclude(answers="").exists())


def own_of_address(row: Participation, *, now: datetime) -> Own:
    """What the holder of an address has answered."""
    scope = row.survey.scope
    status = current_status_of_token(row.email_token, ConsentPurpose.SURVEY, now=now, scope=scope)
    return Own(row.survey, row, status, says_age=not status.permits)


def own_of_nobody(survey: Survey) -> Own:
    """An anonymous survey knows nobody."""
    return Own(survey)


def sheet_of(own: Own, *, now: datetime) -> Sheet:
    """What is asked: the questions, and the consent where none holds. Raises NotPublishedError."""
    needs_consent = own.status is not None and not own.status.permits
    return Sheet(
        survey=own.survey,
        questions=tuple(own.survey.questions.all()),
        before=answers_of(own.row) if own.row is not None else {},
        wording=wording(ConsentPurpose.SURVEY, language=spoken_language(), now=now) if needs_consent else None,
        says_age=own.says_age,
    )
