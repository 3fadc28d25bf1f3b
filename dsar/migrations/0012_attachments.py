"""Files of requests under keys of their own; no identity document is asked of who was logged in, none outlives its check."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import vault.fields

GUARDS = """
CREATE FUNCTION dsar_guard_asking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM dsar_identitycheck
        WHERE case_id = NEW.case_id AND method = 'login' AND outcome = 'shown'
    ) THEN
        RAISE EXCEPTION 'a log-in has shown who this is' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_asking BEFORE INSERT ON dsar_documentask
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_asking();

CREATE FUNCTION dsar_guard_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.outcome IN ('shown', 'doubted', 'failed') AND EXISTS (
        SELECT 1 FROM dsar_attachment
        WHERE case_id = NEW.case_id AND purpose = 'identity' AND destroyed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'an identity document would outlive its check' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_checked BEFORE INSERT OR UPDATE OF outcome ON dsar_identitycheck
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_checked();
"""
NO_GUARDS = """
DROP TRIGGER dsar_guard_checked ON dsar_identitycheck;
DROP FUNCTION dsar_guard_checked();
DROP TRIGGER dsar_guard_asking ON dsar_documentask;
DROP FUNCTION dsar_guard_asking();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0011_unproven_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentAsk",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "why",
                    vault.fields.SealedTextField(
                        max_length=1000, owner="case_id", verbose_name="why nothing lighter was enough"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("asked_by", models.UUIDField(editable=False, verbose_name="asked by")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="document_asks",
                        to="dsar.subjectrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "asking for an identity document",
                "verbose_name_plural": "askings for identity documents",
                "ordering": ["asked_at"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="number of the file",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("evidence", "evidence"),
                            ("authority", "document of authority"),
                            ("identity", "identity document"),
                            ("unsorted", "not looked at yet"),
                        ],
                        max_length=10,
                        verbose_name="what it is for",
                    ),
                ),
                (
                    "came_by",
                    models.CharField(
                        choices=[
                            ("person", "on the page of the request"),
                            ("mail", "attached to an e-mail"),
                            ("staff", "added by our staff"),
                        ],
                        max_length=10,
                        verbose_name="how it came",
                    ),
                ),
                (
                    "name",
                    vault.fields.SealedTextField(
                        blank=True, max_length=150, owner="id", verbose_name="name of the file"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("jpeg", "JPEG"), ("png", "PNG"), ("other", "another kind")],
                        max_length=5,
                        verbose_name="kind by its content",
                    ),
                ),
                ("size", models.BigIntegerField(verbose_name="size in bytes")),
                ("file_name", models.CharField(blank=True, editable=False, max_length=120)),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("added_by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="added by")),
                ("destroyed_at", models.DateTimeField(blank=True, null=True, verbose_name="destroyed")),
                (
                    "destroyed_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("checked", "the check for which it was asked is over"),
                            ("not_asked", "nobody had asked for it"),
                            ("unchecked", "nobody had looked at it in time"),
                        ],
                        max_length=10,
                        verbose_name="why destroyed",
                    ),
                ),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="dsar.subjectrequest",
                    ),
                ),
                (
                    "ask",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="dsar.documentask",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a request",
                "verbose_name_plural": "files of requests",
                "ordering": ["received_at", "id"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="documentask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True)), fields=("case",), name="dsar_one_open_ask"
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("destroyed_at__isnull", True),
                        ("destroyed_because", ""),
                        models.Q(("file_name", ""), _negated=True),
                    ),
                    models.Q(
                        ("destroyed_at__isnull", False),
                        ("file_name", ""),
                        models.Q(("destroyed_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dsar_file_or_destroyed",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose", "identity"), _negated=True),
                    ("ask__isnull", False),
                    ("destroyed_at__isnull", False),
                    _connector="OR",
                ),
                name="dsar_no_document_unasked",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
