"""Starts, tests and checks Qlekta on a machine that has nothing but Python 3.11; imports only the standard library."""
