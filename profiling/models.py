"""What the profile is made of, and the profile itself; both go with the consent (policy clause 7.1, Q7.5)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

ITEM_LENGTH = 120
CATEGORY_LENGTH = 60


class ItemView(models.Model):
    """An item that somebody looked at while she consented to a profile. The visit log is another record: it is kept to
    keep the site running, and nothing is taken from there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    item = models.CharField(_("item"), max_length=ITEM_LENGTH)
    category = models.CharField(_("category"), max_length=CATEGORY_LENGTH)
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        verbose_name = _("item looked at")
        verbose_name_plural = _("items looked at")
        ordering = ["-at", "-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "at"], name="profiling_view_of")]

    def __str__(self) -> str:
        return str(self.pk)


class Interest(models.Model):
    """One line of a profile: a category, how many different items of it were looked at, and when last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    category = models.CharField(_("category"), max_length=CATEGORY_LENGTH)
    items = models.PositiveIntegerField(_("items looked at"))
    last_at = models.DateTimeField(_("last looked at"), db_index=True)
    computed_at = models.DateTimeField(_("computed at"), db_index=True)

    class Meta:
        verbose_name = _("line of a profile")
        verbose_name_plural = _("lines of profiles")
        ordering = ["-items", "category"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "category"], name="profiling_interest_once")]

    def __str__(self) -> str:
        return str(self.pk)
