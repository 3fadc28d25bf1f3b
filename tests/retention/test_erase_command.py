"""The command line takes the same way as the portal."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from datamap.trace import Subject
from retention.models import ErasureRun


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_subject", *arguments, stdout=out)
    return out.getvalue()


def test_without_apply_the_plan_is_printed_and_nothing_goes(anna: Subject) -> None:
    plan = json.loads(run("--user", str(anna.user_id), "--case", "Q-1", "--json"))
    assert {"accounts.User", "accounts.Profile"} <= {line["table"] for line in plan["lines"]}
    assert "Nothing was erased" in run("--user", str(anna.user_id), "--case", "Q-1")
    assert User.objects.filter(email="anna@example.lv").exists()


def test_with_apply_the_person_behind_the_address_is_erased(anna: Subject, janis: Subject) -> None:
    document = json.loads(run("--email", "Anna@example.lv", "--case", "Q-1", "--apply", "--json"))
    assert (document["state"], document["case_number"]) == ("done", "Q-1")
    assert set(User.objects.values_list("pk", flat=True)) == {janis.user_id}


def test_a_visitor_key_is_enough_for_what_hangs_on_it(db: None) -> None:
    assert json.loads(run("--visitor", "nobody", "--case", "Q-1", "--apply", "--json"))["lines"]
    assert ErasureRun.objects.get().subject_id is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--user", "7", "--case", "Q-1"), "UUID"),
        (("--user", "00000000-0000-0000-0000-000000000000", "--case", "Q-1"), "no account"),
        (("--user", "7"), "--case"),
        (("--case", "Q-1"), "required"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
