"""Calls of the mail service that were heard, and letters that came back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mailing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InboundEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=43, unique=True, verbose_name="token of the call")),
                ("at", models.DateTimeField(verbose_name="heard")),
            ],
            options={
                "verbose_name": "call of the mail service",
                "verbose_name_plural": "calls of the mail service",
            },
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="bounced_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="came back at"),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="reference",
            field=models.CharField(blank=True, max_length=40, verbose_name="about"),
        ),
        migrations.AddConstraint(
            model_name="outgoingmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("bounced_at__isnull", True), ("state", "sent"), _connector="OR"),
                name="mailing_message_only_what_went_comes_back",
            ),
        ),
        migrations.AddIndex(
            model_name="inboundevent",
            index=models.Index(fields=["at"], name="mailing_inbound_at"),
        ),
    ]
