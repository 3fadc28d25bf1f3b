"""What browsers report of the use of pages, as a second log in days; it belongs to the site's role as the first does."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models

SITE_ROLE = '"' + settings.DATABASE_SITE_ROLE.replace('"', '""') + '"'

FORWARD = f"""
CREATE SEQUENCE visits_pageuse_id_seq;
CREATE TABLE visits_pageuse (
    id bigint NOT NULL DEFAULT nextval('visits_pageuse_id_seq'),
    at timestamptz NOT NULL,
    user_id uuid,
    receipt_token varchar(64) NOT NULL,
    path varchar(512) NOT NULL,
    time_zone varchar(40) NOT NULL,
    seconds integer NOT NULL CHECK (seconds >= 0),
    scroll smallint NOT NULL CHECK (scroll >= 0),
    clicks integer NOT NULL CHECK (clicks >= 0),
    elements varchar(200) NOT NULL,
    exit varchar(40) NOT NULL,
    pdf_viewer boolean,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE visits_pageuse_id_seq OWNED BY visits_pageuse.id;
CREATE INDEX visits_pageuse_at ON visits_pageuse USING brin (at);
CREATE INDEX visits_pageuse_user ON visits_pageuse (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX visits_pageuse_receipt ON visits_pageuse (receipt_token);
DO $$
BEGIN
    -- Only a role that may create tables in a schema can be given one there; it loses that right again at once.
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO {SITE_ROLE}', current_schema());
    EXECUTE 'ALTER TABLE visits_pageuse OWNER TO {SITE_ROLE}';
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM {SITE_ROLE}', current_schema());
END
$$;
"""

BACKWARD = "DROP TABLE visits_pageuse;"


class Migration(migrations.Migration):
    dependencies = [("visits", "0002_daily_statistics")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD, hints={"model_name": "pageuse"})],
            state_operations=[
                migrations.CreateModel(
                    name="PageUse",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("user_id", models.UUIDField(blank=True, null=True, verbose_name="account")),
                        ("receipt_token", models.CharField(max_length=64, verbose_name="receipt of the consent")),
                        ("path", models.CharField(max_length=512, verbose_name="page")),
                        ("time_zone", models.CharField(max_length=40, verbose_name="time zone")),
                        ("seconds", models.PositiveIntegerField(verbose_name="time on the page, s")),
                        ("scroll", models.PositiveSmallIntegerField(verbose_name="scrolled down to (percent)")),
                        ("clicks", models.PositiveIntegerField(verbose_name="clicks")),
                        ("elements", models.CharField(max_length=200, verbose_name="parts of the page clicked")),
                        (
                            "exit",
                            models.CharField(
                                choices=[
                                    ("link", "followed a link"),
                                    ("form", "sent a form"),
                                    ("away", "closed or hid the page"),
                                ],
                                max_length=40,
                                verbose_name="how the page was left",
                            ),
                        ),
                        ("pdf_viewer", models.BooleanField(null=True, verbose_name="plug-in that shows PDF files")),
                    ],
                    options={
                        "verbose_name": "use of a page",
                        "verbose_name_plural": "uses of pages",
                        "indexes": [
                            django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="visits_pageuse_at"),
                            models.Index(fields=["user_id"], name="visits_pageuse_user"),
                            models.Index(fields=["receipt_token"], name="visits_pageuse_receipt"),
                        ],
                    },
                ),
            ],
        ),
    ]
