"""Creates the table of wrapped data keys."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.UUIDField(editable=False, unique=True, verbose_name="owner")),
                ("wrapped", models.BinaryField(null=True, verbose_name="wrapped key")),
                ("master_key_id", models.CharField(max_length=64, verbose_name="master key")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created at"
                    ),
                ),
                ("destroyed_at", models.DateTimeField(blank=True, null=True, verbose_name="destroyed at")),
            ],
            options={
                "verbose_name": "data key",
                "verbose_name_plural": "data keys",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                            models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                            _connector="OR",
                        ),
                        name="vault_datakey_wrapped_or_destroyed",
                    )
                ],
            },
        ),
    ]
