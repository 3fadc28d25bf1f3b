"""The visit log as a partitioned table that belongs to the site's role, because that role drops its days."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models

SITE_ROLE = '"' + settings.DATABASE_SITE_ROLE.replace('"', '""') + '"'

# The days live in a schema of their own, so that the site's role need not be able to create tables among the others.
# A sequence instead of an identity column: PostgreSQL 15 and 16 know none on partitioned tables.
FORWARD = f"""
CREATE SEQUENCE visits_visit_id_seq;
CREATE TABLE visits_visit (
    id bigint NOT NULL DEFAULT nextval('visits_visit_id_seq'),
    at timestamptz NOT NULL,
    kind varchar(40) NOT NULL,
    user_id uuid,
    visitor_key varchar(64) NOT NULL,
    ip inet,
    browser varchar(40) NOT NULL,
    browser_version varchar(20) NOT NULL,
    os varchar(40) NOT NULL,
    platform varchar(40) NOT NULL,
    method varchar(10) NOT NULL,
    path varchar(512) NOT NULL,
    referrer varchar(512) NOT NULL,
    search varchar(200) NOT NULL,
    item varchar(120) NOT NULL,
    status smallint NOT NULL CHECK (status >= 0),
    response_ms integer NOT NULL CHECK (response_ms >= 0),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE visits_visit_id_seq OWNED BY visits_visit.id;
CREATE INDEX visits_visit_at ON visits_visit USING brin (at);
CREATE INDEX visits_visit_user ON visits_visit (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX visits_visit_visitor ON visits_visit (visitor_key);
CREATE SCHEMA IF NOT EXISTS visit_days AUTHORIZATION {SITE_ROLE};
DO $$
BEGIN
    -- Only a role that may create tables in a schema can be given one there; it loses that right again at once.
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO {SITE_ROLE}', current_schema());
    EXECUTE 'ALTER TABLE visits_visit OWNER TO {SITE_ROLE}';
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM {SITE_ROLE}', current_schema());
END
$$;
"""

BACKWARD = """
DROP SCHEMA visit_days CASCADE;
DROP TABLE visits_visit;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD, hints={"model_name": "visit"})],
            state_operations=[
                migrations.CreateModel(
                    name="Visit",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("page", "page"),
                                    ("search", "search"),
                                    ("item", "item viewed"),
                                    ("action", "form sent"),
                                ],
                                max_length=40,
                                verbose_name="kind",
                            ),
                        ),
                        ("user_id", models.UUIDField(blank=True, null=True, verbose_name="account")),
                        ("visitor_key", models.CharField(max_length=64, verbose_name="visitor key")),
                        ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                        ("browser", models.CharField(max_length=40, verbose_name="browser")),
                        ("browser_version", models.CharField(max_length=20, verbose_name="browser version")),
                        ("os", models.CharField(max_length=40, verbose_name="operating system")),
                        (
                            "platform",
                            models.CharField(
                                choices=[
                                    ("desktop", "computer"),
                                    ("mobile", "mobile telephone"),
                                    ("tablet", "tablet"),
                                    ("robot", "program"),
                                    ("unknown", "unknown"),
                                ],
                                max_length=40,
                                verbose_name="device",
                            ),
                        ),
                        ("method", models.CharField(max_length=10, verbose_name="method")),
                        ("path", models.CharField(max_length=512, verbose_name="page")),
                        ("referrer", models.CharField(max_length=512, verbose_name="came from")),
                        ("search", models.CharField(max_length=200, verbose_name="searched for")),
                        ("item", models.CharField(max_length=120, verbose_name="item viewed")),
                        ("status", models.PositiveSmallIntegerField(verbose_name="status")),
                        ("response_ms", models.PositiveIntegerField(verbose_name="response time, ms")),
                    ],
                    options={
                        "verbose_name": "visit",
                        "verbose_name_plural": "visits",
                        "indexes": [
                            django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="visits_visit_at"),
                            models.Index(fields=["user_id"], name="visits_visit_user"),
                            models.Index(fields=["visitor_key"], name="visits_visit_visitor"),
                        ],
                    },
                ),
            ],
        ),
    ]
