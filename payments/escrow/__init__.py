"""Payments between two people through Escrow.com, who holds the money until the thing has arrived (clause 9.3)."""
