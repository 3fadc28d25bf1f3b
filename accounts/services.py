"""What can be done to an account; pages, seed and tests call the same functions."""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.history import keep_earlier
from accounts.models import LoginEvent, Profile, User
from accounts.second_factor import seal_secret
from accounts.terms import AGE_TEXT_VERSION, Language, LoginKind
from audit.trail import Actor, record

_USER_AGENT_LENGTH = 200


@transaction.atomic
def register_person(
    *,
    email: str,
    password: str,
    given_name: str,
    now: datetime,
    family_name: str = "",
    language: str = Language.LATVIAN,
    verified: bool = True,
    is_staff: bool = False,
) -> User:
    """
    An account as the sign-up form makes it, with the age declared at `now`; its address counts as verified.

    Raises django.db.IntegrityError where the address is taken.
    """
    user = User.objects.create_user(
        email,
        password,
        given_name=given_name,
        family_name=family_name,
        language=language,
        is_staff=is_staff,
        date_joined=now,
        age_confirmed_at=now,
        age_text_version=AGE_TEXT_VERSION,
    )
    Profile.objects.create(user=user)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def enrol_second_factor(user: User, *, secret: str, now: datetime) -> Authenticator:
    """Switches an authenticator app on; `secret` is the base32 seed that the app holds too."""
    data = {"secret": seal_secret(secret, owner=user.pk)}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data, created_at=now)


@transaction.atomic
def change_details(
    user: User, *, details: Mapping[str, str], profile: Mapping[str, str], now: datetime
) -> tuple[str, ...]:
    """
    Writes the record entry that a person edited himself (Art. 16, Q5.9) and returns the names of the changed fields.

    The trail keeps these names, never the values; what was replaced stays sealed for the person alone.
    """
    entry, _created = Profile.objects.get_or_create(user=user)
    changed = _write(user, details) | _write(entry, profile)
    if changed:
        keep_earlier(user, changed, now=now)
        fields = ",".join(changed)
        record("account.details_changed", actor=Actor.of(user), subject=user.pk, details={"fields": fields}, now=now)
    return tuple(changed)


def _write(row: User | Profile, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The changed fields, each with what stood in it and what stands in it now."""
    held = {name: getattr(row, name) for name in values}
    changed = {name: (held[name], value) for name, value in values.items() if held[name] != value}
    for name, (_before, value) in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=changed)
    return changed


def record_login(kind: LoginKind, *, user: User | None, ip: str, user_agent: str, now: datetime) -> LoginEvent:
    """Notes a log-in, a log-out or a refusal (policy clause 5.2); an unknown address is noted without a user, one
    whose account is erased at this moment too."""
    values = {"kind": kind, "ip": ip or None, "user_agent": user_agent[:_USER_AGENT_LENGTH], "at": now}
    with transaction.atomic():
        known = user and User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        return LoginEvent.objects.create(user=known, **values)
