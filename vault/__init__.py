"""Keys and seals: what is encrypted, tokenised, signed, and how it is made unreadable for ever (Art. 17, 32)."""
