"""Registers: processing, contracts, disclosures, balancing tests, breaches; the dated ones only grow."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from audit.operations import AppendOnly


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=120, unique=True, verbose_name="about")),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuthorityRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("authority", "state authority or an institution it authorised"),
                            ("court", "court"),
                            ("advocate", "sworn advocate"),
                            ("bailiff", "bailiff"),
                        ],
                        max_length=20,
                        verbose_name="who asks",
                    ),
                ),
                ("requester", models.CharField(max_length=200, verbose_name="name of the institution")),
                ("power", models.CharField(max_length=200, verbose_name="legal power")),
                ("document", models.CharField(max_length=200, verbose_name="document")),
                ("subject_id", models.UUIDField(db_index=True, verbose_name="account")),
                ("tables", models.JSONField(verbose_name="tables asked for")),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="data from")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="data until")),
                ("secret_under", models.CharField(blank=True, max_length=200, verbose_name="secret under")),
                ("secret_until", models.DateField(blank=True, null=True, verbose_name="secret until")),
                ("received_at", models.DateTimeField(verbose_name="arrived")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("registered", "waits for the second person"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("answered", "data given out"),
                        ],
                        default="registered",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("registered_by", models.UUIDField(editable=False, verbose_name="registered by")),
                ("registered_at", models.DateTimeField(verbose_name="registered")),
                ("decided_by", models.UUIDField(editable=False, null=True, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("decision", models.TextField(blank=True, max_length=1000, verbose_name="why so decided")),
                ("ends_at", models.DateTimeField(db_index=True, null=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "request of an authority",
                "verbose_name_plural": "requests of authorities",
                "ordering": ["-registered_at"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("requester", ""),
                            ("power", ""),
                            ("document", ""),
                            ("tables", []),
                            _connector="OR",
                            _negated=True,
                        ),
                        name="registers_request_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("secret_under", ""), ("secret_until", None)),
                            models.Q(models.Q(("secret_under", ""), _negated=True), ("secret_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="registers_request_secrecy_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("state", "registered")),
                            models.Q(
                                models.Q(("state", "registered"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="registers_request_decided_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("registered_by")), _negated=True),
                            ("state", "refused"),
                            _connector="OR",
                        ),
                        name="registers_request_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BalancingVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("purpose", models.CharField(max_length=40, verbose_name="purpose")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("document", models.JSONField(verbose_name="test")),
                ("decided_on", models.CharField(max_length=10, verbose_name="decided")),
                ("review_on", models.DateField(verbose_name="to be looked at again by")),
                ("conclusion", models.TextField(blank=True, max_length=2000, verbose_name="conclusion")),
            ],
            options={
                "verbose_name": "balancing test",
                "verbose_name_plural": "balancing tests",
                "ordering": ["-id"],
                "permissions": [("review_balancing", "May look at balancing tests again")],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="registers_balancingversion_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Breach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(editable=False, max_length=20, unique=True, verbose_name="number")),
                ("facts", models.TextField(max_length=8000, verbose_name="what happened")),
                ("confidentiality", models.BooleanField(default=False, verbose_name="somebody saw data who must not")),
                ("integrity", models.BooleanField(default=False, verbose_name="data were changed")),
                ("availability", models.BooleanField(default=False, verbose_name="data were lost or out of reach")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="began")),
                ("discovered_at", models.DateTimeField(verbose_name="discovered")),
                ("aware_at", models.DateTimeField(verbose_name="we became aware")),
                (
                    "reported_by",
                    models.CharField(
                        choices=[
                            ("monitoring", "our own monitoring"),
                            ("staff", "a member of staff"),
                            ("processor", "a processor – Art. 33(2) GDPR"),
                            ("subject", "a data subject"),
                            ("authority", "an authority"),
                            ("other", "somebody else"),
                        ],
                        max_length=12,
                        verbose_name="reported by",
                    ),
                ),
                ("processor", models.CharField(blank=True, max_length=40, verbose_name="processor concerned")),
                (
                    "processor_notice_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="notice of the processor arrived"),
                ),
                ("subject_groups", models.TextField(blank=True, max_length=1000, verbose_name="categories of people")),
                (
                    "subject_count",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="approximate number of people"),
                ),
                (
                    "record_count",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="approximate number of records"),
                ),
                ("data_categories", models.JSONField(blank=True, default=list, verbose_name="categories of data")),
                ("consequences", models.TextField(blank=True, max_length=4000, verbose_name="likely consequences")),
                ("measures_taken", models.TextField(blank=True, max_length=4000, verbose_name="measures taken")),
                ("measures_proposed", models.TextField(blank=True, max_length=4000, verbose_name="measures proposed")),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="contact for the authority")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not assessed"),
                            ("none", "a risk is unlikely: only the register"),
                            ("risk", "a risk: the authority is told"),
                            ("high", "a high risk: the authority and the people are told"),
                        ],
                        default="",
                        max_length=4,
                        verbose_name="outcome of the assessment",
                    ),
                ),
                (
                    "risk_reasons",
                    models.TextField(blank=True, max_length=4000, verbose_name="reasons of the assessment"),
                ),
                ("assessed_at", models.DateTimeField(editable=False, null=True, verbose_name="assessed")),
                ("notified_at", models.DateTimeField(editable=False, null=True, verbose_name="authority told")),
                (
                    "notified_completely_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="all phases told"),
                ),
                ("late_reason", models.TextField(blank=True, max_length=2000, verbose_name="why later than 72 hours")),
                (
                    "phases",
                    models.JSONField(blank=True, default=list, editable=False, verbose_name="phases of the notice"),
                ),
                (
                    "authority_reference",
                    models.CharField(blank=True, max_length=80, verbose_name="reference of the authority"),
                ),
                ("told_at", models.DateTimeField(editable=False, null=True, verbose_name="people told")),
                ("told_text", models.TextField(blank=True, max_length=8000, verbose_name="what the people were told")),
                (
                    "exemption",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "none"),
                            ("a", "the data cannot be read by whoever has them – Art. 34(3)(a) GDPR"),
                            ("b", "the high risk is no longer likely – Art. 34(3)(b) GDPR"),
                            (
                                "c",
                                "a public notice instead, since telling each would be out of proportion – Art. 34(3)(c) GDPR",
                            ),
                        ],
                        max_length=1,
                        verbose_name="why the people are not told",
                    ),
                ),
                (
                    "exemption_reason",
                    models.TextField(blank=True, max_length=2000, verbose_name="reasons of the exemption"),
                ),
                ("lessons", models.TextField(blank=True, max_length=4000, verbose_name="lessons")),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed")),
            ],
            options={
                "verbose_name": "personal data breach",
                "verbose_name_plural": "breach register",
                "ordering": ["-aware_at"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidentiality", True), ("integrity", True), ("availability", True), _connector="OR"
                        ),
                        name="registers_breach_has_a_nature",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("started_at", None), ("started_at__lte", models.F("discovered_at")), _connector="OR"
                            ),
                            ("discovered_at__lte", models.F("aware_at")),
                        ),
                        name="registers_breach_dates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assessed_at", None), ("risk", "")),
                            models.Q(
                                models.Q(("risk", ""), _negated=True),
                                models.Q(("risk_reasons", ""), _negated=True),
                                ("assessed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="registers_breach_assessed_with_reasons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None),
                            models.Q(("risk", "high"), _negated=True),
                            models.Q(("told_at__isnull", False), models.Q(("told_text", ""), _negated=True)),
                            models.Q(
                                models.Q(("exemption", ""), _negated=True),
                                models.Q(("exemption_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="registers_breach_high_risk_is_told_or_exempt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None),
                            models.Q(
                                ("assessed_at__isnull", False),
                                models.Q(("lessons", ""), _negated=True),
                                models.Q(("consequences", ""), _negated=True),
                                models.Q(("measures_taken", ""), _negated=True),
                                models.Q(("risk", "none"), ("notified_completely_at__isnull", False), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="registers_breach_closed_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreachEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("number", models.CharField(db_index=True, max_length=20, verbose_name="breach")),
                ("action", models.CharField(max_length=40, verbose_name="step")),
                ("values", models.JSONField(default=dict, verbose_name="entered")),
            ],
            options={
                "verbose_name": "entry of the breach register",
                "verbose_name_plural": "entries of the breach register",
                "ordering": ["id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="registers_breachentry_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("recipient", models.CharField(max_length=40, verbose_name="recipient")),
                ("reference", models.CharField(max_length=120, verbose_name="contract")),
                ("contact", models.CharField(max_length=200, verbose_name="contact")),
                ("signed_on", models.DateField(verbose_name="signed")),
                ("starts_on", models.DateField(verbose_name="in force from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="in force until")),
                ("transfer", models.CharField(max_length=200, verbose_name="transfer mechanism")),
                ("transfer_ends_on", models.DateField(blank=True, null=True, verbose_name="transfer mechanism until")),
                ("review_on", models.DateField(verbose_name="to be looked at again by")),
                ("instructions", models.TextField(max_length=2000, verbose_name="instructions")),
                ("confidentiality", models.TextField(max_length=2000, verbose_name="confidentiality")),
                ("measures", models.TextField(max_length=2000, verbose_name="security measures")),
                ("subprocessors", models.TextField(max_length=2000, verbose_name="sub-processors")),
                ("assistance", models.TextField(max_length=2000, verbose_name="assistance")),
                ("at_end", models.TextField(max_length=2000, verbose_name="deletion or return at the end")),
                ("audits", models.TextField(max_length=2000, verbose_name="audits")),
                ("file_sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the signed file")),
                ("note", models.CharField(max_length=200, verbose_name="what changed")),
            ],
            options={
                "verbose_name": "contract with a processor",
                "verbose_name_plural": "contracts with processors",
                "ordering": ["-id"],
                "permissions": [("keep_contracts", "May enter contracts with processors")],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="registers_contractversion_is_chained",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="registers_contract_dates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reference", ""),
                            ("instructions", ""),
                            ("confidentiality", ""),
                            ("measures", ""),
                            ("subprocessors", ""),
                            ("assistance", ""),
                            ("at_end", ""),
                            ("audits", ""),
                            ("note", ""),
                            _connector="OR",
                            _negated=True,
                        ),
                        name="registers_contract_is_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(verbose_name="salt")),
                ("commitment", models.CharField(max_length=64, verbose_name="commitment")),
                ("previous_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the row before")),
                ("row_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("activities", models.PositiveIntegerField(verbose_name="activities")),
                ("document", models.JSONField(verbose_name="register")),
            ],
            options={
                "verbose_name": "version of the record of processing",
                "verbose_name_plural": "record of processing activities",
                "ordering": ["-id"],
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous_hash__regex", "^[0-9a-f]{64}$"), ("row_hash__regex", "^[0-9a-f]{64}$")
                        ),
                        name="registers_registerversion_is_chained",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("authority", "state authority or an institution it authorised"),
                            ("court", "court"),
                            ("advocate", "sworn advocate"),
                            ("bailiff", "bailiff"),
                            ("debt_collector", "debt collector"),
                            ("insolvency", "insolvency administrator"),
                            ("security", "whoever acts against abuse, fraud or a crime"),
                            ("adviser", "lawyer, accountant or auditor"),
                            ("partner", "partner whom the person agreed to"),
                        ],
                        max_length=20,
                        verbose_name="kind of recipient",
                    ),
                ),
                ("recipient", models.CharField(max_length=200, verbose_name="recipient")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("A6_1_A", "the person agreed – Art. 6(1)(a) GDPR"),
                            ("A6_1_C", "a law asks for it – Art. 6(1)(c) GDPR"),
                            ("A6_1_F", "claims or legitimate interests – Art. 6(1)(f) GDPR"),
                        ],
                        max_length=10,
                        verbose_name="ground",
                    ),
                ),
                ("act", models.CharField(blank=True, max_length=200, verbose_name="act")),
                ("balance", models.TextField(blank=True, max_length=4000, verbose_name="balance of interests")),
                ("purpose", models.CharField(blank=True, max_length=40, verbose_name="purpose agreed to")),
                ("consent", models.CharField(blank=True, max_length=60, verbose_name="consent")),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="reason")),
                ("categories", models.JSONField(verbose_name="categories of data")),
                ("tables", models.JSONField(verbose_name="tables")),
                ("subject_token", models.CharField(db_index=True, editable=False, max_length=64)),
                ("email_token", models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="written down")),
                ("by", models.UUIDField(editable=False, verbose_name="by")),
                ("handed_over_at", models.DateTimeField(null=True, verbose_name="handed over")),
                (
                    "secret_under",
                    models.CharField(blank=True, max_length=200, verbose_name="not told to the person because of"),
                ),
                ("secret_until", models.DateField(blank=True, null=True, verbose_name="not told until")),
                ("ends_at", models.DateTimeField(db_index=True, verbose_name="kept until")),
                (
                    "request",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="disclosure",
                        to="registers.authorityrequest",
                        verbose_name="request of an authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "disclosure",
                "verbose_name_plural": "disclosures",
                "ordering": ["-at"],
                "permissions": [("disclose", "May disclose personal data to third parties")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ground", "A6_1_A"),
                                models.Q(("purpose", ""), _negated=True),
                                models.Q(("consent", ""), _negated=True),
                            ),
                            models.Q(("ground", "A6_1_C"), models.Q(("act", ""), _negated=True)),
                            models.Q(("ground", "A6_1_F"), models.Q(("balance", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="registers_disclosure_has_its_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recipient", ""),
                            ("categories", []),
                            ("tables", []),
                            ("subject_token", ""),
                            _connector="OR",
                            _negated=True,
                        ),
                        name="registers_disclosure_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "security"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="registers_disclosure_security_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("secret_under", ""), ("secret_until", None)),
                            models.Q(models.Q(("secret_under", ""), _negated=True), ("secret_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="registers_disclosure_secrecy_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("handed_over_at", None), ("handed_over_at__gte", models.F("at")), _connector="OR"
                        ),
                        name="registers_disclosure_written_first",
                    ),
                ],
            },
        ),
        AppendOnly("registers_registerversion"),
        AppendOnly("registers_contractversion"),
        AppendOnly("registers_balancingversion"),
        AppendOnly("registers_breachentry"),
    ]
