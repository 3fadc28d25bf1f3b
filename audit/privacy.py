"""What the audit trail holds about people: opaque numbers, codes and reasons, never values (Art. 5(2), 30, 32)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Happening, Holding, NotPersonal, Personal, Via
from datamap.terms import Category, LawfulBasis, Source, Use, keep, withhold

_PROOF: Final = keep(_("proof of who saw or changed your data, when and why"), act="GDPR Art. 5(2), 32(1)(d)")

HOLDINGS = (
    Holding(
        model="audit.Entry",
        label=_("Record of who saw or changed your data"),
        about={
            "user": ("subject", Via("object_id", by="audit.looks.of_accounts", beside="object_type")),
            "email": Via("object_id", by="audit.looks.of_addresses", beside="object_type"),
        },
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 32(1)(d)",
        source=Source.OBSERVED,
        period="AUDIT",
        clock="at",
        purge_with="audit.purging.purge",
        personal={
            "at": Personal(Category.ACCOUNT, on_erasure=_PROOF, label=_("time")),
            "action": Personal(Category.ACCOUNT, on_erasure=_PROOF, label=_("what was done"), words="audit.words.ACTS"),
            "actor_kind": Personal(Category.ACCOUNT, on_erasure=_PROOF, label=_("done by")),
            "actor_id": Personal(
                Category.ACCOUNT,
                on_access=withhold(
                    _("the number of another person's account; ask us if you need it (Art. 15(4) GDPR)")
                ),
                on_erasure=_PROOF,
                label=_("number of the account that acted"),
            ),
            "subject": Personal(Category.VISITOR_KEY, on_erasure=_PROOF, label=_("account number")),
            "object_type": Personal(
                Category.ACCOUNT, on_erasure=_PROOF, label=_("kind of record"), words="datamap.words.tables"
            ),
            "object_id": Personal(Category.ACCOUNT, on_erasure=_PROOF, label=_("number of the record")),
            "reason": Personal(
                Category.REQUEST,
                on_erasure=_PROOF,
                label=_("reason"),
                spoken="audit.reasons.spoken",
                note="why a member of staff looked or acted: a case number or a short sentence, no names, no addresses",
            ),
            "details": Personal(
                Category.ACCOUNT,
                on_erasure=_PROOF,
                label=_("details"),
                note="names of fields, counts and codes; audit.trail refuses anything that looks like a value",
            ),
        },
        neutral={"id", "salt", "commitment", "previous_hash", "row_hash"},
        ledger=True,
        happenings=(
            Happening(
                use=Use.LOOK,
                at="at",
                says=_("Our staff: %(action)s – %(object_type)s"),
                of=("action", "object_type"),
                because="reason",
                where={"actor_kind": "staff"},
            ),
            Happening(
                use=Use.CHANGE,
                at="at",
                says=_("%(action)s – %(object_type)s"),
                of=("action", "object_type"),
                because="reason",
                where={"actor_kind__in": ("person", "system")},
            ),
        ),
    ),
)

NOT_PERSONAL = (
    NotPersonal("audit.Forgetting", "names a ledger, counts its forgotten rows and keeps their last hash"),
    NotPersonal("audit.Seal", "names a ledger, numbers of its rows, and a root over salted commitments"),
)
