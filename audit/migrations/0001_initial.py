"""Creates the site's role, the trail, and the trigger function that keeps every ledger append-only."""

from django.db import migrations, models

from audit import triggers
from audit.operations import AppendOnly, CreateSiteRole


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateSiteRole(),
        migrations.RunSQL(triggers.CREATE_FUNCTION, triggers.DROP_FUNCTION),
        migrations.RunSQL(triggers.CREATE_FORGET, triggers.DROP_FORGET),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("action", models.CharField(max_length=64, verbose_name="action")),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("person", "person"), ("staff", "staff"), ("system", "system")],
                        max_length=8,
                        verbose_name="actor kind",
                    ),
                ),
                ("actor_id", models.CharField(max_length=64, verbose_name="actor")),
                ("subject", models.UUIDField(blank=True, db_index=True, null=True, verbose_name="person concerned")),
                ("object_type", models.CharField(blank=True, max_length=100, verbose_name="kind of object")),
                ("object_id", models.CharField(blank=True, max_length=64, verbose_name="object")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ["id"],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="audit_entry_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Forgetting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("ledger", models.CharField(max_length=100, verbose_name="ledger")),
                ("rows", models.PositiveBigIntegerField(verbose_name="rows")),
                ("last_id", models.BigIntegerField(verbose_name="last row")),
                ("last_hash", models.CharField(max_length=64, verbose_name="hash of the last row")),
            ],
            options={
                "verbose_name": "forgotten rows",
                "verbose_name_plural": "forgotten rows",
                "ordering": ["id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="audit_forgetting_is_chained",
                    )
                ],
            },
        ),
        # A little under the three years of the catalogue, which counts calendar years in Riga: the rule decides, this
        # only forbids forgetting sooner.
        AppendOnly("audit_entry", term="1093 days"),
        AppendOnly("audit_forgetting"),
    ]
