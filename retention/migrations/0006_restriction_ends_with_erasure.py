"""A restriction ends with the erasure of its person, without having been lifted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0005_openings_and_reviews"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="restriction",
            name="retention_one_restriction_a_ground",
        ),
        migrations.RemoveConstraint(
            model_name="restriction",
            name="retention_told_before_lifted",
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at__isnull", True)),
                fields=("user_id", "ground"),
                name="retention_one_restriction_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at", None), ("lifted_by", None)),
                    models.Q(
                        ("ends_at__isnull", False),
                        ("lifted_at__gt", models.F("told_at")),
                        ("lifted_by__isnull", False),
                        ("told_at__isnull", False),
                        ("told_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="retention_told_before_lifted",
            ),
        ),
    ]
