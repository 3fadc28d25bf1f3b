"""A request whose question stays unanswered is closed by rule; one copy may answer several requests of a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As in 0001, without and with the end of a request that waits for its person (dsar.terms.TRANSITIONS).
_BEFORE = """
CREATE OR REPLACE FUNCTION dsar_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""
_AFTER = _BEFORE.replace(
    "('clarification_pending', 'withdrawn'),",
    "('clarification_pending', 'withdrawn'), ('clarification_pending', 'closed_unanswered'),",
).replace(
    "('closed_unidentified', 'reopened'),", "('closed_unidentified', 'reopened'), ('closed_unanswered', 'reopened'),"
)


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0006_snapshot"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(_AFTER, _BEFORE),
        migrations.RemoveConstraint(
            model_name="subjectrequest",
            name="dsar_closed_has_its_end",
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="answered_with",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="dsar.subjectrequest",
                verbose_name="answered together with",
            ),
        ),
        migrations.AlterField(
            model_name="subjectrequest",
            name="stage",
            field=models.CharField(
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
                    ("closed_unanswered", "closed: our question stayed unanswered"),
                    ("reopened", "reopened"),
                ],
                default="received",
                max_length=24,
                verbose_name="stage",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("ends_at__isnull", False),
                        (
                            "stage__in",
                            [
                                "answered",
                                "closed_unanswered",
                                "closed_unidentified",
                                "partly_refused",
                                "refused",
                                "withdrawn",
                            ],
                        ),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "stage__in",
                                [
                                    "answered",
                                    "closed_unanswered",
                                    "closed_unidentified",
                                    "partly_refused",
                                    "refused",
                                    "withdrawn",
                                ],
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
    ]
