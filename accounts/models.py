"""The user, what he may add about himself, and the log-in events (policy clauses 5.1 and 5.2)."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.terms import Language, LoginKind
from datamap.trace import normalise_email
from vault.fields import SealedQuerySet, SealedTextField


class UserManager(BaseUserManager["User"]):
    """Writes and finds an address in its one spelling."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The text form holds the id alone, so that no log or admin entry carries a name."""

    last_login = None  # log-in times are log-in events and go after 20 weeks (Q5.13)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    display_name = models.CharField(_("public name"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.LATVIAN)
    age_confirmed_at = models.DateTimeField(_("age declared at"), null=True, editable=False)
    age_text_version = models.CharField(_("wording of the age declaration"), max_length=20, blank=True, editable=False)
    is_staff = models.BooleanField(_("works for Qlekta"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["given_name", "family_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(age_confirmed_at=None, age_text_version="")
                | (models.Q(age_confirmed_at__isnull=False) & ~models.Q(age_text_version="")),
                name="user_age_declaration_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, **how: Any) -> None:
        """Whoever still holds the row of an account that was erased meanwhile gets DatabaseError: an update that meets
        nothing must not become an insert (Q18.2)."""
        if not self._state.adding and not how.get("force_insert"):
            how["force_update"] = True
        super().save(**how)

    def get_full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def get_short_name(self) -> str:
        return self.given_name


class Profile(models.Model):
    """The voluntary part of the record entry: every field may stay empty and be emptied again (policy clause 5.1).

    Telephone and address are sealed under the key of the account: with it they go, in backups too (Q15.2).
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="profile", verbose_name=_("account")
    )
    phone = SealedTextField(_("telephone"), max_length=20, blank=True, owner="user_id")
    street = SealedTextField(_("street and house"), max_length=200, blank=True, owner="user_id")
    city = SealedTextField(_("town"), max_length=100, blank=True, owner="user_id")
    postal_code = SealedTextField(_("postal code"), max_length=12, blank=True, owner="user_id")
    country = models.CharField(_("country"), max_length=2, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.pk)


class EarlierValue(models.Model):
    """What stood in one field of the record entry until the person replaced it, under the key of the account (Q5.9)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="earlier_values")
    at = models.DateTimeField(_("changed at"))
    field = models.CharField(_("field"), max_length=40)
    value = SealedTextField(_("what stood there before"), max_length=254, editable=False, owner="user_id")

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("earlier value")
        verbose_name_plural = _("earlier values")
        base_manager_name = "objects"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.field} {self.pk}"


class LoginEvent(models.Model):
    """A log-in, a log-out or a refusal; without a user where the address is unknown, and never with the address."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="login_events")
    at = models.DateTimeField(_("at"), db_index=True)
    kind = models.CharField(_("what happened"), max_length=10, choices=LoginKind)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("log-in event")
        verbose_name_plural = _("log-in events")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
