"""Texts that the database holds only as ciphertext, under the key of whom or what the row belongs to (Art. 32; Q15.2).

    phone = SealedTextField(_("telephone"), max_length=20, blank=True, owner="user_id")

In Python the attribute is a text; in SQL it is bytes bound to table, column, owner and key, so that bytes moved to
another row or column do not open. An empty text is stored as no bytes: it needs no key.
"""

import base64
import logging
from collections.abc import Iterable
from typing import Any, Final, Self, cast
from uuid import UUID

from django.core import checks
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from vault.keys import SealBroken, VaultError, seal, unseal_with, wrapped_keys
from vault.models import DataKey

UNREADABLE: Final = _("stored, but cannot be opened")
_PADDED_TO: Final = 32
_END: Final = b"\x80"

logger = logging.getLogger(__name__)


class NotSealed(TypeError):
    """A plain text was about to enter SQL: sealed fields are written by saving a row, and never searched for."""

    def __init__(self, field: models.Field[Any, Any]) -> None:
        super().__init__(f"{field} is sealed: set it on a row and save that; it cannot be updated or filtered by text.")


class Sealed(bytes):
    """What the column holds; says nothing about itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class Unreadable(str):
    """An empty text in place of one that does not open; a row saved with it keeps its bytes for a later try."""

    __slots__ = ("sealed",)
    sealed: Sealed

    def __new__(cls, sealed: Sealed) -> Self:
        made = super().__new__(cls)
        made.sealed = sealed
        return made

    def __getnewargs__(self) -> tuple[Sealed]:  # type: ignore[override]
        return (self.sealed,)


class KeyRing:
    """The keys of rows that were read together, fetched in one query when the first value is opened.

    It holds them wrapped, lives no longer than those rows, and goes into no pickle and no cache.
    """

    def __init__(self, owners: Iterable[UUID] = ()) -> None:
        self._owners = set(owners)
        self._rows: dict[UUID, DataKey | None] = {}

    def __reduce__(self) -> tuple[type["KeyRing"], tuple[()]]:
        return KeyRing, ()

    def unseal(self, owner: UUID, sealed: bytes, *, context: str) -> bytes:
        """As `vault.keys.unseal`."""
        if owner not in self._rows:
            wanted = (self._owners | {owner}) - self._rows.keys()
            self._rows |= {**dict.fromkeys(wanted), **wrapped_keys(wanted)}
        return unseal_with(self._rows[owner], sealed, context=context)


class _Opening(DeferredAttribute):
    """Opens a value when it is looked at, not when the row is read: what nobody looks at stays closed."""

    field: "SealedTextField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or not isinstance(value, Sealed):
            return value
        return self.field.open(value, owner=self.field.owner_of(instance), ring=_ring_of(instance))

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedTextField(models.CharField):
    """A text sealed with AES-256-GCM under the data key of the UUID in the attribute `owner` of the same row.

    A value that does not open reads as an `Unreadable` empty text, and the log says where; it never raises on reading.
    Saving raises VaultError where there is no key to seal with.
    """

    description = _("text under encryption")
    descriptor_class = _Opening

    def __init__(self, *args: Any, owner: str, **kwargs: Any) -> None:
        self.owner = owner
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "owner": self.owner}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_owner(), *self._check_use()]

    def _check_owner(self) -> list[checks.CheckMessage]:
        owner = next((item for item in self.model._meta.concrete_fields if item.attname == self.owner), None)
        if owner is not None and isinstance(_target_of(owner), models.UUIDField) and not owner.null:
            return []
        return [checks.Error(f"'{self.owner}' is no UUID of this row that could own a key.", obj=self, id="vault.E007")]

    def _check_use(self) -> list[checks.CheckMessage]:
        if not (self.unique or self.db_index or self.choices or self.null):  # type: ignore[attr-defined]
            return []
        sentence = "A sealed field has neither index nor choices nor null: no two ciphertexts are alike."
        return [checks.Error(sentence, obj=self, id="vault.E008")]

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def context(self) -> str:
        """The place to which the bytes are bound, besides their owner and its key."""
        return f"{self.model._meta.db_table}|{self.column}"

    def owner_of(self, instance: models.Model) -> UUID:
        """Under whose key the values of this row are sealed."""
        owner = getattr(instance, self.owner)
        return owner if isinstance(owner, UUID) else UUID(str(owner))

    def open(self, sealed: Sealed, *, owner: UUID, ring: KeyRing) -> str:
        """The text, or an Unreadable one."""
        try:
            return _unpadded(ring.unseal(owner, sealed, context=self.context)).decode()
        except VaultError as error:
            logger.error("vault: a value of %s did not open: %s", self, type(error).__name__)  # noqa: TRY400 - known
            return Unreadable(sealed)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if not value or isinstance(value, Unreadable) or not isinstance(value, str):
            return value
        return Sealed(seal(self.owner_of(model_instance), _padded(value.encode()), context=self.context))

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        return Sealed(value) if value else value if value is None else ""

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Sealed) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Unreadable):
            return value.sealed
        if value is None or isinstance(value, Sealed):
            return value
        if not value:  # also the bytes that a migration gives to the rows of a table that gets the column later
            return Sealed()
        raise NotSealed(self)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return value if value is None else connection.Database.Binary(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it empty?" can be asked of ciphertext."""
        return super().get_lookup(lookup_name) if lookup_name in {"exact", "isnull"} else None

    def value_to_string(self, obj: models.Model) -> str:
        """A dump of fixtures holds the bytes, not the text."""
        value = self.pre_save(obj, add=False)
        return base64.b64encode(self.get_prep_value(value) or b"").decode()


class SealedQuerySet(models.QuerySet[Any]):
    """Rows of a list share one key ring: however many they are, their keys are one query."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._result_cache and isinstance(self._result_cache[0], self.model):
            share_keys(self._result_cache)


def share_keys(rows: Iterable[models.Model]) -> None:
    """Let rows that are about to be read together fetch their keys together."""
    found = list(rows)
    # An owner that was not read with its row is asked for when it is needed, not here for each row.
    ring = KeyRing(
        field.owner_of(row) for row in found for field in sealed_fields(type(row)) if field.owner in row.__dict__
    )
    for row in found:
        row._state.__dict__["key_ring"] = ring


def sealed_fields(model: type[models.Model]) -> list[SealedTextField]:
    """The sealed fields of a table."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedTextField)]


def _ring_of(instance: models.Model) -> KeyRing:
    return cast("KeyRing", instance._state.__dict__.setdefault("key_ring", KeyRing()))


def _target_of(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _padded(plaintext: bytes) -> bytes:
    """Filled up to a multiple of 32 bytes: the length of the ciphertext must not tell Rīga from Daugavpils."""
    return (plaintext + _END).ljust(-(-(len(plaintext) + 1) // _PADDED_TO) * _PADDED_TO, b"\0")


def _unpadded(padded: bytes) -> bytes:
    plaintext, end, _zeros = padded.rpartition(_END)
    if not end:
        raise SealBroken("The sealed text has no end.")
    return plaintext
