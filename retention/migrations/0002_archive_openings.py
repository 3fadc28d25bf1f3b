"""Creates the openings of the archive with their group, the links to object to it, and the counts of attempts."""

import uuid
from typing import Any

from django.db import migrations, models

PERMISSION = "open_archive"


def make_group(apps: Any, schema_editor: Any) -> None:
    """The group `archive` may ask for openings and approve them, and nothing else.

    Django makes permissions after the last migration; this one is made here already and found by it then.
    """
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="retention", model="archiveopening"
    )
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=PERMISSION,
        defaults={"name": "May ask for, approve and read openings of the archive"},
    )
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="archive")
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("retention", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveObjection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("secret_digest", models.CharField(max_length=64, unique=True)),
                ("address", models.EmailField(max_length=254)),
                ("language", models.CharField(default="lv", max_length=5)),
                ("requested_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "objection to the archive",
                "verbose_name_plural": "objections to the archive",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="erasurerun",
            name="language",
            field=models.CharField(default="lv", max_length=5, verbose_name="language of the receipt"),
        ),
        migrations.CreateModel(
            name="ArchiveOpening",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("archive_id", models.UUIDField(db_index=True, editable=False, verbose_name="archive record")),
                ("email_token", models.CharField(db_index=True, editable=False, max_length=64)),
                ("case_number", models.CharField(max_length=40, verbose_name="case")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("court", "a court or another authority asks"),
                            ("claim_against_us", "a claim against us"),
                            ("claim_of_ours", "a claim of ours"),
                            ("problem", "a problem that is being looked into"),
                            ("person_asks", "the person asks for it"),
                        ],
                        max_length=20,
                        verbose_name="ground",
                    ),
                ),
                ("sealed_reason", models.BinaryField(verbose_name="reason, sealed")),
                ("requested_by", models.UUIDField(editable=False, verbose_name="asked for by")),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                ("approved_by", models.UUIDField(editable=False, null=True, verbose_name="approved by")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved")),
                ("reads", models.PositiveSmallIntegerField(default=0, verbose_name="times read")),
                ("first_read_at", models.DateTimeField(null=True, verbose_name="first read")),
                ("last_read_at", models.DateTimeField(null=True, verbose_name="last read")),
                ("ends_at", models.DateTimeField(db_index=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "opening of the archive",
                "verbose_name_plural": "openings of the archive",
                "ordering": ["-requested_at"],
                "permissions": [("open_archive", "May ask for, approve and read openings of the archive")],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("case_number", ""), _negated=True), name="retention_opening_has_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at", None), ("approved_by", None)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="retention_opening_approved_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="retention_opening_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_read_at", None), ("last_read_at", None), ("reads", 0)),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("first_read_at__isnull", False),
                                ("last_read_at__isnull", False),
                                ("reads__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="retention_opening_read_when_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AttemptCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "count of attempts",
                "verbose_name_plural": "counts of attempts",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="retention_attempts_counted")
                ],
            },
        ),
        migrations.RunPython(make_group, migrations.RunPython.noop),
    ]
