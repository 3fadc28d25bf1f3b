"""The Django application `audit`."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from audit.roles import grant_site_role
from datamap import leftovers


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Audit trail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The one signal of the project: only after the last migration of the last app does every table exist, and
        # Django makes its own permissions and content types at the same moment in the same way.
        post_migrate.connect(_settle, sender=self, dispatch_uid="audit.settle")


def _settle(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    grant_site_role(using=using)
    leftovers.settle(using=using)
