"""What legal holds, their sealed copies and restrictions hold about people (Art. 17(3), 18)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Via
from datamap.terms import BLANK, Category, LawfulBasis, Source, describe, keep, withhold

_HOLD = keep(_("shows why and how long rows were held, and that two people released them"), act="GDPR Art. 5(2), 17(3)")
_COPY = keep(_("needed for the claim or the order that the hold names"), act="GDPR Art. 17(3)(b), 17(3)(e)")
_RESTRICTED = keep(_("shows that the processing was restricted and that you were told"), act="GDPR Art. 5(2), 18")
_STAFF = withhold(_("who on our side acted; names of staff are not part of your data"))
_WORDS = describe(_("staff's own words; they may name others in the dispute (Art. 15(4) GDPR)"))

STANDING = (
    Holding(
        model="retention.LegalHold",
        looks=True,
        label=_("Legal holds on your data"),
        about={
            "user": Via("pk", by="retention.holds.numbers_of_holds"),
            "email": Via("pk", by="retention.holds.numbers_of_holds_under"),
        },
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 17(3)",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        why=_("Rows that are needed for a claim, a complaint or an authority are not deleted until two people say so."),
        personal={
            "table": Personal(Category.REQUEST, on_erasure=_HOLD),
            "ground": Personal(Category.REQUEST, on_erasure=_HOLD),
            "act": Personal(Category.REQUEST, on_erasure=_HOLD),
            "case_number": Personal(Category.REQUEST, on_erasure=_HOLD),
            "placed_at": Personal(Category.REQUEST, on_erasure=_HOLD),
            "review_on": Personal(Category.REQUEST, on_erasure=_HOLD),
            "reviewed_on": Personal(Category.REQUEST, on_erasure=_HOLD),
            "query": Personal(
                Category.REQUEST,
                on_access=describe(_("which rows are held; the rows themselves are in this copy")),
                on_erasure=_HOLD,
                note="lookups on fields of one table, at times the id of an account",
            ),
            "reason": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_HOLD, note="words of staff"),
            "history": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_HOLD, note="words of staff"),
            **{
                name: Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_HOLD)
                for name in ("owner", "placed_by", "confirmed_by", "release_proposed_by", "released_by")
            },
        },
        neutral={"id", "secrecy", "confirmed_at", "release_proposed_at", "released_at", "ends_at"},
    ),
    Holding(
        model="retention.HeldCopy",
        label=_("Held rows of an erased account"),
        about={
            "user": Via("pk", by="retention.aside.numbers_of_copies"),
            "email": Via("pk", by="retention.aside.numbers_of_copies_under"),
        },
        purposes=("CLAIMS",),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        source=Source.DERIVED,
        period="HOLD",
        why=_("Sealed apart when the account was erased, gone with the release of the hold."),
        personal={
            "sealed": Personal(
                Category.IDENTITY,
                on_access=describe(_("the rows that the legal hold names, as they were when you were erased")),
                on_erasure=_COPY,
            ),
            "subject_id": Personal(
                Category.ACCOUNT,
                on_access=withhold(_("the number of an account that is no more; a new one is not linked to it")),
                on_erasure=_COPY,
            ),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that your access answer finds the rows")),
                on_erasure=_COPY,
                label=_("token of your address"),
            ),
            "kept_at": Personal(Category.REQUEST, on_erasure=_COPY),
            "count": Personal(Category.REQUEST, on_erasure=_COPY),
        },
        neutral={"id", "hold", "erasure"},
    ),
    Holding(
        model="retention.Restriction",
        looks=True,
        label=_("Restrictions of processing"),
        about={"user": "user_id", "email": Via("email_token", by="vault.tokens.email_tokens")},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 5(2), 18",
        source=Source.DERIVED,
        period="CASE_FILE",
        ends="ends_at",
        erase_with="retention.restriction.end_with_erasure",
        why=_("While it lasts your data are stored and nothing else happens to them."),
        personal={
            "user_id": Personal(Category.ACCOUNT, on_erasure=_RESTRICTED),
            "email_token": Personal(
                Category.EMAIL,
                on_access=withhold(_("a keyed token, so that no mail goes to your address")),
                on_erasure=BLANK,
                label=_("token of your address"),
            ),
            "address": Personal(
                Category.EMAIL,
                on_erasure=BLANK,
                label=_("your address, sealed, where you have no account"),
                note="until the restriction ends",
            ),
            "language": Personal(Category.LANGUAGE, on_erasure=_RESTRICTED, words="datamap.words.languages"),
            "ground": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "case_number": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "placed_at": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "told_at": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "told_with": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "lifted_at": Personal(Category.REQUEST, on_erasure=_RESTRICTED),
            "reason": Personal(Category.REQUEST, on_access=_WORDS, on_erasure=_RESTRICTED, note="words of staff"),
            "history": Personal(
                Category.REQUEST, on_access=_WORDS, on_erasure=_RESTRICTED, note="words of staff, step by step"
            ),
            **{
                name: Personal(Category.IDENTITY, on_access=_STAFF, on_erasure=_RESTRICTED)
                for name in ("placed_by", "told_by", "lifted_by")
            },
        },
        neutral={"id", "letter", "ends_at"},
    ),
)
