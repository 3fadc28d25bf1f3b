"""Who receives personal data, from which country, under which safeguard and contract (Art. 13(1)(e)-(f), 26, 28; policy
clauses 8, 9)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Contract, JointControllers, Recipient
from datamap.terms import RecipientRole, Safeguard

RECIPIENTS = (
    Recipient(
        code="MAILGUN",
        name="Mailgun Technologies, Inc.",
        role=RecipientRole.PROCESSOR,
        service=_("carries our e-mails to you"),
        country="US",
        safeguard=Safeguard.SCC,
        policy_url="https://www.mailgun.com/legal/privacy-policy/",
        contact="privacy@mailgun.com",
        handler="mailing.processor.MailgunHandler",
        contract=Contract(
            reference="Data Processing Addendum",
            signed_on=date(2020, 5, 10),
            starts_on=date(2020, 5, 10),
            review_on=date(2027, 5, 10),
            instructions=_("Carry the e-mails that our outbox hands over; keep no text longer than that needs."),
            confidentiality=_("Everybody with access is bound to confidentiality."),
            measures=_("Encryption on the way and at rest, access by role, logging, regular tests."),
            subprocessors=_("General authorisation: we are told of a change beforehand and may object."),
            assistance=_("Helps with requests of data subjects, with breaches and with assessments (Art. 32-36 GDPR)."),
            at_end=_("Deletes all data when the contract ends; texts and records of e-mails after 30 days anyway."),
            audits=_("Reports of independent auditors, and an audit of our own where they do not suffice."),
        ),
    ),
)

JOINT_CONTROLLERS: tuple[JointControllers, ...] = ()
"""Arrangements of Art. 26 with partners (policy clause 8.6); there is none today."""
