"""Every storage period, once: T1-T22 of the retention rules. Nothing else in the code holds a period."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from datamap.periods import CalendarYears, Elapsed, Ending, FullYearsAfter, Period

PERIODS = (
    Period(
        "VISIT_LOG", _("20 weeks"), Elapsed(timedelta(weeks=20)), "policy 5.2; Art. 6(1)(f) GDPR", _("the visit"), "T1"
    ),
    Period(
        "COMMENT_TRACE", _("20 weeks"), Elapsed(timedelta(weeks=20)), "policy 14", _("publication"), "T2", Ending.BLANK
    ),
    Period("ACCOUNT", _("as long as you have an account"), None, "policy 10", _("registration"), "T3"),
    Period("VOLUNTARY", _("until you delete it, at the latest with your account"), None, "policy 10", _("entry"), "T4"),
    Period("MESSAGES", _("as long as either of the two has an account"), None, "policy 17", _("sending"), "T5"),
    Period(
        "ARCHIVE",
        _("six years"),
        CalendarYears(6),
        "policy 10; Art. 17(3)(e) GDPR",
        _("deletion of the account"),
        "T6",
        Ending.DESTROY_KEY,
    ),
    Period(
        "INVOICE",
        _("five full calendar years"),
        FullYearsAfter(5),
        "Accounting Law s. 28(5)",
        _("the year the invoice was issued"),
        "T7",
    ),
    Period(
        "ACCOUNTING_REGISTER",
        _("ten full calendar years"),
        FullYearsAfter(10),
        "Accounting Law s. 28(2)",
        _("the year of the entry"),
        "T8",
    ),
    Period(
        "ANNUAL_REPORT", _("until the company is wound up"), None, "Accounting Law s. 28(1)", "", "T9", Ending.NOTHING
    ),
    Period(
        "SUPPLY_RECORD",
        _("ten full calendar years"),
        FullYearsAfter(10),
        "VAT Directive Art. 242a, if the site facilitates supplies of taxable sellers",
        _("the year of the supply"),
        "T10",
        applies=False,
    ),
    Period(
        "PLATFORM_SELLER",
        _("ten full calendar years"),
        FullYearsAfter(10),
        "Directive 2021/514 (DAC7), if the site is a reporting platform",
        _("the reporting year"),
        "T11",
        applies=False,
    ),
    Period(
        "TRADER",
        _("six months"),
        Elapsed(timedelta(days=183)),
        "Regulation 2022/2065 (DSA) Art. 30(5), unless the company is micro or small",
        _("the end of the contract"),
        "T12",
        applies=False,
    ),
    Period(
        "AML_DOCUMENT",
        _("not kept here: the escrow provider keeps them"),
        None,
        "Law on the Prevention of Money Laundering; policy 9.3",
        "",
        "T13",
        applies=False,
    ),
    Period(
        "CONSENT_PROOF",
        _("as long as the consent is in force and three years more"),
        CalendarYears(3),
        "Art. 7(1) GDPR; Commercial Law s. 406",
        _("withdrawal or expiry"),
        "T14",
        Ending.DESTROY_KEY,
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
        "LOYALTY_POINTS",
        _("three years"),
        CalendarYears(3),
        "Commercial Law s. 406; policy 4",
        _("the order"),
        "T14",
    ),
    Period(
        "PROFILE",
        _("20 weeks"),
        Elapsed(timedelta(weeks=20)),
        "Art. 5(1)(c), 5(1)(e) GDPR; policy 7.1",
        _("the view"),
        "T1",
    ),
    Period(
        "SURVEY_ANSWERS",
        _("30 days, 90 days or half a year after the survey closes: its own page names the day"),
        None,
        "policy 5; Art. 5(1)(e) GDPR",
        _("the end of the survey"),
        "T4",
    ),
    *(
        Period(
            code, label, Elapsed(timedelta(days=days)), "policy 5; Art. 5(1)(e) GDPR", _("the end of the survey"), "T4"
        )
        for code, label, days in (
            ("SURVEY_MONTH", _("30 days"), 30),
            ("SURVEY_QUARTER", _("90 days"), 90),
            ("SURVEY_HALF_YEAR", _("half a year"), 182),
        )
    ),
    Period("MAILGUN_LOG", _("30 days"), Elapsed(timedelta(days=30)), "Art. 28(3)(g) GDPR", _("your erasure"), "T20"),
    Period(
        "FORGETTING",
        _("until Mailgun has forgotten you too, at the latest 45 days"),
        Elapsed(timedelta(days=45)),
        "Art. 19, 28(3)(g) GDPR",
        _("your erasure"),
        "T20",
    ),
    Period("MAIL_COMPARED", _("two days"), Elapsed(timedelta(days=2)), "Art. 5(1)(d) GDPR", _("sending"), "T1"),
    Period("CARDS_COMPARED", _("two days"), Elapsed(timedelta(days=2)), "Art. 5(1)(d) GDPR", _("the charge"), "T1"),
    Period(
        "ORDER_SILENCE",
        _("14 days"),
        Elapsed(timedelta(days=14)),
        "policy 8.2.2: the deal between two people",
        _("the thing was sent"),
        "T3",
        Ending.NOTHING,
    ),
    Period(
        "DISPUTE_REMINDED",
        _("three days"),
        Elapsed(timedelta(days=3)),
        "Art. 17(3)(e) GDPR",
        _("our letter to staff before the last day"),
        "T7",
        Ending.NOTHING,
    ),
    Period("SUBSCRIPTION", _("until you end it, with one click"), None, "policy 13", _("your confirmation"), "T14"),
    Period(
        "CASE_FILE",
        _("three years"),
        CalendarYears(3),
        "Art. 5(2) GDPR; Commercial Law s. 406",
        _("the closing of the request"),
        "T16",
    ),
    Period(
        "ENQUIRY",
        _("one year"),
        CalendarYears(1),
        "Art. 5(1)(c), 5(1)(e) GDPR; policy 5",
        _("our last answer"),
        "T16",
    ),
    Period(
        "NOTICE",
        _("three years"),
        CalendarYears(3),
        "Regulation 2022/2065 Art. 16, 17; Art. 17(3)(e) GDPR",
        _("our decision"),
        "T16",
    ),
    Period(
        "UNCHECKED_DOCUMENT",
        _("until it was checked, at the latest 30 days"),
        Elapsed(timedelta(days=30)),
        "Art. 5(1)(c), 5(1)(e) GDPR",
        _("the arrival of the file"),
        "T16",
        Ending.DESTROY_KEY,
    ),
    Period(
        "PACKAGE", _("30 days"), Elapsed(timedelta(days=30)), "Art. 5(1)(e) GDPR", _("completion of the copy"), "T16"
    ),
    Period(
        "DOWNLOAD_LINK", _("14 days"), Elapsed(timedelta(days=14)), "Art. 32 GDPR", _("completion of the copy"), "T16"
    ),
    Period(
        "UNCLAIMED_FILE",
        _("one day"),
        Elapsed(timedelta(days=1)),
        "Art. 5(1)(e) GDPR",
        _("the last byte written"),
        "T16",
    ),
    Period(
        "HOLD",
        _("as long as a claim, a complaint or an authority needs it; looked at again every half year"),
        None,
        "Art. 17(3)(b), 17(3)(e) GDPR; policy 5.2",
        _("the legal hold"),
        "T16",
    ),
    Period(
        "HOLD_REVIEW",
        _("half a year"),
        Elapsed(timedelta(days=182)),
        "Art. 5(1)(e) GDPR",
        _("the last look at the hold"),
        "T16",
        Ending.REVIEW,
    ),
    Period(
        "FRESH_CHANGE",
        _("seven days"),
        Elapsed(timedelta(days=7)),
        "Art. 12(6), 32 GDPR",
        _("a change of address, telephone or password"),
        "T16",
    ),
    Period(
        "SAFETY_WAIT",
        _("72 hours"),
        Elapsed(timedelta(hours=72)),
        "Art. 12(6), 32 GDPR",
        _("the letter to the older addresses"),
        "T16",
    ),
    Period(
        "LIFTING_NOTICE",
        _("one day"),
        Elapsed(timedelta(days=1)),
        "Art. 18(3) GDPR",
        _("the letter that says that the restriction ends"),
        "T16",
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
        Ending.REVIEW,
    ),
    Period(
        "LISTING_SHOWN",
        _("60 days"),
        Elapsed(timedelta(days=60)),
        "Art. 5(1)(c), 5(1)(e) GDPR",
        _("publication"),
        "T18",
        Ending.CLOSE,
    ),
    Period(
        "PLACEMENT_CHOICE",
        _("7 days if it is not paid for, else as long as it runs"),
        Elapsed(timedelta(days=7)),
        "policy 8; Art. 5(1)(c), 5(1)(e) GDPR",
        _("the choice"),
        "T18",
    ),
    *(
        Period(
            code,
            label,
            Elapsed(timedelta(days=days)),
            "policy 8; Art. 6(1)(b) GDPR",
            _("the payment"),
            "T18",
            Ending.CLOSE,
        )
        for code, label, days in (("PLACEMENT_WEEK", _("7 days"), 7), ("PLACEMENT_MONTH", _("30 days"), 30))
    ),
    Period("STATISTICS", _("indefinitely, as totals only"), None, "policy 10", "", "T19"),
    Period("BACKUP", _("35 days"), Elapsed(timedelta(days=35)), "Art. 5(1)(e) GDPR", _("the backup"), "T20"),
    Period("TRACES", _("one day"), Elapsed(timedelta(days=1)), "Art. 17, 32 GDPR", _("the deletion"), "T20"),
    Period("AUDIT", _("three years"), CalendarYears(3), "Art. 5(2), 32 GDPR", _("the event"), "T21"),
    Period("OPT_IN", _("seven days"), Elapsed(timedelta(days=7)), "Art. 5(1)(c) GDPR", _("the request"), "T22"),
    Period(
        "TOKEN", _("one hour"), Elapsed(timedelta(hours=1)), "Art. 5(1)(e), 32 GDPR", _("sending of the link"), "T22"
    ),
    Period(
        "CODE",
        _("ten minutes"),
        Elapsed(timedelta(minutes=10)),
        "Art. 5(1)(e), 32 GDPR",
        _("sending of the code"),
        "T22",
    ),
    Period(
        "ATTEMPTS", _("one day"), Elapsed(timedelta(days=1)), "Art. 5(1)(e), 32 GDPR", _("the first attempt"), "T22"
    ),
    Period("OPENING", _("seven days"), Elapsed(timedelta(days=7)), "policy 10; Art. 32 GDPR", _("the request"), "T21"),
    Period("COOKIE_CHOICE", _("half a year"), Elapsed(timedelta(days=182)), "Art. 7 GDPR", _("the choice"), "T14"),
    Period("SESSION", _("until you log out, at most 14 days"), None, "Art. 5(1)(e) GDPR", _("log-in"), "T1"),
    Period("OUTGOING_MAIL", _("20 weeks"), Elapsed(timedelta(weeks=20)), "Art. 5(1)(e) GDPR", _("sending"), "T1"),
    Period("EFFECTS", _("20 weeks"), Elapsed(timedelta(weeks=20)), "Art. 5(1)(e) GDPR", _("completion"), "T1"),
)
