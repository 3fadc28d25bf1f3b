"""Accounts as staff see them: read-only, masked until a reason is given, every look recorded; and no password at all
(Q15.4, G6)."""

from uuid import UUID

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginEvent, Profile, User
from audit.revealing import RevealedAdmin
from audit.staff_views import RecordedAdmin
from vault.staff_views import MaskedAdmin


@admin.register(User)
class UserAdmin(RevealedAdmin, admin.ModelAdmin):
    """The record entry without credentials. The list names nobody: a person is shown on a page of its own."""

    fields = (
        "id",
        "email",
        "given_name",
        "family_name",
        "display_name",
        "language",
        "date_joined",
        "age_confirmed_at",
        "is_active",
        "is_staff",
        "is_superuser",
    )
    change_form_template = "accounts/admin/user.html"
    list_display = ("id", "date_joined", "language", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "language")
    ordering = ("-date_joined", "pk")

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.pk if isinstance(obj, User) else None


@admin.register(Profile)
class ProfileAdmin(MaskedAdmin, RecordedAdmin, admin.ModelAdmin):
    """Which voluntary fields somebody has filled in; telephone and address themselves are shown to nobody here."""

    plain = frozenset({"country"})
    list_display = ("account", "country")
    ordering = ("pk",)

    @admin.display(description=_("account"))
    def account(self, profile: Profile) -> UUID:
        return profile.user_id

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Profile) else None


@admin.register(LoginEvent)
class LoginEventAdmin(RevealedAdmin, admin.ModelAdmin):
    """Log-ins of the last 20 weeks."""

    fields = ("account", "at", "kind", "ip", "user_agent")
    readonly_fields = ("account",)
    list_display = ("at", "kind", "account")
    list_filter = ("kind",)
    ordering = ("-at", "-pk")

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, LoginEvent) else None

    @admin.display(description=_("account"), empty_value="–")
    def account(self, event: LoginEvent) -> UUID | None:
        return event.user_id
