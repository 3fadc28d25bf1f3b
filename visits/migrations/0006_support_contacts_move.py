"""Numbers and handles are kept beside the enquiries they belong to: rows and the holds on them move there."""

from django.db import migrations

TAKE = """
INSERT INTO enquiries_supportcontact (id, at, channel, contact, user_id)
SELECT id, at, CASE channel WHEN 'phone' THEN 'phone' ELSE 'other' END, contact, user_id FROM visits_supportcontact;
SELECT setval(pg_get_serial_sequence('enquiries_supportcontact', 'id'), max(id)) FROM enquiries_supportcontact
HAVING max(id) IS NOT NULL;
UPDATE retention_legalhold SET "table" = 'enquiries.SupportContact' WHERE "table" = 'visits.SupportContact';
"""

GIVE_BACK = """
INSERT INTO visits_supportcontact (id, at, channel, contact, user_id)
SELECT id, at, CASE channel WHEN 'phone' THEN 'phone' ELSE 'social' END, contact, user_id FROM enquiries_supportcontact;
SELECT setval(pg_get_serial_sequence('visits_supportcontact', 'id'), max(id)) FROM visits_supportcontact
HAVING max(id) IS NOT NULL;
UPDATE retention_legalhold SET "table" = 'visits.SupportContact' WHERE "table" = 'enquiries.SupportContact';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0005_support_contact"),
        ("enquiries", "0001_initial"),
        ("retention", "0009_grounds_of_children"),
    ]

    operations = [
        migrations.RunSQL(TAKE, GIVE_BACK),
        migrations.DeleteModel(name="SupportContact"),
    ]
