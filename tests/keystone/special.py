"""What the constraints of single tables ask of a planted row; everything else the planter finds out by itself."""

from typing import Any, cast
from uuid import NAMESPACE_OID, uuid4, uuid5

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from audit.models import Entry
from consent.models import PolicyMailing, TextVersion
from datamap.declarations import Holding
from datamap.registry import registry
from dsar.attachments import Incoming, keep
from dsar.models import Attachment, SubjectRequest
from dsar.terms import AttachmentPurpose, CameBy
from marketplace.models import Conversation, Listing, ListingPhoto, Order, Standing
from marketplace.photo_files import write_files
from marketplace.pictures import Picture
from newsletters.models import Campaign
from payments.models import AccountingEntry, EscrowDeal, Invoice
from registers.terms import Ground
from surveys.models import Survey
from tests.keystone.planting import EARLIER, LATER, NOW, Planter
from tests.payments.selling import sell
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
        "marketplace.ListingPhoto": listing_photo,
        "payments.Invoice": invoice,
        "payments.AccountingEntry": accounting_entry,
        "loyalty.PointsEntry": {"kind": "earned", "refund_number": "", "amount": 10, "points": 10, "ends_at": LATER},
        "newsletters.CampaignRecipient": {"campaign": lambda _planter: campaign()},
        # Answers are of an account or of an address, never of both.
        "surveys.Participation": {"survey": lambda _planter: survey(), "email_token": ""},
        "consent.PolicyNotice": {"mailing": lambda _planter: policy_mailing(), "message_id": lambda _planter: uuid4()},
        # What was published stays without its author; a draft would go.
        "marketplace.Listing": {
            "state": "published",
            "published_at": EARLIER,
            "ends_at": LATER,
            "price": 5,
            "place": "riga",
        },
        "marketplace.Order": order,
        "marketplace.Conversation": conversation,
        # A card of hers is just being charged.
        "payments.CardPayment": {"amount": 5, "state": "charging"},
        "payments.CardRefund": {"amount": 5, "state": "ordered"},
        # The bank waits for our answer, and it is on its way.
        "payments.CardDispute": {"amount": 5, "state": "ordered", "answered_at": None},
        "payments.CardOrphan": {"amount": 5, "state": "open", "currency": "EUR"},
        # She has said to which account, and nothing is sent yet.
        "payments.Payout": {"amount": 5, "state": "ready", "sent_at": None, "bank_reference": ""},
        "marketplace.Participant": {"conversation": conversation},
        "marketplace.Placement": {"service": "PLACEMENT_WEEK", "amount": 5, "ends_at": LATER},
        "marketplace.Removal": {"ends_at": LATER},
        "marketplace.Party": {"order": order},
        "marketplace.CommentNotice": {"feedback": None},
        "marketplace.Feedback": {"order": None, "stars": 4, "standing": standing_of_somebody},
        "marketplace.Message": {"conversation": conversation},
        # Escrow.com has told the end of it: nothing is called off any more, and it hears of an erasure.
        "payments.EscrowAccount": {"state": "pending"},
        "payments.EscrowDeal": escrow_deal,
        "payments.EscrowSide": {"deal": escrow_deal},
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


def conversation(planter: Planter) -> Conversation:
    """The one in which this person writes, with somebody who has left."""
    number = uuid5(NAMESPACE_OID, str(planter.planted.number))
    return Conversation.objects.get_or_create(pk=number, defaults={"title": "x", "started_at": EARLIER})[0]


def listing_photo(planter: Planter) -> ListingPhoto:
    """A photo of the planted listing, with its two files."""
    holding = registry().holding(ListingPhoto)
    words = planter.canary(holding, ListingPhoto._meta.get_field("words"))
    photo = ListingPhoto(pk=uuid4(), position=1, words=words, width=8, height=6, added_at=NOW)
    photo.listing = cast("Listing", planter.plant(registry().holding(Listing)))
    write_files(photo.pk, Picture(large=b"RIFF large", small=b"RIFF small", width=8, height=6))
    photo.save(force_insert=True)
    return photo


def invoice(planter: Planter) -> Invoice:
    """As it is issued: its number is the next of its series."""
    holding = registry().holding(Invoice)
    names = ("buyer_name", "buyer_registration", "buyer_address")
    name, number, address = (planter.canary(holding, Invoice._meta.get_field(field)) for field in names)
    return sell(planter.planted.user, name=name, registration_number=number, address=address, now=NOW)


def accounting_entry(planter: Planter) -> AccountingEntry:
    """The first line of the invoice in the register."""
    document = cast("Invoice", planter.plant(registry().holding(Invoice)))
    return AccountingEntry.objects.filter(document=document.number).earliest("id")


def standing_of_somebody(planter: Planter) -> Standing:
    """Of a seller whom this person rated, and who stays."""
    seller = User(pk=uuid5(NAMESPACE_OID, f"seller {planter.planted.number}"))
    seller.email = f"pardevejs{planter.planted.number}@example.lv"
    if not User.objects.filter(pk=seller.pk).exists():
        seller.save(force_insert=True)
    return Standing.objects.get_or_create(user=seller)[0]


def order(planter: Planter) -> Order:
    """Of something that is not offered any more, between this person and somebody who has left."""
    agreed = {
        "title": "x",
        "price": 5,
        "delivery": "collection",
        "payment": "cash",
        "offered_at": EARLIER,
        "changed_at": EARLIER,
    }
    return Order.objects.get_or_create(pk=uuid5(NAMESPACE_OID, str(planter.planted.number)), defaults=agreed)[0]


def escrow_deal(planter: Planter) -> EscrowDeal:
    """Of something that this person bought from somebody who has left."""
    number = planter.planted.number
    known = {
        "payable_kind": "thing",
        "payable_id": uuid5(NAMESPACE_OID, f"thing {number}"),
        "title": planter.canary(registry().holding(EscrowDeal), EscrowDeal._meta.get_field("title")),
        "amount": 5,
        "reference": f"q-{number}",
        "provider_id": number + 1,
        "state": "paid_out",
        "proposed_at": EARLIER,
        "ordered_at": EARLIER,
        "changed_at": EARLIER,
    }
    return EscrowDeal.objects.get_or_create(pk=uuid5(NAMESPACE_OID, f"deal {number}"), defaults=known)[0]


def campaign() -> Campaign:
    """The one campaign that both people are on the list of."""
    words = {"name": "Autumn", "subject_lv": "Rudens", "body_lv": "Rudens"}
    return Campaign.objects.get_or_create(name=words["name"], defaults={**words, "created_at": EARLIER})[0]


def survey() -> Survey:
    """The one survey that both people answered."""
    times = {"opens_at": EARLIER, "closes_at": NOW}
    return Survey.objects.get_or_create(slug="iela", defaults=times)[0]


def policy_mailing() -> PolicyMailing:
    """The one letter about a changed policy that both people got."""
    text = TextVersion.objects.filter(code="POLICY", language="lv").earliest("valid_from")
    return PolicyMailing.objects.get_or_create(text=text, defaults={"ordered_at": EARLIER, "people": 2})[0]


def data_key(planter: Planter) -> DataKey:
    """A key as the vault makes it: its wrapped bytes cannot be invented."""
    owner = planter.planted.user.pk
    seal(owner, b"planted", context="keystone")
    return DataKey.objects.get(owner=owner)
