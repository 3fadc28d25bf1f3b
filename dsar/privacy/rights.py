"""What was done for a right: objections, corrections, notices to recipients."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, Personal, Via
from datamap.terms import BLANK, Category, LawfulBasis, Source, Use, withhold
from dsar.privacy.words import OF_CASE, PROOF, STAFF

HOLDINGS = (
    Holding(
        model="dsar.Objection",
        label=_("Your objections"),
        about={"user": "user", "email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 21(1)",
        source=Source.PROVIDED,
        period="ACCOUNT",
        erase_with="dsar.objections.erase",
        why=_("So that what you objected to stays stopped."),
        personal={
            "user": Personal(Category.ACCOUNT),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                label=_("token of your address"),
            ),
            "purpose": Personal(Category.REQUEST),
            "grounds": Personal(Category.FREE_TEXT, note="compelling grounds, in the words of the staff"),
            "proposed_by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who proposed the compelling grounds")),
            "overruled_by": Personal(
                Category.IDENTITY, on_access=STAFF, label=_("who found the compelling grounds good")
            ),
        },
        neutral={"id", "case_number", "sealed_under", "at", "overruled_at"},
    ),
    Holding(
        model="dsar.RecipientNotice",
        label=_("Who was told about your request"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 19",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "recipient": Personal(Category.REQUEST, on_erasure=PROOF),
            "article": Personal(Category.REQUEST, on_erasure=PROOF),
            "outcome": Personal(Category.REQUEST, on_erasure=PROOF),
            "detail": Personal(
                Category.FREE_TEXT, on_erasure=BLANK, note="what came of the notice, in the words of the staff"
            ),
            "reference": Personal(
                Category.REQUEST, on_erasure=PROOF, note="numbers of orders: the mail service's, or a letter's of ours"
            ),
            "by": Personal(
                Category.IDENTITY, on_access=STAFF, on_erasure=PROOF, label=_("who of our staff recorded it")
            ),
        },
        neutral={"id", "case", "ordered_at", "told_at", "channel", "evidence_sha256", "ends_at"},
        happenings=(
            Happening(
                use=Use.TOLD,
                at="told_at",
                says=_("%(recipient)s was told of a right you used (%(article)s): %(outcome)s"),
                of=("recipient", "article", "outcome"),
            ),
        ),
    ),
    Holding(
        model="dsar.Correction",
        label=_("What was corrected for you"),
        about=OF_CASE,
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 16",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        personal={
            "table": Personal(Category.REQUEST),
            "field": Personal(Category.REQUEST),
            "before": Personal(Category.FREE_TEXT, note="the value as it stood; may be any declared field"),
            "after": Personal(Category.FREE_TEXT, note="the value as it stands now; may be any declared field"),
            "by": Personal(Category.IDENTITY, on_access=STAFF, label=_("who of our staff corrected it")),
        },
        neutral={"id", "case", "at", "ends_at"},
    ),
)
