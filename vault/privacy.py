"""What the vault holds about people: their data keys, and files sealed with keys (Art. 30, 32)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, Personal, Store
from datamap.terms import BLANK, Category, LawfulBasis, Source, keep, withhold

HOLDINGS = (
    Holding(
        model="vault.DataKey",
        label=_("Encryption key of your account"),
        about={"user": "owner"},
        purposes=("ACCOUNTABILITY",),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        act="GDPR Art. 32(1)(a)",
        source=Source.DERIVED,
        period="ACCOUNT",
        personal={
            "owner": Personal(
                Category.VISITOR_KEY,
                on_erasure=keep(
                    _("a random number that leads to nobody once the account is gone; no key is made for it again"),
                    act="GDPR Art. 32(1)(a)",
                    until="PERMANENT",
                ),
                label=_("account number"),
            ),
            "wrapped": Personal(
                Category.CREDENTIALS,
                on_access=withhold(_("a key says nothing about you, and handing it out would break the protection")),
                on_erasure=BLANK,
                label=_("encrypted key"),
            ),
        },
        neutral={"id", "master_key_id", "created_at", "destroyed_at"},
        erase_with="vault.erasure.destroy_subject_key",
    ),
)

STORES = (
    Store(
        code="vault.sealed_files",
        label=_("Sealed files left unfinished"),
        holds=_("what a server that stopped in the middle had written of a copy; nobody can open it"),
        period="UNCLAIMED_FILE",
        purposes=("ACCOUNTABILITY",),
        purge_with="vault.orphans.purge",
    ),
)
