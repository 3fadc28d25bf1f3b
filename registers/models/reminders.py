"""Letters to the operator that went out, so that each goes once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reminder(models.Model):
    """One letter about one thing at one stage, by a code such as `contract:MAILGUN:2027-05-10:30`."""

    code = models.CharField(_("about"), max_length=120, unique=True)
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        default_permissions = ()

    def __str__(self) -> str:
        return self.code
