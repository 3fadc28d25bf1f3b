"""What the desk itself remembers: reminders that went out, secret addresses of calendars, and everybody's filters."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest


class CaseReminder(models.Model):
    """One reminder about a request at one stage, such as `due:5:2026-12-22`: each goes out once (clauses.md C6, C8)."""

    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="reminders")
    code = models.CharField(_("about"), max_length=40)
    sent_at = models.DateTimeField(_("sent"))
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder of a due date")
        verbose_name_plural = _("reminders of due dates")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="dsar_reminded_once")]

    def __str__(self) -> str:
        return self.code


class CalendarFeed(models.Model):
    """A calendar of due dates, numbers and days only, for one member of the staff; only the digest of its address."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("calendar of due dates")
        verbose_name_plural = _("calendars of due dates")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class SavedFilter(models.Model):
    """A look at the queue that a member of the staff has given a name; `query` holds words of the filters only."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name of the filter"), max_length=40)
    query = models.CharField(_("filter"), max_length=200)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        default_permissions = ()
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="dsar_filter_named_once")]

    def __str__(self) -> str:
        return str(self.pk)
