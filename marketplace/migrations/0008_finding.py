"""Finding among many: how frequent rare words are, and what is offered in one place."""

from django.db import migrations, models

# Without it a word that comes in few listings is thought to come in hundreds, and the newest listings are read one by
# one until enough were found.
MORE = "ALTER TABLE marketplace_listing ALTER COLUMN words SET STATISTICS 1000"
AS_BEFORE = "ALTER TABLE marketplace_listing ALTER COLUMN words SET STATISTICS -1"


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0007_feedback")]

    operations = [
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("state", "published")),
                fields=["place", "-published_at", "-id"],
                name="listing_in_place",
            ),
        ),
        migrations.RunSQL(MORE, AS_BEFORE),
    ]
