"""What an order or a conversation is about stands in it, also when its listing is changed or gone."""

from django.db import migrations, models

TITLES = """
UPDATE marketplace_order o SET title = l.title FROM marketplace_listing l WHERE l.id = o.listing_id;
UPDATE marketplace_conversation c SET title = l.title FROM marketplace_listing l WHERE l.id = c.listing_id;
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0009_reports")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="title",
            field=models.CharField(default="", max_length=100, verbose_name="what about"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="order",
            name="title",
            field=models.CharField(default="", max_length=100, verbose_name="what"),
            preserve_default=False,
        ),
        migrations.RunSQL(TITLES, migrations.RunSQL.noop),
    ]
