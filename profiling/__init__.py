"""One profile of shopping habits, from items somebody looked at while she consented to it (policy clause 7.1)."""
