"""Openings of rows that a legal hold keeps, declined ones, and the day of the last look at a hold."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q

# Until now that day stood in the history only: not before the hold, and no longer before the next look than is allowed.
LAST_LOOK = """
UPDATE retention_legalhold
SET reviewed_on = least(greatest((placed_at AT TIME ZONE 'Europe/Riga')::date, review_on - 182), review_on - 1)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("retention", "0004_signed_reports_and_heads"),
    ]

    operations = [
        migrations.RenameModel(old_name="ArchiveOpening", new_name="Opening"),
        migrations.RenameField(model_name="opening", old_name="archive_id", new_name="record_id"),
        migrations.AlterField(
            model_name="opening",
            name="record_id",
            field=models.UUIDField(db_index=True, editable=False, verbose_name="sealed record"),
        ),
        migrations.AlterModelOptions(
            name="opening",
            options={
                "default_permissions": (),
                "ordering": ["-requested_at"],
                "permissions": [
                    ("open_archive", "May ask for, approve and read openings of the archive"),
                    ("open_held", "May ask for, approve and read openings of rows under a legal hold"),
                ],
                "verbose_name": "opening of a sealed record",
                "verbose_name_plural": "openings of sealed records",
            },
        ),
        migrations.AddField(
            model_name="opening",
            name="kind",
            field=models.CharField(
                choices=[
                    ("archive", "a record of the six-year archive"),
                    ("held", "rows of an erased account that a legal hold keeps"),
                ],
                default="archive",
                max_length=10,
                verbose_name="what is opened",
            ),
        ),
        migrations.AlterField(
            model_name="opening",
            name="email_token",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="opening",
            name="declined_by",
            field=models.UUIDField(editable=False, null=True, verbose_name="declined by"),
        ),
        migrations.AddField(
            model_name="opening",
            name="declined_at",
            field=models.DateTimeField(null=True, verbose_name="declined"),
        ),
        migrations.AddField(
            model_name="opening",
            name="sealed_decline",
            field=models.BinaryField(default=bytes, editable=False, verbose_name="why declined, sealed"),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                name="retention_opening_declined_by_two",
                condition=Q(declined_by=None, declined_at=None, sealed_decline=b"")
                | (
                    Q(declined_by__isnull=False, declined_at__isnull=False, approved_at=None)
                    & ~Q(sealed_decline=b"")
                    & ~Q(declined_by=F("requested_by"))
                ),
            ),
        ),
        migrations.AddField(
            model_name="heldcopy",
            name="email_token",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="reviewed_on",
            field=models.DateField(null=True, verbose_name="last looked at"),
        ),
        migrations.RunSQL(LAST_LOOK, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="legalhold",
            name="reviewed_on",
            field=models.DateField(verbose_name="last looked at"),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                name="retention_hold_reviewed_within_half_a_year",
                condition=Q(review_on__gt=F("reviewed_on"), review_on__lte=F("reviewed_on") + timedelta(days=182)),
            ),
        ),
    ]
