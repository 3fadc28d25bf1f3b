"""Creates the journal's tables, and begins this database's own journal: a copy of it later knows which one is its."""

import uuid
from datetime import UTC, datetime

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def begin(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From its first line on, a database without its journal's files is seen to have lost them."""
    apps.get_model("replay", "JournalHead").objects.create(pk=1, journal=uuid.uuid4())
    apps.get_model("replay", "JournalEntry").objects.create(kind="replay.begun", at=datetime.now(UTC))


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40, verbose_name="what")),
                ("at", models.DateTimeField(db_index=True, verbose_name="when")),
                ("subject", models.UUIDField(db_index=True, null=True, verbose_name="whose")),
                ("born", models.DateTimeField(null=True, verbose_name="account made")),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
                ("position", models.PositiveBigIntegerField(null=True, unique=True, verbose_name="line")),
            ],
            options={
                "verbose_name": "entry of the journal",
                "verbose_name_plural": "entries of the journal",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("position", None)), fields=["at"], name="replay_entry_unwritten")
                ],
            },
        ),
        migrations.CreateModel(
            name="JournalHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("journal", models.UUIDField(default=uuid.uuid4)),
                ("position", models.PositiveBigIntegerField(default=0)),
                ("line_hash", models.CharField(default="0" * 64, max_length=64)),
            ],
            options={
                "verbose_name": "position in the journal",
                "verbose_name_plural": "position in the journal",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="replay_one_head")],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
