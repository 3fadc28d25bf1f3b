"""Creates the run reports, the journal of erasures, the receipts and the sealed archive; the ledgers refuse changes."""

import uuid

from django.db import migrations, models

from audit.operations import AppendOnly


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ArchiveRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("email_token", models.CharField(db_index=True, max_length=64)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "archive record",
                "verbose_name_plural": "archive records",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("created_at"))),
                        name="retention_archive_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureReceipt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("case_number", models.CharField(db_index=True, max_length=40, verbose_name="case")),
                ("secret_digest", models.CharField(db_index=True, max_length=64, verbose_name="digest of the secret")),
                ("document", models.JSONField(verbose_name="document")),
            ],
            options={
                "verbose_name": "erasure receipt",
                "verbose_name_plural": "erasure receipts",
                "ordering": ["-id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="retention_erasurereceipt_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case_number", models.CharField(max_length=40, unique=True, verbose_name="case")),
                ("subject_id", models.UUIDField(db_index=True, null=True, verbose_name="account")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("executed", "executed, not yet verified"),
                            ("done", "done"),
                            ("needs_attention", "needs attention"),
                        ],
                        default="executed",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("plan_digest", models.CharField(max_length=64, verbose_name="plan")),
                ("objected_to_archive", models.BooleanField(verbose_name="objected to the archive")),
                ("archive_ends_at", models.DateTimeField(null=True, verbose_name="archive until")),
                ("lines", models.JSONField(verbose_name="lines")),
                ("findings", models.JSONField(default=list, verbose_name="found afterwards")),
                ("sealed_subject", models.BinaryField(default=bytes, verbose_name="what to search for")),
                ("executed_at", models.DateTimeField(verbose_name="executed")),
                ("verified_at", models.DateTimeField(null=True, verbose_name="verified")),
                ("ends_at", models.DateTimeField(db_index=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ["-executed_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "executed"), ("verified_at", None)),
                            models.Q(models.Q(("state", "executed"), _negated=True), ("verified_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="retention_run_verified",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SweepRun",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("run", models.UUIDField(verbose_name="run")),
                ("table", models.CharField(max_length=100, verbose_name="table")),
                ("rule", models.CharField(max_length=50, verbose_name="rule")),
                ("rule_version", models.CharField(max_length=64, verbose_name="version of the rule")),
                ("applied", models.BooleanField(verbose_name="applied")),
                ("due", models.PositiveBigIntegerField(verbose_name="rows due")),
                ("deleted", models.PositiveBigIntegerField(verbose_name="deleted")),
                ("failed", models.PositiveBigIntegerField(verbose_name="failed")),
                ("failure", models.CharField(blank=True, max_length=100, verbose_name="first failure")),
                ("oldest_at", models.DateTimeField(null=True, verbose_name="oldest remaining")),
                ("duration_ms", models.PositiveBigIntegerField(verbose_name="duration in ms")),
            ],
            options={
                "verbose_name": "sweep",
                "verbose_name_plural": "sweeps",
                "ordering": ["-id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="retention_sweeprun_is_chained",
                    )
                ],
            },
        ),
        AppendOnly("retention_sweeprun"),
        AppendOnly("retention_erasurereceipt"),
    ]
