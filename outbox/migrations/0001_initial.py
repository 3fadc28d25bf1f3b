"""The outbox, and the sequence that gives its rows their order."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SEQUENCE outbox_effect_sequence AS bigint", "DROP SEQUENCE outbox_effect_sequence"),
        migrations.CreateModel(
            name="Effect",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                ("aggregate", models.CharField(max_length=120, verbose_name="ordered within")),
                ("subject", models.UUIDField(blank=True, null=True, verbose_name="account")),
                ("payload", models.JSONField(default=dict, verbose_name="ids")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("leased", "being carried out"),
                            ("done", "carried out"),
                            ("unknown", "answer lost, to be looked up"),
                            ("failed", "given up, waits for staff"),
                        ],
                        default="pending",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "sequence",
                    models.BigIntegerField(
                        db_default=models.Func(models.Value("outbox_effect_sequence"), function="nextval"),
                        verbose_name="place in the order",
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("created_at", models.DateTimeField(verbose_name="ordered at")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("leased_until", models.DateTimeField(blank=True, null=True, verbose_name="leased until")),
                ("lease_token", models.UUIDField(blank=True, null=True, verbose_name="lease")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="carried out at")),
                ("last_error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
                "ordering": ["-sequence"],
                "permissions": [("requeue_effect", "Can put a failed effect back")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("pending", "unknown", "leased"))),
                        fields=["sequence"],
                        name="outbox_effect_to_claim",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("pending", "unknown", "leased"))),
                        fields=["aggregate", "sequence"],
                        name="outbox_effect_order",
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["sequence"], name="outbox_effect_dead_letters"
                    ),
                    models.Index(
                        condition=models.Q(("finished_at__isnull", False)),
                        fields=["finished_at"],
                        name="outbox_effect_finished",
                    ),
                    models.Index(
                        condition=models.Q(("subject__isnull", False)), fields=["subject"], name="outbox_effect_subject"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("sequence",), name="outbox_effect_sequence_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "leased", "done", "unknown", "failed"])),
                        name="outbox_effect_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("finished_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="outbox_effect_done_has_its_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_token__isnull", False), ("leased_until__isnull", False), ("state", "leased")
                            ),
                            models.Q(
                                models.Q(("state", "leased"), _negated=True),
                                ("lease_token__isnull", True),
                                ("leased_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="outbox_effect_leased_has_its_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("last_error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="outbox_effect_failed_says_why",
                    ),
                ],
            },
        ),
    ]
