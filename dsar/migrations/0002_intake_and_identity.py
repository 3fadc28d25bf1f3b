"""Messages, identity checks, codes, representatives and correspondence; guards what is given."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.fields

# The same list as dsar.terms.NEEDS_NO_IDENTITY and GIVES: no code path, shell or admin gives anything for a request
# without an identity check of its own, or to a representative whose authority nobody checked.
IDENTITY_GUARD = """
CREATE FUNCTION dsar_guard_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage = OLD.stage OR NEW.stage NOT IN ('executing', 'answered', 'partly_refused') THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM dsar_identitycheck AS shown
        WHERE shown.case_id = NEW.id AND shown.outcome = 'shown'
            AND (shown.method <> 'not_needed' OR NEW."right" IN ('general', 'complaint', 'marketing_objection'))
    ) THEN
        RAISE EXCEPTION 'nobody has shown an identity for this request' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM dsar_representative WHERE case_id = NEW.id AND checked_at IS NULL) THEN
        RAISE EXCEPTION 'nobody has checked the authority of the representative' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_identity BEFORE UPDATE OF stage ON dsar_subjectrequest
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_identity();
"""
NO_IDENTITY_GUARD = """
DROP TRIGGER dsar_guard_identity ON dsar_subjectrequest;
DROP FUNCTION dsar_guard_identity();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseMessage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("from_person", "from the person"),
                            ("to_person", "to the person"),
                            ("note", "note of the staff"),
                        ],
                        max_length=12,
                        verbose_name="direction",
                    ),
                ),
                ("text", vault.fields.SealedTextField(max_length=20000, owner="case_id", verbose_name="text")),
                ("at", models.DateTimeField(verbose_name="written")),
                ("by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="written by")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "message of a case",
                "verbose_name_plural": "messages of cases",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("identity", "show that the request is yours"),
                            ("download", "download your copy"),
                            ("erasure", "confirm the erasure"),
                        ],
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("created_at", models.DateTimeField(verbose_name="sent")),
                ("ends_at", models.DateTimeField(verbose_name="valid until")),
                ("burned_at", models.DateTimeField(blank=True, null=True, verbose_name="used or replaced")),
            ],
            options={
                "verbose_name": "code sent",
                "verbose_name_plural": "codes sent",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("login", "log-in"),
                            ("email_code", "code sent to the address"),
                            ("known_facts", "facts that only the person knows"),
                            ("id_document", "identity document, looked at and not kept"),
                            ("not_needed", "not needed for this request"),
                        ],
                        max_length=20,
                        verbose_name="method",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("shown", "shown"), ("doubted", "in doubt"), ("failed", "not shown")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="judged")),
                ("by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="judged by")),
                (
                    "reason",
                    vault.fields.SealedTextField(blank=True, max_length=1000, owner="case_id", verbose_name="reason"),
                ),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "identity check",
                "verbose_name_plural": "identity checks",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Intake",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal_auth", "privacy portal, logged in"),
                            ("portal_token", "privacy portal, by e-mail link"),
                            ("email", "e-mail"),
                            ("messenger", "messenger or social network"),
                            ("post", "letter"),
                            ("oral", "spoken"),
                            ("api", "programming interface"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("sender", models.EmailField(blank=True, max_length=254, verbose_name="sender")),
                ("arrived_at", models.DateTimeField(verbose_name="arrived")),
                ("entered_at", models.DateTimeField(verbose_name="entered")),
                ("entered_by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="entered by")),
                ("dedupe_key", models.CharField(blank=True, editable=False, max_length=120, null=True, unique=True)),
                ("raw_file", models.CharField(blank=True, editable=False, max_length=120)),
                ("raw_size", models.BigIntegerField(default=0, verbose_name="size in bytes")),
                ("raw_sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the original")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "message received",
                "verbose_name_plural": "messages received",
                "ordering": ["-arrived_at"],
            },
        ),
        migrations.CreateModel(
            name="Representative",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", vault.fields.SealedTextField(max_length=200, owner="case_id", verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("parent", "parent or guardian"),
                            ("lawyer", "advocate or lawyer"),
                            ("attorney", "holder of a power of attorney"),
                            ("other", "other representative"),
                        ],
                        max_length=12,
                        verbose_name="acts as",
                    ),
                ),
                (
                    "document",
                    vault.fields.SealedTextField(
                        blank=True,
                        help_text="Which document, of which date; not its copy.",
                        max_length=500,
                        owner="case_id",
                        verbose_name="document of authority",
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="authority checked")),
                ("checked_by", models.UUIDField(blank=True, editable=False, null=True, verbose_name="checked by")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "representative",
                "verbose_name_plural": "representatives",
            },
        ),
        migrations.RemoveConstraint(
            model_name="subjectrequest",
            name="dsar_one_at_a_time",
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="key_digest",
            field=models.CharField(blank=True, max_length=64, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="subjectrequest",
            name="channel",
            field=models.CharField(
                choices=[
                    ("portal_auth", "privacy portal, logged in"),
                    ("portal_token", "privacy portal, by e-mail link"),
                    ("email", "e-mail"),
                    ("messenger", "messenger or social network"),
                    ("post", "letter"),
                    ("oral", "spoken"),
                    ("api", "programming interface"),
                ],
                max_length=20,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="subjectrequest",
            name="right",
            field=models.CharField(
                choices=[
                    ("access", "Access to your data"),
                    ("rectification", "Correction of your data"),
                    ("erasure", "Erasure of your data"),
                    ("restriction", "Restriction of processing"),
                    ("portability", "Data portability"),
                    ("objection", "Objection to processing"),
                    ("marketing_objection", "No more advertising"),
                    ("human_review", "Review by a human"),
                    ("withdrawal", "Withdrawal of consent"),
                    ("complaint", "Complaint"),
                    ("general", "A question about your data"),
                ],
                max_length=20,
                verbose_name="request",
            ),
        ),
        migrations.AddField(
            model_name="casemessage",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="dsar.subjectrequest"
            ),
        ),
        migrations.AddField(
            model_name="challenge",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="challenges", to="dsar.subjectrequest"
            ),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="identity_checks", to="dsar.subjectrequest"
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(("arrived_at__lte", models.F("entered_at"))),
                name="dsar_nothing_arrives_after_its_entry",
            ),
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="intake",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="cases",
                to="dsar.intake",
                verbose_name="message received",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("channel", "portal_auth"),
                    ("right__in", ["access", "erasure"]),
                    (
                        "stage__in",
                        ["clarification_pending", "executing", "identity_pending", "open", "received", "reopened"],
                    ),
                ),
                fields=("user", "right"),
                name="dsar_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("right__in", ["access", "erasure"]),
                    (
                        "stage__in",
                        ["clarification_pending", "executing", "identity_pending", "open", "received", "reopened"],
                    ),
                    ("user__isnull", True),
                    models.Q(("email", ""), _negated=True),
                ),
                fields=("email", "right"),
                name="dsar_one_at_a_time_by_address",
            ),
        ),
        migrations.AddField(
            model_name="representative",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="representative", to="dsar.subjectrequest"
            ),
        ),
        migrations.AddIndex(
            model_name="casemessage",
            index=models.Index(models.F("case"), models.F("at"), name="dsar_correspondence"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(condition=models.Q(("tries__lte", 5)), name="dsar_challenge_tries"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("burned_at__isnull", True)),
                fields=("case", "purpose"),
                name="dsar_one_live_challenge",
            ),
        ),
        migrations.AddIndex(
            model_name="identitycheck",
            index=models.Index(models.F("case"), models.F("outcome"), name="dsar_identity_shown"),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method__in", ["known_facts", "id_document"]), _negated=True),
                    ("by__isnull", False),
                    _connector="OR",
                ),
                name="dsar_judged_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at__isnull", True), ("checked_by__isnull", True)),
                    models.Q(("checked_at__isnull", False), ("checked_by__isnull", False)),
                    _connector="OR",
                ),
                name="dsar_authority_checked_by_somebody",
            ),
        ),
        migrations.RunSQL(IDENTITY_GUARD, NO_IDENTITY_GUARD),
    ]
