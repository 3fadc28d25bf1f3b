"""What was ordered at a recipient is looked up later; more outcomes with which a request may end (Art. 19)."""

from django.db import migrations, models

GUARD = """
CREATE OR REPLACE FUNCTION dsar_guard_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage <> OLD.stage AND NEW.stage IN (
        'answered', 'partly_refused', 'refused', 'withdrawn', 'closed_unidentified', 'closed_unanswered'
    ) AND EXISTS (
        SELECT 1 FROM dsar_recipientnotice WHERE case_id = NEW.id AND outcome NOT IN ({outcomes})
    ) THEN
        RAISE EXCEPTION 'a recipient of the data has not been told' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
BEFORE = "'nothing_held', 'confirmed', 'notice_sent', 'kept'"
# The same list as dsar.terms.SETTLED.
NOW = f"{BEFORE}, 'nothing_left', 'not_possible'"


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0015_origin_of_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="recipientnotice",
            name="reference",
            field=models.TextField(blank=True, default="", verbose_name="number of what was ordered there"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="recipientnotice",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("nothing_held", "nothing was ever sent there"),
                    ("nothing_left", "nothing is held there: we looked twice"),
                    ("requested", "requested, not yet confirmed"),
                    ("confirmed", "confirmed"),
                    ("notice_sent", "told; decides on its own"),
                    ("kept", "kept there for a stated reason"),
                    ("not_possible", "not possible there"),
                    ("refused", "refused there; our staff look into it"),
                    ("waits", "waits for a contract with it"),
                    ("unknown", "it did not answer"),
                    ("failed", "failed; we go on trying"),
                ],
                max_length=20,
                verbose_name="outcome",
            ),
        ),
        migrations.RunSQL(GUARD.format(outcomes=NOW), GUARD.format(outcomes=BEFORE)),
    ]
