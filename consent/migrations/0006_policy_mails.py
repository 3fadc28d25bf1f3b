"""Tables for the letter about a changed policy: one order for a version, one row for an account (Q20.2)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0005_leaves"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyMailing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordered_at", models.DateTimeField(verbose_name="ordered at")),
                ("people", models.PositiveIntegerField(verbose_name="accounts at that time")),
                ("reached", models.UUIDField(editable=False, null=True, verbose_name="written up to account")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="consent.textversion", verbose_name="version"
                    ),
                ),
            ],
            options={
                "verbose_name": "letter about a changed policy",
                "verbose_name_plural": "letters about a changed policy",
                "ordering": ["-ordered_at"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="PolicyNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.UUIDField(db_index=True, verbose_name="account")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("written", "written"),
                            ("unverified", "no letter: the address is not confirmed"),
                            ("inactive", "no letter: the account is closed"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("message_id", models.UUIDField(null=True, unique=True, verbose_name="message")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("bounced_at", models.DateTimeField(null=True, verbose_name="came back at")),
                (
                    "mailing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="consent.policymailing", verbose_name="letter"
                    ),
                ),
            ],
            options={
                "verbose_name": "account and its letter about a changed policy",
                "verbose_name_plural": "accounts and their letters about a changed policy",
                "ordering": ["pk"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("mailing", "user_id"), name="consent_policy_notice_once"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome", "written"), ("message_id__isnull", True), _connector="XOR"),
                        name="consent_policy_notice_has_message",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bounced_at__isnull", True), ("outcome", "written"), _connector="OR"),
                        name="consent_policy_notice_bounced_was_written",
                    ),
                ],
            },
        ),
    ]
