"""Objections, corrections and notices to recipients; guards that no answer comes before the last notice."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.fields

# The same list as dsar.terms.SETTLED: what lacks a final outcome keeps its request open (Art. 19).
RECIPIENTS_GUARD = """
CREATE FUNCTION dsar_guard_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage <> OLD.stage AND NEW.stage IN ('answered', 'partly_refused') AND EXISTS (
        SELECT 1 FROM dsar_recipientnotice
        WHERE case_id = NEW.id AND outcome NOT IN ('nothing_held', 'confirmed', 'notice_sent', 'kept')
    ) THEN
        RAISE EXCEPTION 'a recipient of the data has not been told' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_recipients BEFORE UPDATE OF stage ON dsar_subjectrequest
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_recipients();
"""
NO_RECIPIENTS_GUARD = """
DROP TRIGGER dsar_guard_recipients ON dsar_subjectrequest;
DROP FUNCTION dsar_guard_recipients();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0003_portal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=100, verbose_name="table")),
                ("field", models.CharField(max_length=100, verbose_name="field")),
                (
                    "before",
                    vault.fields.SealedTextField(blank=True, max_length=2000, owner="case_id", verbose_name="before"),
                ),
                (
                    "after",
                    vault.fields.SealedTextField(blank=True, max_length=2000, owner="case_id", verbose_name="after"),
                ),
                ("at", models.DateTimeField(verbose_name="corrected")),
                ("by", models.UUIDField(editable=False, verbose_name="corrected by")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="dsar.subjectrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=40, verbose_name="purpose")),
                ("case_number", models.CharField(max_length=24, verbose_name="case number")),
                ("at", models.DateTimeField(verbose_name="stands since")),
                (
                    "grounds",
                    vault.fields.SealedTextField(
                        blank=True, max_length=2000, owner="user_id", verbose_name="compelling grounds"
                    ),
                ),
                ("proposed_by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="proposed by")),
                ("overruled_by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="found good by")),
                ("overruled_at", models.DateTimeField(blank=True, null=True, verbose_name="overruled")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
                "ordering": ["-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("overruled_at__isnull", True)),
                        fields=("user", "purpose"),
                        name="dsar_one_objection_a_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("overruled_at__isnull", True), ("overruled_by__isnull", True)),
                            models.Q(
                                ("overruled_at__isnull", False),
                                ("overruled_by__isnull", False),
                                ("proposed_by__isnull", False),
                                models.Q(("proposed_by", models.F("overruled_by")), _negated=True),
                                models.Q(("grounds", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dsar_overruled_by_two_on_grounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecipientNotice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=200, verbose_name="recipient")),
                (
                    "article",
                    models.CharField(
                        choices=[
                            ("16", "correction – Art. 16 GDPR"),
                            ("17", "erasure – Art. 17 GDPR"),
                            ("18", "restriction – Art. 18 GDPR"),
                        ],
                        max_length=2,
                        verbose_name="about",
                    ),
                ),
                ("ordered_at", models.DateTimeField(verbose_name="ordered")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told")),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("adapter", "programming interface"),
                            ("email", "e-mail"),
                            ("post", "letter"),
                            ("portal", "portal of the recipient"),
                        ],
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nothing_held", "nothing was ever sent there"),
                            ("requested", "requested, not yet confirmed"),
                            ("confirmed", "confirmed"),
                            ("notice_sent", "told; decides on its own"),
                            ("kept", "kept there for a stated reason"),
                            ("failed", "failed; we go on trying"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500, verbose_name="in words")),
                (
                    "evidence_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the evidence"),
                ),
                ("by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="recorded by")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipient_notices",
                        to="dsar.subjectrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice to a recipient",
                "verbose_name_plural": "notices to recipients",
                "ordering": ["ordered_at", "recipient"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "recipient", "article"), name="dsar_one_notice_an_article"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", ""), ("outcome", "failed"), ("told_at__isnull", False), _connector="OR"
                        ),
                        name="dsar_an_outcome_has_its_day",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RECIPIENTS_GUARD, NO_RECIPIENTS_GUARD),
    ]
