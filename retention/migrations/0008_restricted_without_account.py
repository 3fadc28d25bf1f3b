"""A restriction of somebody without an account, and by which letter she was told before it is lifted."""

from django.db import migrations, models

import vault.fields


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0007_why_of_a_child"),
    ]

    operations = [
        migrations.AddField(
            model_name="restriction",
            name="address",
            field=vault.fields.SealedTextField(
                blank=True, editable=False, max_length=254, owner="id", verbose_name="e-mail"
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="language",
            field=models.CharField(blank=True, default="", max_length=8, verbose_name="language"),
        ),
        migrations.AddField(
            model_name="restriction",
            name="letter",
            field=models.UUIDField(db_index=True, editable=False, null=True, verbose_name="number of the letter"),
        ),
        migrations.AddField(
            model_name="restriction",
            name="told_with",
            field=models.CharField(
                blank=True,
                choices=[("email", "by e-mail"), ("post", "by recorded letter")],
                default="",
                max_length=8,
                verbose_name="told how",
            ),
        ),
        migrations.AlterField(
            model_name="restriction",
            name="user_id",
            field=models.UUIDField(db_index=True, null=True, verbose_name="account"),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at__isnull", True), ("user_id__isnull", True)),
                fields=("email_token", "ground"),
                name="retention_one_restriction_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user_id__isnull", False),
                    ("ends_at__isnull", False),
                    models.Q(("email_token", ""), ("address", b""), _connector="OR", _negated=True),
                    _connector="OR",
                ),
                name="retention_restriction_of_somebody",
            ),
        ),
    ]
