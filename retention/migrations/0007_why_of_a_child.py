"""Why staff erased a child's account, sealed beside the run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0006_restriction_ends_with_erasure"),
    ]

    operations = [
        migrations.AddField(
            model_name="erasurerun",
            name="sealed_reason",
            field=models.BinaryField(default=bytes, verbose_name="why"),
        ),
    ]
