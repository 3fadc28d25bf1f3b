"""Why Qlekta processes data, on which basis (policy clauses 7, 11, 13), with the balancing tests of Art. 6(1)(f)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from datamap.declarations import BalancingTest, Purpose
from datamap.terms import LawfulBasis

_AUTHOR = "SIA Qlekta"
_REVIEW = date(2027, 5, 10)

PURPOSES = (
    Purpose(
        code="SERVICE",
        label=_("Providing the service"),
        description=_("so that you can use your account, buy and sell"),
        basis=LawfulBasis.CONTRACT,
        clause="7.1",
    ),
    Purpose(
        code="OFFER",
        label=_("Offers you asked for"),
        description=_("to answer when you ask us for an offer"),
        basis=LawfulBasis.CONTRACT,
        clause="7.1",
        on_request=True,
    ),
    Purpose(
        code="LEGAL",
        label=_("Legal duties"),
        description=_("to keep what the law tells us to keep"),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        clause="7.1",
        act="Accounting Law s. 28",
    ),
    Purpose(
        code="REGISTRATION",
        label=_("Registration"),
        description=_("to open your account and let you in"),
        basis=LawfulBasis.CONTRACT,
        clause="7.1",
    ),
    Purpose(
        code="ACCOUNTABILITY",
        label=_("Answering and proving"),
        description=_("to answer your requests about your data and to prove that we did"),
        basis=LawfulBasis.LEGAL_OBLIGATION,
        clause="16",
        act="GDPR Art. 5(2), 7(1), 12, 30",
    ),
    Purpose(
        code="CLAIMS",
        label=_("Disputes"),
        description=_("to detect problems and resolve legal disputes"),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        clause="7.1, 10",
        balancing=BalancingTest(
            interest=_("We must be able to establish, exercise and defend legal claims after an account is deleted."),
            necessity=_("Without the name and address behind an account a claim cannot be answered."),
            balance=_(
                "Only a handful of fields are kept, sealed, for at most six years, opened for one case only;"
                " you can object at any time without giving a reason."
            ),
            decided_on="2020-05-10",
            author=_AUTHOR,
            review_on=_REVIEW,
        ),
    ),
    Purpose(
        code="CONTENT_DELIVERY",
        label=_("Showing pages well"),
        description=_("to bring pages to your device in your language"),
        basis=LawfulBasis.CONTRACT,
        clause="7.1",
    ),
    Purpose(
        code="STABILITY",
        label=_("Stability and functionality"),
        description=_("to keep the site stable, to find errors and improve the platform"),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        clause="5.2, 7.2",
        balancing=BalancingTest(
            interest=_("A site that works and is improved where visitors meet errors."),
            necessity=_("Errors and overload show only in records of real visits."),
            balance=_(
                "Only facts of the request itself are recorded, nothing is read from your device, secrets are cut from"
                " addresses, and everything is deleted after 20 weeks."
            ),
            decided_on="2020-05-10",
            author=_AUTHOR,
            review_on=_REVIEW,
        ),
    ),
    Purpose(
        code="SECURITY",
        label=_("Security"),
        description=_("to detect attacks and to investigate complaints about illegal use"),
        basis=LawfulBasis.LEGITIMATE_INTERESTS,
        clause="5.2, 7.2",
        balancing=BalancingTest(
            interest=_("Protecting accounts, visitors and the site from attack and abuse."),
            necessity=_("An attack can be seen and traced only with addresses and times."),
            balance=_(
                "The records are few, short-lived and read only for a stated purpose; every reading is recorded."
            ),
            decided_on="2020-05-10",
            author=_AUTHOR,
            review_on=_REVIEW,
        ),
    ),
    Purpose(
        code="MARKETING_EMAIL",
        label=_("News and offers by e-mail"),
        description=_("to send you news, discounts and invitations by e-mail"),
        basis=LawfulBasis.CONSENT,
        clause="7.1, 13",
        is_marketing=True,
    ),
    Purpose(
        code="EMAIL_ANALYSIS",
        label=_("Analysis of our mailings"),
        description=_("to use your e-mail address for analysing our mailings"),
        basis=LawfulBasis.CONSENT,
        clause="13",
        is_marketing=True,
    ),
    Purpose(
        code="PROFILING",
        label=_("Personal offers"),
        description=_("to follow your shopping habits so that offers fit you"),
        basis=LawfulBasis.CONSENT,
        clause="7.1",
        is_marketing=True,
    ),
    Purpose(
        code="LOYALTY",
        label=_("Loyalty programme"),
        description=_("to let you take part in the loyalty programme"),
        basis=LawfulBasis.CONSENT,
        clause="4, 7.1",
    ),
    Purpose(
        code="CONTACT_PUBLISH",
        label=_("Publishing your contacts"),
        description=_("to show your telephone or e-mail in a listing where you chose it"),
        basis=LawfulBasis.CONSENT,
        clause="8.5",
    ),
    Purpose(
        code="SURVEY",
        label=_("Surveys, promotions and draws"),
        description=_("to count the answers to a survey, and to run a promotion or draw in which you take part"),
        basis=LawfulBasis.CONSENT,
        clause="5",
    ),
    Purpose(
        code="COOKIE_FUNCTIONAL",
        label=_("Functional cookies"),
        description=_("to remember your language and similar settings on your device"),
        basis=LawfulBasis.CONSENT,
        clause="11",
    ),
    Purpose(
        code="COOKIE_ANALYTICS",
        label=_("Statistics of visits"),
        description=_("to count visits and learn how pages are used, by cookies and by what your browser reports"),
        basis=LawfulBasis.CONSENT,
        clause="11",
    ),
    Purpose(
        code="COOKIE_MARKETING",
        label=_("Marketing cookies"),
        description=_("to choose the advertising you see"),
        basis=LawfulBasis.CONSENT,
        clause="11",
    ),
)
