"""A sentence that names a length names the one that holds: who changes a period hears which sentences tell it."""

import re
from datetime import timedelta
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from datamap.catalogue import catalogue, period
from datamap.periods import CalendarYears, Elapsed
from dsar.deadlines.arithmetic import EXTENDED_MONTHS, FIRST_MONTHS
from dsar.silence import END_AFTER
from retention.openings import READABLE

Length = timedelta | tuple[int, str]

WORDS: Final = {"one": 1, "two": 2, "three": 3, "six": 6, "seven": 7, "ten": 10}
SECONDS: Final = {"minute": 60, "hour": 3600, "day": 24 * 3600, "week": 7 * 24 * 3600}
LENGTH: Final = re.compile(rf"\b(\d+|{'|'.join(WORDS)})[ -](minute|hour|day|week|month|year)s?\b")

TOLD: Final = {
    "the password": ["A copy and an erasure need your password", "What comes next matters"],
    "SESSION": ["Stay logged in"],
    "the law": [
        "Breach %(number)s",
        "More than 72 hours",
        "The 72 hours",
        "72 hours",
        "why later",
        "Why later",
        "We answer without delay",
        "limit of one month",
        "Extend by two months",
        "Extended in time",
        "You may withdraw within 14 days",
    ],
    "READABLE": ["Approved: the person who asked", "This opening cannot be read"],
    "MAILGUN_LOG": [
        "After the 30 days we look",
        "Deletes all data when the contract ends; texts",
        "Mailgun deletes the text",
    ],
    "UNCHECKED_DOCUMENT": ["Asked on %(day)s. The copy is sealed", "Each under a key", "until it was checked"],
    "VISIT_LOG": [
        "Deleted after 20 weeks",
        "Only facts of the request",
        "Records of visits",
        "We note the time",
        "What you search for",
    ],
    "DISPUTE_REMINDED": ["Disputes must be answered"],
    "CODE": ["Enter it on the page", "It works once and for ten", "The letter with the link", "This is not the code"],
    "TOKEN": ["It works once and for one", "We have mailed a link"],
    "ARCHIVE": [
        "I object to the six",
        "Only a handful",
        "When somebody deletes",
        "Without your objection",
        "a record of the six",
        "opens the six",
    ],
    "OPT_IN": ["Open the link", "Please confirm that this address"],
    "SAFETY_WAIT": ["This request came from", "The address, telephone or password"],
    "FRESH_CHANGE": ["The address, telephone or password"],
    "SURVEY_MONTH": ["30 days after closing"],
    "SURVEY_QUARTER": ["90 days after closing"],
    "PAUSE": ["We asked you what you mean"],
    "none": [
        "Everybody can read it",  # "one day" that may come
        "The two of you read it here",
        "Nothing changed between these two days",
        "What changed between two days",
        "each bar is one week",
        "Paid placement of a listing",
        "Deletes all data when the contract ends, at the latest after 180 days",  # what a processor promised
    ],
}


def told(sentence: str) -> set[Length]:
    """The lengths in a sentence: elapsed ones, and those of the calendar as number and unit."""
    found = set[Length]()
    for number, unit in LENGTH.findall(sentence):
        count = WORDS.get(number) or int(number)
        found.add(timedelta(seconds=count * SECONDS[unit]) if unit in SECONDS else (count, unit))
    return found


# Art. 12(3) and 33(1) GDPR; Directive 2011/83, Art. 9.
LAW: Final[set[Length]] = {timedelta(hours=72), timedelta(days=14)} | {
    (months, "month") for months in (FIRST_MONTHS, EXTENDED_MONTHS - FIRST_MONTHS, EXTENDED_MONTHS)
}
NO_STORAGE: Final[dict[str, set[Length]]] = {
    "the law": LAW,
    "the password": {timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)},
    "SESSION": {timedelta(seconds=settings.SESSION_COOKIE_AGE)},
    "READABLE": {READABLE},
    "PAUSE": {timedelta(days=END_AFTER)},
}


def held(code: str) -> set[Length]:
    """The lengths that hold under a name."""
    if code in NO_STORAGE:
        return set(NO_STORAGE[code])
    if code == "SURVEY_ANSWERS":
        return held("SURVEY_MONTH") | held("SURVEY_QUARTER")
    term = period(code).term
    if isinstance(term, CalendarYears):
        return {(term.years, "year")}
    return {term.length} if isinstance(term, Elapsed) else set()


def sentences(language: str = "lv") -> dict[str, list[str]]:
    """Every sentence of the site with its translations."""
    path = settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    return {
        entry.id if isinstance(entry.id, str) else entry.id[1]: (
            [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
        )
        for entry in entries
    }


def labels() -> dict[str, str]:
    """The words of all periods, with their codes."""
    with translation.override("en"):
        return {str(found.label): found.code for found in catalogue().periods.values()}


def test_a_sentence_names_the_length_that_holds() -> None:
    untrue = {}
    for sentence in sentences():
        codes = [code for code, starts in TOLD.items() if sentence.startswith(tuple(starts))]
        if sentence in labels() or "none" in codes:
            continue
        if not told(sentence) <= set[Length]().union(*map(held, codes)):
            untrue[sentence] = codes
    assert untrue == {}


def test_the_words_of_a_period_name_its_length() -> None:
    """But for months, which no period is counted in."""
    untrue = {label for label, code in labels().items() if not told(label.replace("month", "")) <= held(code)}
    assert untrue == set()


def test_no_start_in_the_table_is_left_over() -> None:
    starts = {start for found in TOLD.values() for start in found}
    assert {
        start for start in starts if not any(told(said) and said.startswith(start) for said in sentences())
    } == set()


@pytest.mark.parametrize("language", ["lv", "ru"])
def test_translations_have_the_same_figures(language: str) -> None:
    wrong = {
        sentence
        for sentence, translations in sentences(language).items()
        for number, _unit in LENGTH.findall(sentence)
        if number.isdigit() and not all(re.search(rf"\b{number}\b", said) for said in translations)
    }
    assert wrong == set()
