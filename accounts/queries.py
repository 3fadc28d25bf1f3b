"""Questions about accounts that other modules, the map of personal data and allauth ask."""

from collections.abc import Collection, Iterable
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from datamap.terms import SubjectKey
from datamap.trace import normalise_email


def display_name(user: User) -> str:
    """The name under which others see this person: the public one, else the given name alone."""
    return user.display_name or user.given_name


def user_of_address(address: str) -> User | None:
    """The account behind an address, verified addresses first; None where nobody has it."""
    wanted = normalise_email(address)
    known = EmailAddress.objects.filter(email=wanted).select_related("user").order_by("-verified", "pk").first()
    return known.user if known else User.objects.filter(email=wanted).first()


def subject_keys(users: Collection[User]) -> Iterable[tuple[SubjectKey, str]]:
    """
    The further verified addresses of these people. The telephone is no key: nobody has verified it, and a number
    that somebody typed in must never open another person's data (requirement I8).
    """
    addresses = EmailAddress.objects.filter(user__in=users, verified=True).values_list("email", flat=True)
    return [(SubjectKey.EMAIL, address) for address in addresses]


def session_keys_of(user_ids: Iterable[UUID]) -> QuerySet[UserSession, str]:
    """The keys of all sessions in which these people are logged in, for the trace of the session table."""
    return UserSession.objects.filter(user__in=user_ids).values_list("session_key", flat=True)


def admin_object_ids(user_ids: Iterable[UUID]) -> set[str]:
    """These ids as the admin log spells them."""
    return {str(user_id) for user_id in user_ids}


def guarded_users() -> QuerySet[User]:
    """All accounts, each knowing whether it had a second factor when it was read, for `has_second_factor`."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return User.objects.annotate(is_guarded=Exists(factors))


def has_second_factor(user: User) -> bool:
    """True where a second factor guards this account; of who opens a page it was read with her."""
    known: bool | None = getattr(user, "is_guarded", None)
    if known is not None:
        return known
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
