"""Photos of listings; whatever deletes one, its files are noted as gone in the same transaction."""

import uuid

import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

NOTE = """
CREATE FUNCTION marketplace_note_gone_photo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_gonefile (photo, gone_at) VALUES (OLD.id, now()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER marketplace_note_gone_photo AFTER DELETE ON marketplace_listingphoto
    FOR EACH ROW EXECUTE FUNCTION marketplace_note_gone_photo();
"""
NO_NOTE = """
DROP TRIGGER marketplace_note_gone_photo ON marketplace_listingphoto;
DROP FUNCTION marketplace_note_gone_photo();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0002_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoneFile",
            fields=[
                ("photo", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("gone_at", models.DateTimeField(editable=False)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ListingPhoto",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="number of the photo",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="place in the row")),
                ("words", models.CharField(blank=True, max_length=150, verbose_name="what the photo shows")),
                ("width", models.PositiveIntegerField(verbose_name="width in pixels")),
                ("height", models.PositiveIntegerField(verbose_name="height in pixels")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="marketplace.listing"
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ["position"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("listing", "position"),
                        name="photo_one_in_each_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 10)), name="photo_among_the_most"
                    ),
                ],
            },
        ),
        migrations.RunSQL(NOTE, NO_NOTE),
    ]
