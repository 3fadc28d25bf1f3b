"""Repeats after a restore what was decided since the backup, from a journal outside the database (clause 10)."""
