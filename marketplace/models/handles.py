"""Addresses of public pages: chosen freely, and never anybody's again (clauses Q8.12, Q14.8, Q18.2)."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

HANDLE_LENGTH: Final = 30


class Handle(models.Model):
    """The address of a person's public page. Who has none has no page."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="handle")
    name = models.CharField(_("address of the public page"), max_length=HANDLE_LENGTH, unique=True)
    chosen_at = models.DateTimeField(_("chosen at"))

    class Meta:
        verbose_name = _("address of a public page")
        verbose_name_plural = _("addresses of public pages")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class TakenHandle(models.Model):
    """That an address was once chosen, or one that looks the same, as a keyed code. It leads to nobody, so nothing of
    it need go with an account."""

    token = models.CharField(primary_key=True, max_length=43, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.token
