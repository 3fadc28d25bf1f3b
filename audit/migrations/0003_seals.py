"""Keeps the seals that join leaves of a ledger, and lets the site mark which rows a seal joins."""

from django.db import migrations, models

from audit import triggers
from audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_fading"),
    ]

    operations = [
        # Once more, because a row that fades keeps its seal.
        migrations.RunSQL(triggers.CREATE_FADE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("ledger", models.CharField(max_length=100, verbose_name="ledger")),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("first_id", models.BigIntegerField(verbose_name="first row")),
                ("last_id", models.BigIntegerField(verbose_name="last row")),
                ("ids", models.JSONField(verbose_name="numbers of the rows")),
                ("root", models.CharField(max_length=64, verbose_name="Merkle root")),
                ("previous_seal", models.CharField(max_length=64, verbose_name="hash of the seal before")),
                ("key_id", models.CharField(max_length=32, verbose_name="key")),
                ("signature", models.CharField(max_length=88, verbose_name="signature")),
            ],
            options={
                "verbose_name": "seal of a ledger",
                "verbose_name_plural": "seals of the ledgers",
                "ordering": ["id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="audit_seal_is_chained",
                    ),
                    models.UniqueConstraint(fields=("ledger", "number"), name="audit_seal_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("last_id__gte", models.F("first_id")), ("number__gt", 0), ("rows__gt", 0)),
                        name="audit_seal_joins_rows",
                    ),
                ],
            },
        ),
        AppendOnly("audit_seal"),
        migrations.RunSQL(triggers.CREATE_NEWEST_SEAL, triggers.DROP_NEWEST_SEAL),
        migrations.RunSQL(triggers.CREATE_MARK_SEALED, triggers.DROP_MARK_SEALED),
    ]
