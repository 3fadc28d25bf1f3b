"""Names the button in place of what was not loaded as a way of choosing; no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0007_what_ends_proof"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consentevent",
            name="method",
            field=models.CharField(
                choices=[
                    ("signup_form", "sign-up form"),
                    ("consents_page", "page of consents"),
                    ("cookie_banner", "cookie banner"),
                    ("cookie_settings", "cookie settings"),
                    ("cookie_placeholder", "button in place of what was not loaded"),
                    ("account", "account"),
                    ("paper", "on paper"),
                    ("email", "by e-mail"),
                    ("newsletter_form", "newsletter form, confirmed by e-mail"),
                    ("unsubscribe_link", "unsubscribe link in a message"),
                ],
                max_length=20,
                verbose_name="how",
            ),
        ),
        migrations.AlterField(
            model_name="refusalcount",
            name="method",
            field=models.CharField(
                choices=[
                    ("signup_form", "sign-up form"),
                    ("consents_page", "page of consents"),
                    ("cookie_banner", "cookie banner"),
                    ("cookie_settings", "cookie settings"),
                    ("cookie_placeholder", "button in place of what was not loaded"),
                    ("account", "account"),
                    ("paper", "on paper"),
                    ("email", "by e-mail"),
                    ("newsletter_form", "newsletter form, confirmed by e-mail"),
                    ("unsubscribe_link", "unsubscribe link in a message"),
                ],
                max_length=20,
                verbose_name="how",
            ),
        ),
    ]
