"""The declarations of payments, one tuple for the data map (Art. 30)."""

from payments.cards import privacy as of_cards
from payments.escrow import privacy as of_escrow
from payments.invoices import privacy as of_invoices
from payments.payouts import privacy as of_payouts

HOLDINGS = (*of_invoices.HOLDINGS, *of_cards.HOLDINGS, *of_escrow.HOLDINGS, *of_payouts.HOLDINGS)
NOT_PERSONAL = (*of_invoices.NOT_PERSONAL, *of_cards.NOT_PERSONAL, *of_escrow.NOT_PERSONAL)
