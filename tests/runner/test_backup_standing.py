"""A real dump, restored: holds, restrictions and consents that are younger than the backup stand again (Q10.9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from runner import backup, restore
from tests.runner.test_backup import replay, run, two_databases

pytestmark = [pytest.mark.slow, pytest.mark.network]

_COMMON: Final = """
from accounts.models import LoginEvent, User
from audit.trail import Actor
from consent.queries import cookie_status
from consent.cookie_choices import CookieAnswer, record_cookie_choice
from consent.services import give, note_subscription, status, withdraw
from datamap.trace import subject_of_user
from retention import holds, lifting, restriction
from retention.erasure import execute_erasure, plan_erasure
from retention.holds import NewHold
from retention.models import ErasureReceipt, HeldCopy, LegalHold, Restriction
now = timezone.now()
late = now - timedelta(weeks=20, hours=2)
WAY = dict(language="lv", method="account", place="/")
def who(name): return User.objects.get(email=name + "@example.lv")
def log_in(name, browser): return LoginEvent.objects.create(user=who(name), at=late, kind="login", user_agent=browser)
def hold(row, case):
    new = NewHold(table="accounts.LoginEvent", query=dict(pk=row.pk), case_number=case, reason="Zane was robbed",
                  ground="claim", act="GDPR Art. 17(3)(e)", owner=who("inga").pk,
                  review_on=(now + timedelta(days=60)).date())
    return holds.place(new, by=who("inga"), now=now)
def let_go(case):
    number = LegalHold.objects.get(case_number=case).pk
    holds.propose_release(number, by=who("inga"), reason="settled", now=now)
    holds.release(number, by=who("maris"), reason="settled", now=now)
def restrict(name, case):
    return restriction.place(who(name), ground="a", case_number=case, reason="contested", by=who("inga"), now=now)
def erase(name, case):
    subject = subject_of_user(who(name))
    digest = plan_erasure(subject, now=now, archive=True).digest
    execute_erasure(case_number=case, subject=subject, plan_digest=digest, objection_to_archive=False,
                    actor=Actor.system("test"), now=now)
"""
_BEFORE: Final = (
    _COMMON
    + """
from accounts.services import register_person
from consent.services import publish_texts
from replay.journal import write_out
publish_texts(now=now)
for name in ("zane", "juris", "karlis", "inga", "maris"):
    register_person(email=name + "@example.lv", password="Zilais-kalns-7", given_name=name, now=now)
User.objects.filter(email__in=["inga@example.lv", "maris@example.lv"]).update(is_staff=True)
for browser in ("old-hold", "new-hold", "free"):
    log_in("zane", browser)
hold(LoginEvent.objects.get(user_agent="old-hold"), "C-old")
hold(log_in("karlis", "karlis-hold"), "C-karlis")
erase("karlis", "Q-karlis")
restrict("zane", "R-old")
give(who("zane").pk, "PROFILING", now=now, **WAY)
write_out()
"""
)
_AFTER: Final = (
    _COMMON
    + """
hold(LoginEvent.objects.get(user_agent="new-hold"), "C-new")
let_go("C-old")
let_go("C-karlis")
restrict("juris", "R-new")
item = Restriction.objects.get(case_number="R-old")
lifting.tell_by_post(item.pk, delivered_on=timezone.localdate(now), by=who("inga"), reason="letter RR 1", now=now)
lifting.lift(item.pk, by=who("inga"), reason="it is right", now=now + timedelta(days=1))
zane = who("zane").pk
note_subscription(give(zane, "MARKETING_EMAIL", now=now, **WAY), ip="192.0.2.77")
give(zane, "LOYALTY", now=now, **WAY)
withdraw(zane, "LOYALTY", now=now + timedelta(seconds=1), **WAY)
give(zane, "LOYALTY", now=now + timedelta(seconds=2), **WAY)
withdraw(zane, "PROFILING", now=now, **WAY)
receipt = record_cookie_choice([CookieAnswer("COOKIE_ANALYTICS", "measuring", True)], receipt=None, language="lv",
                               method="cookie_banner", now=now)
print(json.dumps(str(receipt)))
"""
)
_LOOK: Final = (
    _COMMON
    + """
from audit.ledger import ledgers, verify
from consent.models import ConsentEvent, SubscriptionEvidence
zane, then = who("zane").pk, now + timedelta(minutes=1)
print(json.dumps({
    "holds": sorted(holds.active_holds().values_list("case_number", flat=True)),
    "log_ins": sorted(LoginEvent.objects.exclude(user_agent="").values_list("user_agent", flat=True)),
    "copies": HeldCopy.objects.count(),
    "receipts": ErasureReceipt.objects.filter(case_number="Q-karlis").count(),
    "restricted": sorted(restriction.active().values_list("case_number", flat=True)),
    "given": sorted(p for p in ("MARKETING_EMAIL", "LOYALTY", "PROFILING") if status(zane, p, at=then).permits),
    "events": ConsentEvent.objects.count(),
    "evidence": [item.ip for item in SubscriptionEvidence.objects.all()],
    "cookies": ConsentEvent.objects.filter(purpose="COOKIE_ANALYTICS", state="given").count(),
    "whole": all(verify(model).is_whole for model in ledgers()),
}))
"""
)


@dataclass(frozen=True, slots=True)
class Story:
    """What was seen when all was decided, after the restore, after the replay, and after a second one."""

    decided: dict[str, Any]
    restored: dict[str, Any]
    left: dict[str, int]
    report: dict[str, Any]
    replayed: dict[str, Any]
    again: dict[str, Any]
    journal: str


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with two_databases() as (old, site, new, second, directory):
        var = directory / "var"
        run(site, _BEFORE)
        path = backup.backup(old, directory / "backups", var=var)
        run(site, _AFTER)
        decided = run(site, _LOOK)
        restore.restore(path, new, var=var)
        restored, left = run(second, _LOOK), replay(second)["left"]
        report = replay(second, "--apply")
        replayed = run(second, _LOOK)
        # As somebody with pg_restore alone would do it, and killed before the site opened: the same answer.
        restore.restore(path, new, var=var)
        replay(second, "--apply")
        replay(second, "--apply")
        again = run(second, _LOOK)
        journal = "".join(file.read_text() for file in (var / "journal").rglob("*.jsonl"))
        yield Story(decided, restored, left, report, replayed, again, journal)


@pytest.mark.clause("Q5.19", "Q10.9")
@pytest.mark.requirement("F25", "R7")
def test_a_hold_younger_than_the_backup_keeps_its_row_from_the_sweep_of_the_restore(story: Story) -> None:
    assert story.restored["holds"] == ["C-karlis", "C-old"], "the backup knows the new hold: the test shows nothing"
    assert (story.report["status"], story.report["open"]) == (0, True)
    assert story.replayed["holds"] == story.decided["holds"] == ["C-new"]
    assert story.replayed["log_ins"] == ["new-hold"], "what no hold keeps any more is purged, and nothing else"


@pytest.mark.clause("Q5.19")
def test_a_release_younger_than_the_backup_lets_go_again_with_a_new_receipt(story: Story) -> None:
    assert (story.restored["copies"], story.restored["receipts"]) == (1, 1)
    assert (story.replayed["copies"], story.replayed["receipts"]) == (0, 2)


@pytest.mark.clause("Q16.10", "Q10.9")
def test_restrictions_stand_as_they_were(story: Story) -> None:
    assert story.restored["restricted"] == ["R-old"]
    assert story.replayed["restricted"] == story.decided["restricted"] == ["R-new"]


@pytest.mark.clause("Q10.9", "Q16.6")
def test_consents_given_since_hold_again_and_those_withdrawn_do_not(story: Story) -> None:
    assert story.restored["given"] == ["PROFILING"]
    for name in ("given", "events", "evidence", "cookies"):
        assert story.replayed[name] == story.decided[name], name
    assert story.decided["given"] == ["LOYALTY", "MARKETING_EMAIL"]
    assert story.decided["evidence"] == ["192.0.2.77"]
    assert story.replayed["whole"]


def test_repeating_is_the_same_each_time(story: Story) -> None:
    assert story.again == story.replayed


@pytest.mark.requirement("X2")
def test_no_line_names_an_address_or_what_staff_wrote(story: Story) -> None:
    assert "retention.held" in story.journal
    for word in ("example.lv", "192.0.2.77", "robbed", "contested"):
        assert word not in story.journal
