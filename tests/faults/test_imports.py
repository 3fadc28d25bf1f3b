"""A list that is taken over survives `kill -9` at every step: each line counts once, and its file goes (K12)."""

import os
import signal

import pytest

from consent.models import ConsentEvent
from newsletters import importing
from newsletters.models import ListImport, Subscription
from newsletters.terms import ImportState
from tests.faults.conftest import Victims
from tests.newsletters.test_importing import content, handed_in, line
from vault.keys import has_key

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("published_texts"),
]

READERS = [f"lasitajs{number:03}@example.lv" for number in range(importing.PART + 20)]


def assert_all_taken_once(row: ListImport) -> None:
    row.refresh_from_db()
    assert (row.state, row.taken, row.refused) == (ImportState.DONE, len(READERS), 1)
    lines = sorted(event.evidence["line"] for event in ConsentEvent.objects.all())
    assert lines == list(range(2, len(READERS) + 2))
    assert Subscription.objects.count() == len(READERS)
    assert [one.line for one in row.refused_lines.all()] == [len(READERS) + 2]
    assert (row.file_name, has_key(row.pk)) == ("", False)


@pytest.mark.requirement("F15")
def test_killed_in_each_part_and_at_its_end_a_list_is_taken_over_once(victims: Victims) -> None:
    row = handed_in(content(*map(line, READERS), "broken"))
    for step in ('INSERT INTO "newsletters_subscription"', 'INSERT INTO "newsletters_refusedline"', "os.remove sealed"):
        assert victims.run("read_lists", how="kill", at=step).ended == "killed"
    assert not has_key(row.pk), "what was left in the file between commit and removal opens for nobody"
    assert victims.run("read_lists").ended == "done"
    assert_all_taken_once(row)


@pytest.mark.requirement("F27")
def test_two_readers_at_one_list_take_each_line_once(victims: Victims) -> None:
    row = handed_in(content(*map(line, READERS), "broken"))
    first = victims.start("read_lists", how="stop", at='INSERT INTO "newsletters_subscription"')
    assert victims.wait(first).ended == "stopped"
    assert victims.run("read_lists").ended == "done"
    row.refresh_from_db()
    assert row.lines_done == 0, "the first one holds the list"
    os.kill(first, signal.SIGKILL)
    assert victims.wait(first).ended == "killed"
    assert victims.run("read_lists").ended == "done"
    assert_all_taken_once(row)
