"""A worker holds a whole batch; an effect that waits in one has a lease as well."""

from django.db import migrations, models
from django.db.models import Q

_UNFINISHED = ("pending", "unknown", "leased")


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_provider_gate")]

    operations = [
        migrations.RemoveConstraint(model_name="effect", name="outbox_effect_leased_has_its_lease"),
        migrations.AddConstraint(
            model_name="effect",
            constraint=models.CheckConstraint(
                condition=Q(state__in=_UNFINISHED, leased_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="leased") & Q(leased_until__isnull=True, lease_token__isnull=True)),
                name="outbox_effect_begun_has_its_lease",
            ),
        ),
    ]
