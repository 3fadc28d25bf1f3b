"""Finds who has not confirmed an address among millions who have."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX accounts_unconfirmed ON account_emailaddress (user_id) WHERE NOT verified",
            "DROP INDEX accounts_unconfirmed",
        ),
    ]
