"""Public pages of people: an address and a name that somebody chose, and nothing else of her account (Q8.12)."""

import re
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from datamap.standstill import without_restricted
from datamap.terms import Text
from marketplace.models import Handle, TakenHandle
from marketplace.models.handles import HANDLE_LENGTH
from vault.tokens import token

RESERVED: Final = frozenset(
    {
        *("admin", "administracija", "administrator", "api", "atbalsts", "deleted", "drosiba", "help", "info", "mail"),
        *("mine", "moderator", "moderators", "new", "officer", "palidziba", "privacy", "privatums", "root", "security"),
        *("staff", "support", "system", "user", "www"),
    }
)
"""What somebody could take for us, and words of our own addresses."""

_SHAPE: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,29}")
_OURS: Final = "qlekta"
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "-": None})


class HandleRefused(Exception):
    """Nothing was changed; `message` is the sentence for the person."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class NoHandle(HandleRefused):
    """It has signs that could be taken for others, or too few, or too many."""

    message = _("Please use 3 to 30 of these: the letters a to z, digits, and single hyphens between them.")


class HandleTaken(HandleRefused):
    """Somebody has it, had it, or has one that looks the same; or it is ours."""

    message = _("This address is not free. One that was given up, or that looks like another, is given to nobody.")


def choose_handle(user: User, wanted: str, *, now: datetime) -> None:
    """Give a person the address that she wants, and take its like from everybody else for good; another one that she
    had leads nowhere from now on.

    Raises NoHandle, HandleTaken, and User.DoesNotExist where the account is erased at this moment.
    """
    name = _checked(wanted)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = Handle.objects.filter(user=user).first()
        if before is None or _look(before.name) != _look(name):
            _take(_look(name))
        TakenHandle.objects.get_or_create(token=_code(name))
        Handle.objects.update_or_create(user=user, defaults={"name": name, "chosen_at": now})


def give_up_handle(user: User) -> bool:
    """Have no public page any more; False where there was none."""
    return bool(Handle.objects.filter(user=user).delete()[0])


def person_at(handle: str) -> User | None:
    """Who has this address; nobody whose processing is restricted (Art. 18)."""
    return without_restricted(User.objects.filter(handle__name=handle.lower())).first()


def is_gone(handle: str) -> bool:
    """Whether the address was somebody's and is nobody's now."""
    name = handle.lower()
    return TakenHandle.objects.filter(pk=_code(name)).exists() and not Handle.objects.filter(name=name).exists()


def _checked(wanted: str) -> str:
    # Before the letters are made small: some that are no Latin ones become such.
    if not wanted.isascii() or not _SHAPE.fullmatch(wanted.lower()) or len(wanted) > HANDLE_LENGTH:
        raise NoHandle
    name = wanted.lower()
    if name.translate(_ALIKE) in {word.translate(_ALIKE) for word in RESERVED} or _OURS in name.translate(_ALIKE):
        raise HandleTaken
    return name


def _take(look: str) -> None:
    try:
        with transaction.atomic():
            TakenHandle.objects.create(token=look)
    except IntegrityError:
        raise HandleTaken from None


def _code(name: str) -> str:
    """Under what it is remembered that this very address was chosen."""
    return token(name, purpose="handle")


def _look(name: str) -> str:
    """The same for all addresses that people take for one another."""
    return token(name.translate(_ALIKE), purpose="handle that looks like it")
