"""Creates legal holds, their sealed copies and restrictions, and counts what a sweep holds back."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0002_archive_openings"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="erasurerun",
            options={
                "ordering": ["-executed_at"],
                "permissions": [("erase_child", "May erase a child's account at once")],
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
            },
        ),
        migrations.AddField(
            model_name="sweeprun",
            name="held",
            field=models.PositiveBigIntegerField(default=0, verbose_name="held back"),
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=100, verbose_name="table")),
                ("query", models.JSONField(verbose_name="which rows")),
                ("case_number", models.CharField(max_length=40, verbose_name="case")),
                ("reason", models.TextField(max_length=1000, verbose_name="why")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("claim", "a claim in law – Art. 17(3)(e) GDPR"),
                            ("crime_report", "a report of a crime – Art. 17(3)(e) GDPR"),
                            ("complaint", "a complaint that is being investigated – Art. 17(3)(e) GDPR"),
                            ("authority", "an order or audit of an authority – Art. 6(1)(c), 17(3)(b) GDPR"),
                        ],
                        max_length=20,
                        verbose_name="ground",
                    ),
                ),
                ("act", models.CharField(max_length=120, verbose_name="act")),
                ("secrecy", models.CharField(blank=True, max_length=120, verbose_name="secret under")),
                ("owner", models.UUIDField(verbose_name="who answers for it")),
                ("review_on", models.DateField(db_index=True, verbose_name="to be looked at again by")),
                ("placed_by", models.UUIDField(verbose_name="placed by")),
                ("placed_at", models.DateTimeField(verbose_name="placed")),
                ("confirmed_by", models.UUIDField(null=True, verbose_name="confirmed by")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                ("release_proposed_by", models.UUIDField(null=True, verbose_name="release proposed by")),
                ("release_proposed_at", models.DateTimeField(null=True, verbose_name="release proposed")),
                ("released_by", models.UUIDField(null=True, verbose_name="released by")),
                ("released_at", models.DateTimeField(null=True, verbose_name="released")),
                ("history", models.JSONField(default=list, verbose_name="what was decided and why")),
                ("ends_at", models.DateTimeField(db_index=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "ordering": ["review_on", "placed_at"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("query", {}), _negated=True), models.Q(("reason", ""), _negated=True)
                        ),
                        name="retention_hold_names_rows",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("placed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="retention_hold_confirmed_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("release_proposed_at", None), ("release_proposed_by", None)),
                            models.Q(("release_proposed_at__isnull", False), ("release_proposed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="retention_hold_proposal_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at", None), ("released_at", None), ("released_by", None)),
                            models.Q(
                                ("ends_at__isnull", False),
                                ("released_at__isnull", False),
                                ("released_by__isnull", False),
                                ("release_proposed_by__isnull", False),
                                models.Q(("released_by", models.F("release_proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="retention_hold_released_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldCopy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField(db_index=True, null=True, verbose_name="account")),
                ("count", models.PositiveIntegerField(verbose_name="rows")),
                ("sealed", models.BinaryField()),
                ("kept_at", models.DateTimeField(verbose_name="kept since")),
                (
                    "erasure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="held_copies",
                        to="retention.erasurerun",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="retention.legalhold"
                    ),
                ),
            ],
            options={
                "verbose_name": "held copy",
                "verbose_name_plural": "held copies",
                "ordering": ["kept_at"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("user_id", models.UUIDField(db_index=True, verbose_name="account")),
                ("email_token", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("a", "you contest that the data are right – Art. 18(1)(a) GDPR"),
                            ("b", "the processing is unlawful and you oppose the erasure – Art. 18(1)(b) GDPR"),
                            ("c", "you need the data for a claim – Art. 18(1)(c) GDPR"),
                            ("d", "your objection is being examined – Art. 18(1)(d) GDPR"),
                        ],
                        max_length=1,
                        verbose_name="ground",
                    ),
                ),
                ("case_number", models.CharField(max_length=40, verbose_name="case")),
                ("reason", models.TextField(max_length=1000, verbose_name="why")),
                ("placed_by", models.UUIDField(verbose_name="placed by")),
                ("placed_at", models.DateTimeField(verbose_name="placed")),
                ("told_by", models.UUIDField(null=True, verbose_name="told by")),
                ("told_at", models.DateTimeField(null=True, verbose_name="person told")),
                ("lifted_by", models.UUIDField(null=True, verbose_name="lifted by")),
                ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted")),
                ("history", models.JSONField(default=list, verbose_name="what was decided and why")),
                ("ends_at", models.DateTimeField(db_index=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "restriction",
                "verbose_name_plural": "restrictions",
                "ordering": ["-placed_at"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("user_id", "ground"),
                        name="retention_one_restriction_a_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at", None), ("lifted_at", None), ("lifted_by", None)),
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
                ],
            },
        ),
        migrations.RunSQL("CREATE SEQUENCE retention_child_number", "DROP SEQUENCE retention_child_number"),
    ]
