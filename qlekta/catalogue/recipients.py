"""Who receives personal data, from which country, under which safeguard and contract (Art. 13(1)(e)-(f), 26, 28; policy
clauses 8, 9)."""

from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from datamap.declarations import Contract, JointControllers, Recipient
from datamap.terms import RecipientRole, Safeguard

_MAILGUN = (
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

BRAINTREE = Recipient(
    code="BRAINTREE",
    name="Braintree (PayPal, Inc.)",
    # Its pages call it a controller, its contract for merchants a processor. We hold it to the stricter one: without a
    # contract in force nothing goes there (ADR 0027).
    role=RecipientRole.PROCESSOR,
    service=_("charges your card when you choose to pay by card, and sends money back to it"),
    country="US",
    safeguard=Safeguard.SCC,
    policy_url="https://www.braintreepayments.com/legal/braintree-privacy-policy",
    contact="privacy@braintreepayments.com",
    handler="payments.cards.processor.BraintreeHandler",
    contract=Contract(
        reference="Braintree Payment Services Agreement, Data Protection Addendum",
        signed_on=date(2020, 5, 10),
        starts_on=date(2020, 5, 10),
        review_on=date(2027, 5, 10),
        instructions=_("Charge the amount we name under the number we name, and send it back when we say so."),
        confidentiality=_("Everybody with access is bound to confidentiality."),
        measures=_("PCI DSS level 1; encryption on the way and at rest, access by role, logging, regular tests."),
        subprocessors=_("General authorisation: we are told of a change beforehand and may object."),
        assistance=_("Helps with requests of data subjects, with breaches and with assessments (Art. 32-36 GDPR)."),
        at_end=_("Deletes all data when the contract ends, except what the laws on payments tell it to keep."),
        audits=_("Reports of independent auditors, and an audit of our own where they do not suffice."),
    ),
)

GOOGLE = Recipient(
    code="GOOGLE",
    name="Google Ireland Limited",
    role=RecipientRole.PROCESSOR,
    service=_("counts visits of those who agreed to that (Google Analytics)"),
    country="IE",
    safeguard=Safeguard.ADEQUACY,
    policy_url="https://policies.google.com/privacy",
    contact="https://support.google.com/policies/contact/general_privacy_form",
    handler="cookies.recipients.GoogleHandler",
    contract=Contract(
        reference="Google Ads Data Processing Terms",
        signed_on=date(2020, 5, 10),
        starts_on=date(2020, 5, 10),
        review_on=date(2027, 5, 10),
        instructions=_("Count visits of browsers that agreed; no advertising, no signals of Google accounts."),
        confidentiality=_("Everybody with access is bound to confidentiality."),
        measures=_("Encryption on the way and at rest, access by role, logging, regular tests."),
        subprocessors=_("General authorisation: we are told of a change beforehand and may object."),
        assistance=_("Deletes what was counted of one browser when we order it (Art. 17, 28(3)(e) GDPR)."),
        at_end=_("Deletes all data when the contract ends, at the latest after 180 days."),
        audits=_("Reports of independent auditors, and an audit of our own where they do not suffice."),
    ),
)

ESCROW = Recipient(
    code="ESCROW",
    name="Escrow.com, Inc.",
    role=RecipientRole.CONTROLLER,
    service=_("holds the money between buyer and seller, where both chose that"),
    country="US",
    safeguard=Safeguard.SCC,
    policy_url="https://www.escrow.com/escrow-101/privacy-policy",
    contact="privacy@escrow.com",
    handler="payments.escrow.recipient.EscrowHandler",
    contract=Contract(
        reference="Standard contractual clauses, module one: from controller to controller",
        signed_on=date(2021, 9, 27),
        starts_on=date(2021, 9, 27),
        review_on=date(2027, 5, 10),
        instructions=_("None: it decides for itself, and uses what we tell it to set up and hold one payment."),
        confidentiality=_("Everybody with access is bound to confidentiality."),
        measures=_("Encryption on the way and at rest, access by role, logging, regular tests."),
        subprocessors=_("Handed on only under the same clauses, or where the law asks for it."),
        assistance=_("Answers data subjects itself; is told of an erasure by us (Art. 19 GDPR)."),
        at_end=_("Keeps what the law against money laundering asks for, and deletes the rest."),
        audits=_("Reports of independent auditors, and papers that prove the clauses are kept."),
    ),
)

RECIPIENTS = (*_MAILGUN, BRAINTREE, ESCROW, *((GOOGLE,) if settings.GOOGLE_ANALYTICS_ID else ()))
"""Google gets nothing, and stands nowhere, where the site does not use it."""

JOINT_CONTROLLERS: tuple[JointControllers, ...] = ()
"""Arrangements of Art. 26 with partners (policy clause 8.6); there is none today."""
