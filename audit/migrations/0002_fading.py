"""Lets ledgers that say so lose the content of rows whose term is over; their hashes stay."""

from django.db import migrations

from audit.triggers import CREATE_FADE, DROP_FADE


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(CREATE_FADE, DROP_FADE),
    ]
