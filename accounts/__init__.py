"""The user and the profile, sign-up with the age rule, log-in events, step-up (policy clauses 5.1, 6, 15)."""
