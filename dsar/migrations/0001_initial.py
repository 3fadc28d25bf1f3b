"""Tables of requests, with the guard on their stages, the sequence of case numbers and the append-only ledger."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.operations import AppendOnly

# The same moves as dsar.terms.TRANSITIONS (a test compares them), so that no code path, shell or admin can take another.
STAGE_GUARD = """
CREATE FUNCTION dsar_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stage <> 'received' THEN
            RAISE EXCEPTION 'a request begins as received, not as %', NEW.stage USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.stage <> OLD.stage AND (OLD.stage, NEW.stage) NOT IN (
            ('received', 'identity_pending'),
            ('received', 'open'),
            ('received', 'withdrawn'),
            ('identity_pending', 'open'),
            ('identity_pending', 'withdrawn'),
            ('identity_pending', 'closed_unidentified'),
            ('open', 'identity_pending'),
            ('open', 'clarification_pending'),
            ('open', 'executing'),
            ('open', 'answered'),
            ('open', 'partly_refused'),
            ('open', 'refused'),
            ('open', 'withdrawn'),
            ('clarification_pending', 'open'),
            ('clarification_pending', 'refused'),
            ('clarification_pending', 'withdrawn'),
            ('executing', 'open'),
            ('executing', 'answered'),
            ('executing', 'partly_refused'),
            ('answered', 'reopened'),
            ('partly_refused', 'reopened'),
            ('refused', 'reopened'),
            ('closed_unidentified', 'reopened'),
            ('reopened', 'open'),
            ('reopened', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'a request cannot go from % to %', OLD.stage, NEW.stage USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_stage BEFORE INSERT OR UPDATE OF stage ON dsar_subjectrequest
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_stage();
"""
NO_STAGE_GUARD = """
DROP TRIGGER dsar_guard_stage ON dsar_subjectrequest;
DROP FUNCTION dsar_guard_stage();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("case_number", models.CharField(db_index=True, max_length=24, verbose_name="case number")),
                ("action", models.CharField(max_length=40, verbose_name="what happened")),
                ("stage_before", models.CharField(blank=True, max_length=24, verbose_name="stage before")),
                ("stage_after", models.CharField(max_length=24, verbose_name="stage after")),
                ("actor_kind", models.CharField(max_length=10, verbose_name="done by")),
                ("rules", models.CharField(max_length=20, verbose_name="table of holidays")),
                ("sealed_note", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name": "event of a case",
                "verbose_name_plural": "events of cases",
                "ordering": ["id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="dsar_caseevent_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SubjectRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="case number")),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("access", "Access to your data"),
                            ("rectification", "Correction of your data"),
                            ("erasure", "Erasure of your data"),
                            ("restriction", "Restriction of processing"),
                            ("portability", "Data portability"),
                            ("objection", "Objection to processing"),
                            ("human_review", "Review by a human"),
                            ("withdrawal", "Withdrawal of consent"),
                            ("complaint", "Complaint"),
                        ],
                        max_length=20,
                        verbose_name="request",
                    ),
                ),
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
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("identity_pending", "waiting for proof of identity"),
                            ("open", "being worked on"),
                            ("clarification_pending", "waiting for your clarification"),
                            ("executing", "being carried out"),
                            ("answered", "answered"),
                            ("partly_refused", "answered, partly refused"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn by you"),
                            ("closed_unidentified", "closed: identity not shown"),
                            ("reopened", "reopened"),
                        ],
                        default="received",
                        max_length=24,
                        verbose_name="stage",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not decided"),
                            ("fulfilled", "done"),
                            ("partly_fulfilled", "partly done"),
                            ("refused", "refused"),
                            ("withdrawn_by_subject", "withdrawn"),
                        ],
                        default="",
                        max_length=24,
                        verbose_name="outcome",
                    ),
                ),
                ("subject_token", models.CharField(blank=True, db_index=True, max_length=64)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="contact address")),
                ("language", models.CharField(default="lv", max_length=5, verbose_name="language")),
                ("text", models.TextField(blank=True, max_length=10000, verbose_name="in the person's words")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("identified_at", models.DateTimeField(blank=True, null=True, verbose_name="identity shown")),
                ("extended_at", models.DateTimeField(blank=True, null=True, verbose_name="notice of extension sent")),
                (
                    "extension_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("complexity_of_process", "the request is complex"),
                            ("high_volume_of_processes", "there are many requests"),
                        ],
                        max_length=40,
                        verbose_name="why it takes longer",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=20000, verbose_name="answer")),
                (
                    "refusal_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identity_verification_failure", "identity could not be shown – Art. 12(2) GDPR"),
                            ("process_unfounded", "manifestly unfounded – Art. 12(5) GDPR"),
                            ("process_excessive", "manifestly excessive – Art. 12(5) GDPR"),
                            ("legally_exempted", "a law forbids it – Art. 17(3)(b) GDPR"),
                            ("legal_claim_defence_impaired", "needed for legal claims – Art. 17(3)(e) GDPR"),
                            ("third_party_rights_impaired", "rights of others – Art. 15(4) GDPR"),
                            ("freedom_of_expression_impaired", "freedom of expression – Art. 17(3)(a) GDPR"),
                        ],
                        max_length=40,
                        verbose_name="why refused",
                    ),
                ),
                (
                    "refusal_proposed_by",
                    models.UUIDField(blank=True, editable=False, null=True, verbose_name="refusal proposed by"),
                ),
                (
                    "refusal_approved_by",
                    models.UUIDField(blank=True, editable=False, null=True, verbose_name="refusal approved by"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="case file kept until")),
                ("plan_digest", models.CharField(blank=True, max_length=64)),
                ("objects_to_archive", models.BooleanField(default=False, verbose_name="objects to the archive")),
                ("receipt_digest", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("contact_key", models.UUIDField(blank=True, editable=False, null=True)),
                ("sealed_contact", models.BinaryField(blank=True, default=b"")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "request",
                "verbose_name_plural": "requests",
                "ordering": ["received_at"],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting for its turn"),
                            ("building", "being put together"),
                            ("ready", "ready"),
                            ("failed", "failed; we will look into it"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("key_owner", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("file_name", models.CharField(blank=True, max_length=120)),
                ("size", models.BigIntegerField(default=0, verbose_name="size in bytes")),
                ("manifest", models.JSONField(blank=True, default=dict, verbose_name="manifest")),
                ("rows_done", models.BigIntegerField(default=0, verbose_name="rows written")),
                ("rows_total", models.BigIntegerField(default=0, verbose_name="rows to write")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("lease", models.UUIDField(blank=True, editable=False, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("queued_at", models.DateTimeField(verbose_name="queued")),
                ("built_at", models.DateTimeField(blank=True, null=True, verbose_name="completed")),
                ("link_ends_at", models.DateTimeField(blank=True, null=True, verbose_name="can be downloaded until")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                ("downloads", models.PositiveSmallIntegerField(default=0, verbose_name="downloads")),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="package", to="dsar.subjectrequest"
                    ),
                ),
            ],
            options={
                "verbose_name": "access copy",
                "verbose_name_plural": "access copies",
            },
        ),
        migrations.CreateModel(
            name="CasePause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("id", "waiting for proof of identity – Art. 12(6) GDPR"),
                            ("clar", "waiting for your clarification"),
                        ],
                        max_length=8,
                        verbose_name="question",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pauses", to="dsar.subjectrequest"
                    ),
                ),
            ],
            options={
                "verbose_name": "question to the person",
                "verbose_name_plural": "questions to the person",
                "ordering": ["asked_at"],
            },
        ),
        migrations.AddIndex(
            model_name="subjectrequest",
            index=models.Index(models.F("stage"), models.F("received_at"), name="dsar_desk"),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("ends_at__isnull", False),
                        ("stage__in", ["answered", "closed_unidentified", "partly_refused", "refused", "withdrawn"]),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "stage__in",
                                ["answered", "closed_unidentified", "partly_refused", "refused", "withdrawn"],
                            ),
                            _negated=True,
                        ),
                        ("closed_at__isnull", True),
                        ("ends_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="dsar_closed_has_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage__in", ["executing", "answered", "partly_refused"]), _negated=True),
                    ("identified_at__isnull", False),
                    _connector="OR",
                ),
                name="dsar_nothing_runs_unidentified",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "refused"), _negated=True),
                    models.Q(
                        ("refusal_approved_by__isnull", False),
                        ("refusal_proposed_by__isnull", False),
                        models.Q(("refusal_proposed_by", models.F("refusal_approved_by")), _negated=True),
                        models.Q(("refusal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dsar_refused_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("extended_at__isnull", True), ("extension_reason", "")),
                    models.Q(("extended_at__isnull", False), models.Q(("extension_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="dsar_extension_has_reason",
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
                ),
                fields=("user", "right"),
                name="dsar_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.CheckConstraint(condition=models.Q(("downloads__lte", 3)), name="dsar_download_limit"),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(
                        ("built_at__isnull", False),
                        ("ends_at__isnull", False),
                        ("link_ends_at__isnull", False),
                        models.Q(("file_name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dsar_ready_has_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_at__isnull", True), ("answered_at__gte", models.F("asked_at")), _connector="OR"
                ),
                name="dsar_answer_after_question",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True)), fields=("case",), name="dsar_one_open_question"
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE dsar_case_number", "DROP SEQUENCE dsar_case_number"),
        migrations.RunSQL(STAGE_GUARD, NO_STAGE_GUARD),
        AppendOnly("dsar_caseevent"),
    ]
