"""The command line takes the same way as the portal."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import Subject
from dsar.deadlines import Channel
from dsar.services import file_request
from retention.erasure import CaseTaken, execute_erasure
from retention.models import ErasureRun
from retention.plan import plan_erasure


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_subject", *arguments, stdout=out)
    return out.getvalue()


def test_without_apply_the_plan_is_printed_and_nothing_goes(anna: Subject) -> None:
    plan = json.loads(run("--user", str(anna.user_id), "--case", "Q-1", "--json"))
    assert {"accounts.User", "accounts.Profile"} <= {line["table"] for line in plan["lines"]}
    assert "Nothing was erased" in run("--user", str(anna.user_id), "--case", "Q-1")
    assert User.objects.filter(email="anna@example.lv").exists()


def case_of(subject: Subject, right: Right = Right.ERASURE) -> str:
    user = User.objects.get(email__in=subject.emails)
    return file_request(user=user, right=right, channel=Channel.PORTAL_AUTH, now=timezone.now()).number


@pytest.mark.usefixtures("published_texts")
def test_with_apply_the_person_behind_the_address_is_erased(anna: Subject, janis: Subject) -> None:
    number = case_of(anna)
    document = json.loads(run("--email", "Anna@example.lv", "--case", number, "--apply", "--json"))
    assert (document["state"], document["case_number"]) == ("done", number)
    assert set(User.objects.values_list("pk", flat=True)) == {janis.user_id}


@pytest.mark.parametrize("number", ["", "Q-1", "another person's", "another right"])
def test_nobody_is_erased_without_a_case_that_holds_her_identity(number: str, anna: Subject, janis: Subject) -> None:
    number = {"another person's": lambda: case_of(janis), "another right": lambda: case_of(anna, Right.ACCESS)}.get(
        number, lambda: number
    )()
    with pytest.raises(CommandError, match="Nothing was erased"):
        run("--email", "anna@example.lv", "--case", number, "--apply")
    assert User.objects.filter(email__in=anna.emails).exists()
    assert not ErasureRun.objects.exists()


def test_a_number_that_was_used_gives_nobody_elses_receipt(anna: Subject, janis: Subject) -> None:
    number = case_of(anna)
    run("--email", "anna@example.lv", "--case", number, "--apply")
    plan = plan_erasure(janis, now=timezone.now(), archive=True)
    for subject in (janis, Subject(emails=janis.emails)):
        with pytest.raises(CaseTaken):
            execute_erasure(
                case_number=number,
                subject=subject,
                plan_digest=plan.digest,
                objection_to_archive=False,
                actor=Actor.system("test"),
                now=timezone.now(),
            )
    assert User.objects.filter(email__in=janis.emails).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--user", "7", "--case", "Q-1"), "UUID"),
        (("--user", "00000000-0000-0000-0000-000000000000", "--case", "Q-1"), "no account"),
        (("--user", "7"), "--case"),
        (("--case", "Q-1"), "required"),
        (("--visitor", "", "--case", "Q-1"), "never empty"),
        (("--email", "zzz", "--case", "Q-1"), "not an e-mail address"),
        (("--email", "", "--case", "Q-1"), "not an e-mail address"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
