"""The pages of staff about money, area by area."""

from payments.cards import admin as _of_cards  # noqa: F401 - registers its pages
from payments.cards import dispute_admin as _of_disputes  # noqa: F401 - registers its pages
from payments.cards import orphan_admin as _of_orphans  # noqa: F401 - registers its pages
from payments.escrow import admin as _of_escrow  # noqa: F401 - registers its pages
from payments.invoices import admin as _of_invoices  # noqa: F401 - registers its pages
from payments.payouts import admin as _of_payouts  # noqa: F401 - the same
