"""No request ends, however it does, while somebody who received the data has not been told (Art. 19)."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION dsar_guard_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage <> OLD.stage AND NEW.stage IN ({stages}) AND EXISTS (
        SELECT 1 FROM dsar_recipientnotice
        WHERE case_id = NEW.id AND outcome NOT IN ('nothing_held', 'confirmed', 'notice_sent', 'kept')
    ) THEN
        RAISE EXCEPTION 'a recipient of the data has not been told' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
ANSWERED = "'answered', 'partly_refused'"
ENDED = "'answered', 'partly_refused', 'refused', 'withdrawn', 'closed_unidentified', 'closed_unanswered'"


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0007_waiting"),
    ]

    operations = [
        migrations.RunSQL(GUARD.format(stages=ENDED), GUARD.format(stages=ANSWERED)),
    ]
