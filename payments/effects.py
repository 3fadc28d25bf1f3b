"""What the outbox does for payments; importing registers the handlers."""

from payments.cards import dispute_effects as of_disputes
from payments.cards import effects as of_cards
from payments.cards import merging as of_card_news
from payments.cards import orphans as of_orphans
from payments.cards import refund_effects as of_refunds
from payments.escrow import effects as of_escrow

__all__ = ["of_card_news", "of_cards", "of_disputes", "of_escrow", "of_orphans", "of_refunds"]
