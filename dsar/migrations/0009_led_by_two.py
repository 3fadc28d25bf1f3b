"""Staff lead a request to an account from a foreign address by two; only its owner or two of them erase it."""

from django.db import migrations, models

# Whoever edits rows past the services: one member of the staff makes no request one about somebody's account, and no
# code to an address that the account has not confirmed erases it.
ACCOUNT_GUARD = """
CREATE FUNCTION dsar_guard_led_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_own boolean := NEW.user_id IS NULL OR EXISTS (
        SELECT 1 FROM account_emailaddress
        WHERE user_id = NEW.user_id AND verified AND lower(email) = lower(NEW.email)
    );
BEGIN
    IF NEW.user_id IS DISTINCT FROM OLD.user_id AND NOT is_own AND NOT EXISTS (
        SELECT 1 FROM dsar_identitycheck
        WHERE case_id = NEW.id AND outcome = 'shown' AND agreed_by IS NOT NULL AND account_token = NEW.subject_token
    ) THEN
        RAISE EXCEPTION 'a second person has not agreed to this account' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage = 'executing' AND OLD.stage <> 'executing' AND NEW.erasure_approved_by IS NULL AND NOT EXISTS (
        SELECT 1 FROM dsar_identitycheck
        WHERE case_id = NEW.id AND outcome = 'shown' AND (method = 'login' OR (is_own AND method = 'email_code'))
    ) THEN
        RAISE EXCEPTION 'only the person or two of the staff erase' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dsar_guard_led_account BEFORE UPDATE OF user_id, stage ON dsar_subjectrequest
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_led_account();
"""
NO_ACCOUNT_GUARD = """
DROP TRIGGER dsar_guard_led_account ON dsar_subjectrequest;
DROP FUNCTION dsar_guard_led_account();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("dsar", "0008_told_before_any_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="caution",
            name="cause",
            field=models.CharField(
                choices=[
                    ("changed", "the account was changed a short while ago"),
                    ("foreign", "the request came from an address that is not the account's"),
                ],
                default="changed",
                max_length=8,
                verbose_name="why",
            ),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="account_token",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="identitycheck",
            name="agreed_by",
            field=models.UUIDField(blank=True, editable=False, null=True, verbose_name="agreed by"),
        ),
        migrations.AlterField(
            model_name="identitycheck",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("proposed", "waits for a second person"),
                    ("shown", "shown"),
                    ("doubted", "in doubt"),
                    ("failed", "not shown"),
                ],
                max_length=10,
                verbose_name="outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "shown"), _negated=True),
                    ("account_token", ""),
                    models.Q(
                        ("agreed_by__isnull", False),
                        ("by__isnull", False),
                        models.Q(("agreed_by", models.F("by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dsar_led_to_an_account_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "proposed")), fields=("case",), name="dsar_one_proposed_account"
            ),
        ),
        migrations.RunSQL(ACCOUNT_GUARD, NO_ACCOUNT_GUARD),
    ]
