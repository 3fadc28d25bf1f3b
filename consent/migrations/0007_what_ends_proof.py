"""Indexes over the events that end a consent: the alarm asks for the oldest, however many others hold (Q5.11)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_HAS_CONTENT = models.Q(("subject_token", ""), _negated=True)
_ENDS = ["expired", "invalidated", "refused", "renewal_needed", "requested", "unknown", "withdrawn"]
_COOKIES = ["COOKIE_ANALYTICS", "COOKIE_FUNCTIONAL", "COOKIE_MARKETING"]


class Migration(migrations.Migration):
    atomic = False  # nobody who records a consent waits while they are made
    dependencies = [("consent", "0006_policy_mails")]
    operations = [
        AddIndexConcurrently(
            model_name="consentevent",
            index=models.Index(
                condition=models.Q(_HAS_CONTENT, ("state__in", _ENDS)), fields=["at"], name="consent_event_ends"
            ),
        ),
        AddIndexConcurrently(
            model_name="consentevent",
            index=models.Index(
                condition=models.Q(_HAS_CONTENT, ("purpose__in", _COOKIES)), fields=["at"], name="consent_event_cookies"
            ),
        ),
    ]
