"""What the constraints of single tables ask of a planted row; everything else the planter finds out by itself."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from audit.models import Entry
from consent.models import PolicyMailing, TextVersion
from datamap.declarations import Holding
from datamap.registry import registry
from dsar.attachments import Incoming, keep
from dsar.models import Attachment, SubjectRequest
from dsar.terms import AttachmentPurpose, CameBy
from newsletters.models import Campaign
from registers.terms import Ground
from tests.keystone.planting import EARLIER, LATER, NOW, Planter
from vault.keys import seal
from vault.models import DataKey
from vault.tokens import subject_token


def of_entries() -> Holding:
    return registry().holding(Entry)


def special_values() -> dict[str, Any]:
    """Table -> field -> value (or a function of the planter), or a function that makes the whole row."""
    return {
        "vault.DataKey": data_key,
        "audit.Entry": {"object_id": lambda planter: planter.canary(of_entries(), Entry._meta.get_field("object_id"))},
        "accounts.User_groups": {"group": lambda _planter: Group.objects.get_or_create(name="desk")[0]},
        "accounts.User_user_permissions": {"permission": lambda _planter: Permission.objects.first()},
        "retention.ArchiveRecord": {"ends_at": LATER},
        "dsar.Attachment": attachment,
        "dsar.Caution": {"waits_until": LATER},
        "dsar.Snapshot": {"taken_at": EARLIER, "reaches_until": LATER},
        # One of her log-ins is held for a claim: it leaves the live tables with the erasure and waits, sealed.
        "retention.LegalHold": {
            "table": "accounts.LoginEvent",
            "query": lambda planter: {"id": planter.planted.rows["accounts.LoginEvent"].pk},
            "reviewed_on": EARLIER.date(),
        },
        "retention.HeldCopy": {"subject_id": lambda planter: planter.planted.user.pk},
        # An authority asked for her log-ins and a court got them.
        "registers.AuthorityRequest": {
            "subject_id": lambda planter: planter.planted.user.pk,
            "tables": ["accounts.LoginEvent"],
        },
        "registers.Disclosure": {
            "subject_token": lambda planter: subject_token(planter.planted.user.pk),
            "ground": Ground.LEGAL_OBLIGATION,
            "handed_over_at": NOW,
            "tables": ["accounts.LoginEvent"],
            "categories": ["Account"],
        },
        "loyalty.PointsEntry": {"kind": "earned", "refund_number": "", "amount": 10, "points": 10, "ends_at": LATER},
        "newsletters.CampaignRecipient": {"campaign": lambda _planter: campaign()},
        "consent.PolicyNotice": {"mailing": lambda _planter: policy_mailing(), "message_id": lambda _planter: uuid4()},
        "admin.LogEntry": {"content_type": lambda _planter: ContentType.objects.get_for_model(Group)},
    }


def attachment(planter: Planter) -> Attachment:
    """A file of a request as it is kept: row, key and sealed file belong together."""
    holding = registry().holding(Attachment)
    case = planter.plant(registry().holding(SubjectRequest))
    assert isinstance(case, SubjectRequest)
    name = planter.canary(holding, Attachment._meta.get_field("name"))
    file = Incoming(name, f"%PDF-1.7 {name}".encode())
    return keep(case, file, AttachmentPurpose.EVIDENCE, came_by=CameBy.PERSON, now=NOW)


def campaign() -> Campaign:
    """The one campaign that both people are on the list of."""
    words = {"name": "Autumn", "subject_lv": "Rudens", "body_lv": "Rudens"}
    return Campaign.objects.get_or_create(name=words["name"], defaults={**words, "created_at": EARLIER})[0]


def policy_mailing() -> PolicyMailing:
    """The one letter about a changed policy that both people got."""
    text = TextVersion.objects.filter(code="POLICY", language="lv").earliest("valid_from")
    return PolicyMailing.objects.get_or_create(text=text, defaults={"ordered_at": EARLIER, "people": 2})[0]


def data_key(planter: Planter) -> DataKey:
    """A key as the vault makes it: its wrapped bytes cannot be invented."""
    owner = planter.planted.user.pk
    seal(owner, b"planted", context="keystone")
    return DataKey.objects.get(owner=owner)
