"""Every storage period, once: T1-T22 of the retention rules. Nothing else in the code holds a period."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from datamap.periods import CalendarYears, Elapsed, FullYearsAfter, Period

PERIODS = (
    Period(
        "VISIT_LOG", _("20 weeks"), Elapsed(timedelta(weeks=20)), "policy 5.2; Art. 6(1)(f) GDPR", _("the visit"), "T1"
    ),
    Period("COMMENT_TRACE", _("20 weeks"), Elapsed(timedelta(weeks=20)), "policy 14", _("publication"), "T2"),
    Period("ACCOUNT", _("as long as you have an account"), None, "policy 10", _("registration"), "T3"),
    Period("VOLUNTARY", _("until you delete it, at the latest with your account"), None, "policy 10", _("entry"), "T4"),
    Period("MESSAGES", _("as long as either of the two has an account"), None, "policy 17", _("sending"), "T5"),
    Period(
        "ARCHIVE", _("six years"), CalendarYears(6), "policy 10; Art. 17(3)(e) GDPR", _("deletion of the account"), "T6"
    ),
    Period(
        "INVOICE",
        _("five full calendar years"),
        FullYearsAfter(5),
        "Accounting Law s. 28(5)",
        _("the year of issue"),
        "T7",
    ),
    Period(
        "ACCOUNTING_REGISTER",
        _("ten full calendar years"),
        FullYearsAfter(10),
        "Accounting Law s. 28(2)",
        _("the entry"),
        "T8",
    ),
    Period(
        "CONSENT_PROOF",
        _("as long as the consent is in force and three years more"),
        CalendarYears(3),
        "Art. 7(1) GDPR; Commercial Law s. 406",
        _("withdrawal or expiry"),
        "T14",
    ),
    Period(
        "SUPPRESSION",
        _("as long as we send advertising by e-mail"),
        None,
        "Art. 21(3) GDPR",
        _("your objection"),
        "T15",
    ),
    Period(
        "CASE_FILE",
        _("three years"),
        CalendarYears(3),
        "Art. 5(2) GDPR; Commercial Law s. 406",
        _("the closing of the request"),
        "T16",
    ),
    Period(
        "PACKAGE", _("30 days"), Elapsed(timedelta(days=30)), "Art. 5(1)(e) GDPR", _("completion of the copy"), "T16"
    ),
    Period(
        "DOWNLOAD_LINK", _("14 days"), Elapsed(timedelta(days=14)), "Art. 32 GDPR", _("completion of the copy"), "T16"
    ),
    Period(
        "CONFIRMATION",
        _("until the confirmation is on its way to you, usually minutes"),
        None,
        "Art. 12(3) GDPR",
        _("your confirmation of the erasure"),
        "T16",
    ),
    Period("PERMANENT", _("permanently, without data about persons"), None, "Art. 5(2), 30, 33(5) GDPR", "", "T17"),
    Period(
        "PUBLIC_CONTENT",
        _("indefinitely, without your name after you leave"),
        None,
        "policy 14",
        _("publication"),
        "T18",
    ),
    Period("STATISTICS", _("indefinitely, as totals only"), None, "policy 10", "", "T19"),
    Period("BACKUP", _("35 days"), Elapsed(timedelta(days=35)), "Art. 5(1)(e) GDPR", _("the backup"), "T20"),
    Period("AUDIT", _("three years"), CalendarYears(3), "Art. 5(2), 32 GDPR", _("the event"), "T21"),
    Period("OPT_IN", _("seven days"), Elapsed(timedelta(days=7)), "Art. 5(1)(c) GDPR", _("the request"), "T22"),
    Period("SESSION", _("until you log out, at most 14 days"), None, "Art. 5(1)(e) GDPR", _("log-in"), "T1"),
    Period("OUTGOING_MAIL", _("20 weeks"), Elapsed(timedelta(weeks=20)), "Art. 5(1)(e) GDPR", _("sending"), "T1"),
    Period("EFFECTS", _("20 weeks"), Elapsed(timedelta(weeks=20)), "Art. 5(1)(e) GDPR", _("completion"), "T1"),
)
