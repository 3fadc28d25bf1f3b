"""Makes the groups of the staff what the catalogue says, and gives them to people, seen in the trail (G3, G8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction

from accounts.models import User
from audit import trail
from audit.ledger import ledgers
from audit.trail import Actor
from qlekta.catalogue.roles import ROLES, Role, Sees

_ACTOR: Final = Actor.system("roles")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one group has too little or too much, as `app.codename`."""

    role: str
    missing: frozenset[str]
    surplus: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus)


def permissions_of(role: Role) -> frozenset[str]:
    """Every permission of a role, those of the pages it sees included."""
    match role.sees:
        case Sees.LEDGERS:
            seen: Iterable[type[models.Model]] = ledgers()
        case Sees.EVERY_PAGE:
            seen = admin.site._registry  # noqa: SLF001 - Django has no other list of the pages
        case _:
            seen = ()
    return frozenset(role.permissions) | {_view(model) for model in seen if "view" in model._meta.default_permissions}


def differences() -> list[Difference]:
    """Where the groups of the database are not what the catalogue says; changes nothing."""
    return [_difference(role) for role in ROLES]


@transaction.atomic
def set_up(*, now: datetime) -> list[Difference]:
    """Make the groups exactly what the catalogue says; what was different, into the trail too. Safe to repeat."""
    changed = []
    for role in ROLES:
        group, is_new = Group.objects.get_or_create(name=role.name)
        difference = _difference(role)
        if difference or is_new:
            group.permissions.set(_rows(permissions_of(role)))
            counts: dict[str, str | int] = {"added": len(difference.missing), "taken": len(difference.surplus)}
            counts["role"] = role.name
            trail.record("role.set_up", actor=_ACTOR, about=group, details=counts, now=now)
            changed.append(difference)
    return changed


@transaction.atomic
def give(role: str, user: User, *, now: datetime) -> None:
    """Put somebody into a group; with it she belongs to the staff. Raises Group.DoesNotExist."""
    group = Group.objects.get(name=role)
    user.groups.add(group)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    trail.record("role.given", actor=_ACTOR, subject=user.pk, about=group, details={"role": role}, now=now)


@transaction.atomic
def take(role: str, user: User, *, now: datetime) -> None:
    """Take a group from somebody; with the last one she leaves the staff. Raises Group.DoesNotExist."""
    group = Group.objects.get(name=role)
    user.groups.remove(group)
    if not user.is_superuser and not user.groups.exists():
        User.objects.filter(pk=user.pk).update(is_staff=False)
    trail.record("role.taken", actor=_ACTOR, subject=user.pk, about=group, details={"role": role}, now=now)


def _difference(role: Role) -> Difference:
    has = Permission.objects.filter(group__name=role.name).values_list("content_type__app_label", "codename")
    names = {f"{app}.{codename}" for app, codename in has}
    wanted = permissions_of(role)
    return Difference(role.name, wanted - names, frozenset(names) - wanted)


def _view(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{get_permission_codename('view', model._meta)}"


def _rows(names: Iterable[str]) -> list[Permission]:
    """The permissions of these names. Raises Permission.DoesNotExist for one that no app makes."""
    pairs = [name.split(".") for name in sorted(names)]
    return [Permission.objects.get(content_type__app_label=app, codename=codename) for app, codename in pairs]
