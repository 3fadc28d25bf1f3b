"""Lets reports of sweeps be signed, and keeps the published heads of the ledgers."""

from django.db import migrations, models

from audit.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0003_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="sweeprun",
            name="signature",
            field=models.CharField(default="", editable=False, max_length=88, verbose_name="signature"),
        ),
        migrations.CreateModel(
            name="PublishedHead",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("document", models.JSONField(verbose_name="document")),
            ],
            options={
                "verbose_name": "published heads of the ledgers",
                "verbose_name_plural": "published heads of the ledgers",
                "ordering": ["-id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="retention_publishedhead_is_chained",
                    )
                ],
            },
        ),
        AppendOnly("retention_publishedhead"),
    ]
