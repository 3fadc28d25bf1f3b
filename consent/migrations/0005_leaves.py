"""Takes consents out of the chain that let one write at a time: leaves under seals, with what each consent is about."""

from django.db import migrations, models

from audit.operations import MayFade, NoLongerFades, SealedInBatches

_TABLE = "consent_consentevent"
_TERM = "1093 days"
_TEXT = (
    "subject_token",
    "purpose",
    "state",
    "text_version",
    "text_sha256",
    "lv_sha256",
    "language",
    "method",
    "place",
)
_JSON = ("evidence",)


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0004_methods_of_newsletters"),
        ("audit", "0003_seals"),
    ]

    operations = [
        NoLongerFades(MayFade(_TABLE, _TERM, text=_TEXT, json=_JSON)),
        migrations.RemoveConstraint(model_name="consentevent", name="consent_consentevent_is_chained"),
        migrations.RemoveIndex(model_name="consentevent", name="consent_event_whose"),
        migrations.RemoveField(model_name="consentevent", name="previous_hash"),
        migrations.RemoveField(model_name="consentevent", name="row_hash"),
        migrations.AddField(
            model_name="consentevent",
            name="scope",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="what it is about"),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="seal",
            field=models.PositiveBigIntegerField(editable=False, null=True, verbose_name="seal"),
        ),
        # The compound index finds whose they are as well.
        migrations.AlterField(
            model_name="consentevent",
            name="subject_token",
            field=models.CharField(max_length=64, verbose_name="whose"),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(condition=models.Q(("seal", None)), fields=["id"], name="consent_consentevent_unsealed"),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(fields=["subject_token", "purpose", "scope", "at"], name="consent_event_of"),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commitment__regex", "^[0-9a-f]{64}$"),
                    models.Q(("seal", None), ("seal__gt", 0), _connector="OR"),
                ),
                name="consent_consentevent_is_committed",
            ),
        ),
        # A little under the three years of the catalogue, which begin when the consent ends: the rule decides, this only
        # forbids forgetting sooner.
        SealedInBatches(_TABLE, _TERM, label="consent.ConsentEvent", text=(*_TEXT, "scope"), json=_JSON),
    ]
