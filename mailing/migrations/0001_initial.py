"""Outgoing messages and suppressed addresses."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email_token", models.CharField(max_length=43, unique=True, verbose_name="token of the address")),
                ("at", models.DateTimeField(verbose_name="since")),
                ("reason", models.CharField(max_length=40, verbose_name="reason")),
            ],
            options={
                "verbose_name": "suppressed address",
                "verbose_name_plural": "suppressed addresses",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMessage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("to_address", models.EmailField(max_length=254, verbose_name="to")),
                ("user_id", models.UUIDField(blank=True, null=True, verbose_name="account")),
                ("template", models.CharField(blank=True, max_length=80, verbose_name="kind of message")),
                ("purpose", models.CharField(max_length=40, verbose_name="purpose")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("subject", models.CharField(max_length=255, verbose_name="subject")),
                ("body_sealed", models.BinaryField(blank=True, null=True, verbose_name="sealed body")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("sent", "handed over"),
                            ("refused_by_gate", "not sent: no permission at that moment"),
                            ("failed", "given up"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="written at")),
                ("handed_over_at", models.DateTimeField(blank=True, null=True, verbose_name="handed over at")),
                ("handed_to", models.CharField(blank=True, max_length=40, verbose_name="handed over to")),
                ("provider_id", models.CharField(blank=True, max_length=255, verbose_name="number at the carrier")),
                ("refused_reason", models.CharField(blank=True, max_length=200, verbose_name="why it was not sent")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="why it was given up")),
                ("forget_after_delivery", models.BooleanField(default=False, verbose_name="forget after delivery")),
            ],
            options={
                "verbose_name": "outgoing message",
                "verbose_name_plural": "outgoing messages",
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(fields=["to_address"], name="mailing_message_to"),
                    models.Index(
                        condition=models.Q(("user_id__isnull", False)), fields=["user_id"], name="mailing_message_user"
                    ),
                    models.Index(fields=["created_at"], name="mailing_message_created"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "refused_by_gate", "failed"])),
                        name="mailing_message_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handed_over_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("handed_over_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="mailing_message_sent_has_its_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "failed"]), ("body_sealed__isnull", True), _connector="OR"
                        ),
                        name="mailing_message_closed_has_no_body",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused_by_gate"), _negated=True),
                            models.Q(("refused_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="mailing_message_refused_says_why",
                    ),
                ],
            },
        ),
    ]
