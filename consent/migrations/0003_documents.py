"""The letters and mails that prove consents given or withdrawn without a click (Q19.5)."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import vault.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_proof_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentDocument",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject_token", models.CharField(db_index=True, max_length=64, verbose_name="whose")),
                ("file_name", models.CharField(editable=False, max_length=120)),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the document")),
                ("arrived_at", models.DateTimeField(verbose_name="arrived")),
                (
                    "shown_by",
                    vault.fields.SealedTextField(max_length=500, owner="id", verbose_name="how the writer was known"),
                ),
                ("recorded_by", models.UUIDField(editable=False, verbose_name="recorded by")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="consent.consentevent",
                        verbose_name="consent event",
                    ),
                ),
            ],
            options={
                "verbose_name": "document of a consent",
                "verbose_name_plural": "documents of consents",
                "ordering": ["-recorded_at"],
                "default_permissions": ("view",),
                "permissions": [
                    ("record_letter", "May record consents that came by letter or mail, and open the documents")
                ],
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrived_at__lte", models.F("recorded_at")), models.Q(("file_name", ""), _negated=True)
                        ),
                        name="consent_document_arrived_before",
                    )
                ],
            },
        ),
    ]
