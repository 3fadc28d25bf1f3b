"""The list of every use of personal data on consent, and what is wrong with it; writes `docs/consent-uses.md`.

Run it with `python -m tests.architecture.consent_uses`.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.architecture.consent_sites import Mark, Site, calls, production_modules, purposes, sites
from tests.architecture.test_floors import ROOT

DOCUMENT = ROOT / "docs" / "consent-uses.md"
GATE = "may_process"


class Errand(StrEnum):
    """Why a function may touch data on consent without asking the gate."""

    ASKS = "asks the person, or records what she said"
    ENDS = "ends or forgets it, which needs no leave"
    SHOWS = "shows it to the person herself"
    PREPARES = "counts or prepares; the gate is asked again for each person where it is handed over"
    OVERSEES = "shows it to staff who answer for it, masked, each look on record"
    SETTLES = "settles the contract: what was earned stays, what was refunded goes back"
    COUNTS = "gives staff numbers of letters, and no person"
    ASKS_ALL = "asks the record about many people at once, and leaves out whoever does not consent"
    OF_NOBODY = "touches what says nothing about a person: answers that belong to nobody, or whether there are any"


NO_USE: dict[str, Errand] = {
    "cookies.withdrawing._is_on_record": Errand.ENDS,
    "loyalty.admin.PointsEntryAdmin": Errand.OVERSEES,
    "loyalty.admin.PointsEntryAdmin.masked_order": Errand.OVERSEES,
    "loyalty.services._alone": Errand.SETTLES,
    "loyalty.services._entered": Errand.SETTLES,
    "loyalty.services._taken_back": Errand.SETTLES,
    "loyalty.services.statement": Errand.SHOWS,
    "loyalty.services.take_back": Errand.SETTLES,
    "loyalty.views.page": Errand.SHOWS,
    "marketplace.forms.ContactForm.__init__": Errand.ASKS,
    "marketplace.services.choose_contacts": Errand.ASKS,
    "marketplace.services.contacts_consented": Errand.SHOWS,
    "newsletters.audience._accounts": Errand.PREPARES,
    "newsletters.audience._owners": Errand.PREPARES,
    "newsletters.audience._subscriptions": Errand.PREPARES,
    "newsletters.campaigns._accounts": Errand.PREPARES,
    "newsletters.campaigns._draft": Errand.PREPARES,
    "newsletters.campaigns._subscriptions": Errand.PREPARES,
    "newsletters.campaigns._write_all": Errand.PREPARES,
    "newsletters.campaigns.cancel": Errand.ENDS,
    "newsletters.campaigns.prepare": Errand.PREPARES,
    "newsletters.forms.SubscribeForm.__init__": Errand.ASKS,
    "newsletters.forms.SubscribeForm.clean": Errand.ASKS,
    "newsletters.importing._judged": Errand.ASKS,
    "newsletters.importing._take": Errand.ASKS,
    "newsletters.importing._wordings_in_force": Errand.ASKS,
    "newsletters.lists.hand_in": Errand.ASKS,
    "newsletters.progress.Progress.of": Errand.COUNTS,
    "newsletters.replays.forget_ended": Errand.ENDS,
    "newsletters.services._asked_with": Errand.ASKS,
    "newsletters.services._first": Errand.ASKS,
    "newsletters.services._give": Errand.ASKS,
    "newsletters.services._request_of": Errand.ASKS,
    "newsletters.services.ask": Errand.ASKS,
    "newsletters.stopping.forget": Errand.ENDS,
    "newsletters.stopping.stop": Errand.ENDS,
    "newsletters.templatetags.newsletter.newsletters_of": Errand.SHOWS,
    "newsletters.views.confirm_subscription": Errand.ASKS,
    "newsletters.views.receipt_file": Errand.SHOWS,
    "newsletters.withdrawing.withdraw_asked": Errand.ENDS,
    "newsletters.wording.preview": Errand.PREPARES,
    "profiling.refreshing._due": Errand.PREPARES,
    "profiling.refreshing._end_without_consent": Errand.ENDS,
    "profiling.services.end": Errand.ENDS,
    "profiling.showing.Shown": Errand.SHOWS,
    "profiling.showing.profile_of": Errand.SHOWS,
    "profiling.views.page": Errand.SHOWS,
    "surveys.admin.ParticipationAdmin": Errand.OVERSEES,
    "surveys.admin.ParticipationAdmin.said": Errand.OVERSEES,
    "surveys.admin.ParticipationAdmin.subject_of": Errand.OVERSEES,
    "surveys.answering.answer": Errand.ASKS,
    "surveys.answering.answer_anonymously": Errand.OF_NOBODY,
    "surveys.answering.answer_by_link": Errand.ASKS,
    "surveys.answering.scope_of": Errand.ASKS,
    "surveys.asking._row_of": Errand.ASKS,
    "surveys.asking.behind": Errand.ASKS,
    "surveys.drawing._is_told": Errand.PREPARES,
    "surveys.ending.end": Errand.ENDS,
    "surveys.ending.forget": Errand.ENDS,
    "surveys.ending.forget_ended": Errand.ENDS,
    "surveys.ending.withdraw_account": Errand.ENDS,
    "surveys.ending.withdraw_address": Errand.ENDS,
    "surveys.ending.withdraw_asked": Errand.ENDS,
    "surveys.in_use._token_of": Errand.ASKS_ALL,
    "surveys.in_use.answers_of": Errand.ASKS_ALL,
    "surveys.in_use.is_answered": Errand.OF_NOBODY,
    "surveys.in_use.participations": Errand.ASKS_ALL,
    "surveys.running.close": Errand.ENDS,
    "surveys.sheets.Own": Errand.SHOWS,
    "surveys.sheets.own_of_account": Errand.SHOWS,
    "surveys.sheets.own_of_address": Errand.SHOWS,
    "surveys.sheets.sheet_of": Errand.ASKS,
    "surveys.templatetags.survey.surveys_of": Errand.SHOWS,
    "visits.partitions.<module>": Errand.PREPARES,
    "visits.purging._delete_unless_kept": Errand.ENDS,
    "visits.purging._purge_withdrawn": Errand.ENDS,
    "visits.queries.current_uses": Errand.PREPARES,
}
"""Functions that touch such data and are no use of them."""

ELSEWHERE: dict[str, str] = {
    "COOKIE_FUNCTIONAL": "cookies.middleware.ConsentMiddleware",
    "COOKIE_ANALYTICS": "cookies.middleware.ConsentMiddleware",
    "COOKIE_MARKETING": "cookies.middleware.ConsentMiddleware",
}
"""What a visitor chose lies in her own browser: one gate for every cookie, whoever sets or reads it."""

UNUSED: dict[str, str] = {
    "EMAIL_ANALYSIS": "Nothing analyses mailings: tracking is off at the mail service, no opening or click is stored.",
}
"""Purposes that people may consent to and nothing uses; the first use makes the test ask for its entry."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the test was told: functions that are no use, purposes guarded elsewhere, purposes that nothing uses."""

    no_use: dict[str, Errand]
    elsewhere: dict[str, str]
    unused: dict[str, str]


LISTED = Listing(NO_USE, ELSEWHERE, UNUSED)


def uses(found: Iterable[Site]) -> list[tuple[str, Site, Mark]]:
    """Purpose, function and mark of every use."""
    marked = [(code, site, mark) for site in found for mark in site.marks for code in mark.purposes]
    return sorted(marked, key=lambda item: (item[0], item[1].path))


def findings(found: list[Site], listed: Listing = LISTED) -> Iterator[str]:
    """Everything that is wrong, as sentences that say where and what to do."""
    covered, sinks = _covered(found), _sinks(found)
    for site in found:
        if site.touches and site.path not in covered and site.path not in listed.no_use:
            what = ", ".join(sorted(site.touches))
            yield f"{site.path} touches {what} without the gate: put @on_consent on it, or list why it is no use"
        yield from _faults(site, found)
        yield from _leaks(site, sinks)
    yield from _unlisted_purposes(found, listed)
    yield from _vanished(found, listed, covered)


def _covered(found: list[Site]) -> set[str]:
    """The marked functions, and private ones that nothing but covered ones name."""
    covered = {site.path for site in found if site.marks}
    named_by = {site.path: _named_by(site, found) for site in found if site.touches and site.name.startswith("_")}
    while more := {path for path, by in named_by.items() if path not in covered and by and by <= covered}:
        covered |= more
    return covered


def _named_by(site: Site, found: list[Site]) -> set[str]:
    """Who calls a private function: its own module, and whoever imports it against all custom."""
    return {
        other.path
        for other in found
        if other is not site
        and site.name in other.names
        and (other.module == site.module or site.path in other.imports)
    }


def _faults(site: Site, found: list[Site]) -> Iterator[str]:
    known = {*purposes(), "*"}
    for mark in site.marks:
        if unknown := set(mark.purposes) - known:
            yield f"{site.path} is marked for {', '.join(sorted(unknown))}, which is no purpose on consent"
        if not mark.purposes:
            yield f"{site.path} is marked without a purpose"
        if mark.kind == "asks_itself" and not _asks_before(site, mark.before, found):
            yield f"{site.path} is marked as asking the gate itself and calls {mark.before} without"


def _leaks(site: Site, sinks: set[str]) -> Iterator[str]:
    for name in sorted({name for _line, name in site.calls} & sinks - {mark.before for mark in site.marks}):
        yield f"{site.path} calls {name}, which only a function that asks the gate may call"


def _sinks(found: list[Site]) -> set[str]:
    """What is called behind the gate and defined in another module, so that somebody else could call it too."""
    names = {mark.before for site in found for mark in site.marks if mark.before}
    return {site.name for site in found if site.name in names}


def _asks_before(site: Site, before: str, found: list[Site]) -> bool:
    """True where the gate is asked above the first call of `before`, and the answer decides whether it is reached."""
    neighbours = {other.name: other for other in found if other.module == site.module}
    asking = [line for line, name in _heeded(site.node, neighbours) if _asks(name, neighbours, set())]
    reached = [line for line, name in site.calls if name == before]
    return bool(asking and reached) and min(asking) < min(reached)


def _asks(name: str, neighbours: dict[str, Site], seen: set[str]) -> bool:
    if name == GATE:
        return True
    if name in seen or name not in neighbours:
        return False
    return any(_asks(called, neighbours, {*seen, name}) for _line, called in neighbours[name].calls)


def _heeded(node: ast.AST, neighbours: dict[str, Site]) -> Iterator[tuple[int, str]]:
    """The calls whose answer somebody heeds: asked in an `if`, or made of a function that raises."""
    for item in ast.walk(node):
        if isinstance(item, ast.If) and any(isinstance(last, ast.Return | ast.Raise) for last in item.body):
            yield from calls(item.test)
    yield from ((line, name) for line, name in calls(node) if name in neighbours and _raises(name, neighbours, {name}))


def _raises(name: str, neighbours: dict[str, Site], seen: set[str]) -> bool:
    node = neighbours[name].node
    called = {other for _line, other in neighbours[name].calls if other in neighbours and other not in seen}
    return any(isinstance(item, ast.Raise) for item in ast.walk(node)) or any(
        _raises(other, neighbours, {*seen, *called}) for other in called
    )


def _unlisted_purposes(found: list[Site], listed: Listing) -> Iterator[str]:
    used = {code for code, _site, _mark in uses(found)}
    for code in purposes():
        if code not in used and code not in listed.elsewhere and code not in listed.unused:
            yield f"{code} rests on consent and has no use on the list"
        if code in listed.unused and (code in used or any(code in site.touches for site in found)):
            yield f"{code} is listed as used by nothing, and is used"


def _vanished(found: list[Site], listed: Listing, covered: set[str]) -> Iterator[str]:
    touching = {site.path for site in found if site.touches} - covered
    for path in sorted(set(listed.no_use) - touching):
        yield f"{path} is listed and touches no data on consent (any more)"
    for path in sorted(set(listed.elsewhere.values()) - {site.path for site in found}):
        yield f"{path} is listed as a gate and is gone"
    for code in sorted({*listed.elsewhere, *listed.unused} - set(purposes())):
        yield f"{code} is listed and no purpose on consent"


def document(found: list[Site], listed: Listing = LISTED) -> str:
    """The page: every purpose on consent with its uses, then what touches the same data and is no use."""
    lines = [
        "# Every use of personal data on consent",
        "",
        (
            "Written by `python -m tests.architecture.consent_uses` from the marks of `datamap/uses.py`; a test fails"
            " on a use without the gate, on a purpose without a use, and on an entry whose function is gone."
        ),
        "",
        "| purpose | where | what it does | the gate |",
        "|---|---|---|---|",
    ]
    for code, site, mark in uses(found):
        gate = "stands before it" if mark.kind == "on_consent" else f"is asked in it, before `{mark.before}`"
        lines.append(f"| {'any consent' if code == '*' else code} | `{site.path}` | {site.says} | {gate} |")
    lines += [f"| {code} | `{path}` | Hides and guards cookies. | is it |" for code, path in listed.elsewhere.items()]
    lines += [f"| {code} | nowhere | {why} | |" for code, why in listed.unused.items()]
    lines += ["", "## What touches the same data and is no use of them", "", "| where | why |", "|---|---|"]
    lines += [f"| `{path}` | {errand.value} |" for path, errand in sorted(listed.no_use.items())]
    return "\n".join(lines) + "\n"


def _main() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlekta.settings_test")
    django.setup()
    DOCUMENT.write_text(document(sites(production_modules())), encoding="utf-8")


if __name__ == "__main__":
    _main()
