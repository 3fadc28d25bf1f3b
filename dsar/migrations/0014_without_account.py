"""Restrictions and objections of people without an account are what was asked for; a declined copy is on record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.fields

SEALED_UNDER = "UPDATE dsar_objection SET sealed_under = user_id"

# The same questions as dsar.fulfilment.is_done. Without an account a row is found by its own request, or by an earlier
# one from the same address: the database does not know the key of the tokens.
DONE_GUARD = """
CREATE OR REPLACE FUNCTION dsar_guard_done() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_erased boolean := NEW."right" = 'erasure' AND EXISTS (
        SELECT 1 FROM retention_erasurerun WHERE case_number = NEW.number AND state = 'done'
    );
    is_restricted boolean := NEW."right" IN ('restriction', 'objection') AND EXISTS (
        SELECT 1 FROM retention_restriction
        WHERE case_number = NEW.number OR (user_id = NEW.user_id AND ends_at IS NULL)
    ) OR EXISTS (
        SELECT 1 FROM retention_restriction AS standing JOIN dsar_subjectrequest AS earlier
        ON earlier.number = standing.case_number
        WHERE NEW.email <> '' AND lower(earlier.email) = lower(NEW.email)
        AND standing.user_id IS NULL AND standing.ends_at IS NULL
    );
    is_done boolean;
BEGIN
    IF NEW.stage = OLD.stage THEN
        RETURN NEW;
    END IF;
    is_done := CASE NEW."right"
        WHEN 'access' THEN EXISTS (SELECT 1 FROM dsar_package WHERE request_id = NEW.id AND state = 'ready')
        WHEN 'portability' THEN EXISTS (SELECT 1 FROM dsar_package WHERE request_id = NEW.id AND state = 'ready')
        WHEN 'erasure' THEN is_erased
        WHEN 'rectification' THEN EXISTS (SELECT 1 FROM dsar_correction WHERE case_id = NEW.id)
        WHEN 'restriction' THEN is_restricted
        WHEN 'objection' THEN is_restricted OR EXISTS (
            SELECT 1 FROM dsar_objection
            WHERE (user_id = NEW.user_id OR case_number = NEW.number) AND overruled_at IS NULL
        ) OR EXISTS (
            SELECT 1 FROM dsar_objection AS standing JOIN dsar_subjectrequest AS earlier
            ON earlier.number = standing.case_number
            WHERE NEW.email <> '' AND lower(earlier.email) = lower(NEW.email)
            AND standing.user_id IS NULL AND standing.overruled_at IS NULL
        )
        ELSE true
    END;
    IF NEW.stage = 'answered' AND NOT is_done THEN
        RAISE EXCEPTION 'nothing was done of what was asked for' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'closed_unidentified' AND EXISTS (
        SELECT 1 FROM dsar_identitycheck WHERE case_id = NEW.id AND outcome = 'shown' AND method <> 'not_needed'
    ) THEN
        RAISE EXCEPTION 'an identity was shown for this request' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'reopened' AND is_erased THEN
        RAISE EXCEPTION 'an erasure that was carried out is over' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION dsar_guard_done() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_erased boolean := NEW."right" = 'erasure' AND EXISTS (
        SELECT 1 FROM retention_erasurerun WHERE case_number = NEW.number AND state = 'done'
    );
    is_restricted boolean := NEW."right" IN ('restriction', 'objection') AND EXISTS (
        SELECT 1 FROM retention_restriction
        WHERE case_number = NEW.number OR (user_id = NEW.user_id AND ends_at IS NULL)
    );
    is_done boolean;
BEGIN
    IF NEW.stage = OLD.stage THEN
        RETURN NEW;
    END IF;
    is_done := CASE NEW."right"
        WHEN 'access' THEN EXISTS (SELECT 1 FROM dsar_package WHERE request_id = NEW.id AND state = 'ready')
        WHEN 'portability' THEN EXISTS (SELECT 1 FROM dsar_package WHERE request_id = NEW.id AND state = 'ready')
        WHEN 'erasure' THEN is_erased
        WHEN 'rectification' THEN EXISTS (SELECT 1 FROM dsar_correction WHERE case_id = NEW.id)
        WHEN 'restriction' THEN is_restricted
        WHEN 'objection' THEN is_restricted OR EXISTS (
            SELECT 1 FROM dsar_objection WHERE user_id = NEW.user_id AND overruled_at IS NULL
        )
        ELSE true
    END;
    IF NEW.stage = 'answered' AND NOT is_done THEN
        RAISE EXCEPTION 'nothing was done of what was asked for' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'closed_unidentified' AND EXISTS (
        SELECT 1 FROM dsar_identitycheck WHERE case_id = NEW.id AND outcome = 'shown' AND method <> 'not_needed'
    ) THEN
        RAISE EXCEPTION 'an identity was shown for this request' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'reopened' AND is_erased THEN
        RAISE EXCEPTION 'an erasure that was carried out is over' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0013_representative_fetches"),
        ("retention", "0008_restricted_without_account"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="email_token",
            field=models.CharField(
                blank=True,
                db_index=True,
                default="",
                editable=False,
                max_length=64,
                verbose_name="token of the address",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="sealed_under",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunSQL(SEALED_UNDER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="objection",
            name="sealed_under",
            field=models.UUIDField(editable=False),
        ),
        migrations.AddField(
            model_name="subjectrequest",
            name="copy_waived_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="copy declined"),
        ),
        migrations.AlterField(
            model_name="objection",
            name="grounds",
            field=vault.fields.SealedTextField(
                blank=True, max_length=2000, owner="sealed_under", verbose_name="compelling grounds"
            ),
        ),
        migrations.AlterField(
            model_name="objection",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("overruled_at__isnull", True), ("user__isnull", True)),
                fields=("email_token", "purpose"),
                name="dsar_one_objection_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user__isnull", False), models.Q(("email_token", ""), _negated=True), _connector="OR"
                ),
                name="dsar_objection_of_somebody",
            ),
        ),
        migrations.RunSQL(DONE_GUARD, BEFORE),
    ]
