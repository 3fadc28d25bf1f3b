"""Words that came under the person's address, and that nobody confirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dsar", "0010_done_before_answered"),
    ]

    operations = [
        migrations.AlterField(
            model_name="casemessage",
            name="direction",
            field=models.CharField(
                choices=[
                    ("from_person", "from the person"),
                    ("unproven", "under the person's address, not confirmed"),
                    ("to_person", "to the person"),
                    ("note", "note of the staff"),
                ],
                max_length=12,
                verbose_name="direction",
            ),
        ),
    ]
