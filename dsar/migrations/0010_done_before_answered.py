"""No answer without what was asked for, no "identity not shown" where it was, and no second life for an erasure."""

from django.db import migrations, models

# The same questions as dsar.fulfilment.is_done. What was not done is refused, by two, and never answered by one.
DONE_GUARD = """
CREATE FUNCTION dsar_guard_done() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER dsar_guard_what_was_done BEFORE UPDATE OF stage ON dsar_subjectrequest
    FOR EACH ROW EXECUTE FUNCTION dsar_guard_done();
"""
NO_DONE_GUARD = """
DROP TRIGGER dsar_guard_what_was_done ON dsar_subjectrequest;
DROP FUNCTION dsar_guard_done();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0009_led_by_two"),
        ("retention", "0006_restriction_ends_with_erasure"),
    ]

    operations = [
        migrations.AlterField(
            model_name="subjectrequest",
            name="refusal_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("identity_verification_failure", "identity could not be shown – Art. 12(2) GDPR"),
                    ("process_unfounded", "manifestly unfounded – Art. 12(5) GDPR"),
                    ("process_excessive", "manifestly excessive – Art. 12(5) GDPR"),
                    ("legally_exempted", "a law forbids it – Art. 17(3)(b) GDPR"),
                    ("legal_claim_defence_impaired", "needed for legal claims – Art. 17(3)(e) GDPR"),
                    ("third_party_rights_impaired", "rights of others – Art. 15(4) GDPR"),
                    ("freedom_of_expression_impaired", "freedom of expression – Art. 17(3)(a) GDPR"),
                    ("nothing_held", "we hold no data about this person"),
                    ("conditions_not_met", "what this right depends on is not the case"),
                ],
                max_length=40,
                verbose_name="why refused",
            ),
        ),
        migrations.RunSQL(DONE_GUARD, NO_DONE_GUARD),
    ]
