"""The services that Qlekta hands data to, emulated on the loopback: real sockets, real faults, no credentials.

For tests and the demo only; the site itself never imports this, and production refuses to speak to it
(`mailing.E004`, `mailing.E005`).
"""
