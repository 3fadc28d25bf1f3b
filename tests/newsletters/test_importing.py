"""An old list is taken over whole or not at all, with proof or not at all, and never beats a person (K12, Q13.10)."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry as TrailEntry
from audit.trail import Actor
from consent.models import ConsentEvent
from consent.services import current_text, give, withdraw
from datamap.gate import may_process
from datamap.trace import Subject, subject_of_user
from mailing.models import OutgoingMessage
from mailing.services import suppress
from newsletters.audience import audience
from newsletters.campaigns import advance
from newsletters.importing import Report, import_list
from newsletters.models import Subscription
from newsletters.old_lists import BrokenList
from newsletters.stopping import WayOut, stop
from tests.newsletters.test_campaigns import HOW, started
from tests.newsletters.test_stopping import erase
from vault.tokens import email_token

STAFF = Actor.system("test")
PAGE = reverse("admin:newsletters_campaign_import")
HEAD = "email,language,consented_at,how,wording"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def version() -> str:
    return current_text("MARKETING_EMAIL", language="lv", on=timezone.now().date()).version


def line(address: str, **more: str) -> str:
    cells = {"language": "lv", "consented_at": "2024-05-31T14:30", "how": "newsletter_form", "wording": version()}
    return ",".join([address, *(cells | more).values()])


def take(*lines: str, head: str = HEAD) -> Report:
    return import_list("\n".join([head, *lines]).encode(), actor=STAFF, now=timezone.now())


def faults(*lines: str, head: str = HEAD) -> dict[int, str]:
    with pytest.raises(BrokenList) as broken:
        take(*lines, head=head)
    return {fault.line: fault.sentence for fault in broken.value.faults}


def wanted(address: str) -> bool:
    return bool(may_process(Subject(emails=frozenset({address})), "MARKETING_EMAIL", now=timezone.now()))


def test_a_line_with_its_evidence_is_a_consent_on_record() -> None:
    sha256 = current_text("MARKETING_EMAIL", language="ru", on=timezone.now().date()).sha256
    report = take(line("Liga@Example.lv"), line("rita@example.lv", language="ru", wording=sha256))
    assert report == Report(taken=2)
    assert wanted("liga@example.lv")
    event = ConsentEvent.objects.get(subject_token=email_token("liga@example.lv"))
    assert (event.state, event.method, event.place) == ("given", "newsletter_form", "import")
    assert event.evidence["consented_at"] == "2024-05-31T11:30:00+00:00", "Riga time"
    assert event.evidence["line"] == 2
    assert len(event.evidence["list"]) == 64
    assert ConsentEvent.objects.get(subject_token=email_token("rita@example.lv")).text_sha256 == sha256
    assert audience(now=timezone.now()).count == 2


@pytest.mark.parametrize("missing", ["consented_at", "how", "wording"])
def test_without_one_piece_of_evidence_a_line_is_unknown_and_permits_nothing(missing: str) -> None:
    assert take(line("liga@example.lv", **{missing: ""})) == Report(unknown=1)
    assert not wanted("liga@example.lv")
    assert not Subscription.objects.exists()


def test_a_wording_that_is_not_in_force_proves_nothing() -> None:
    assert take(line("liga@example.lv", wording="1999-01"), line("rita@example.lv", wording="f" * 64)).unknown == 2
    assert not ConsentEvent.objects.exists()


def test_a_list_of_addresses_alone_is_unknown_as_a_whole() -> None:
    assert take("liga@example.lv", "rita@example.lv", head="email") == Report(unknown=2)
    assert audience(now=timezone.now()).count == 0


@pytest.mark.clause("Q13.10")
@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_no_list_brings_advertising_back(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    erase(subject_of_user(person), case="Q-1")
    assert take(line("anna@example.lv"), line("liga@example.lv")) == Report(taken=1, suppressed=1)
    campaign = started()
    while advance(campaign.pk, now=timezone.now()):
        pass
    assert list(OutgoingMessage.objects.values_list("to_address", flat=True)) == ["liga@example.lv"]


def test_what_a_person_decided_here_beats_the_list(person: User, other_person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    take(line("liga@example.lv"))
    stop(WayOut(email_token("liga@example.lv")), language="lv", place="/", now=timezone.now())
    suppress("grumpy@example.lv", reason="unsubscribed", now=timezone.now())
    lines = [line(one) for one in (person.email, "liga@example.lv", "grumpy@example.lv", other_person.email)]
    assert take(*lines) == Report(taken=1, suppressed=2, decided=1)
    assert not wanted(person.email)
    assert not wanted("liga@example.lv")
    assert wanted(other_person.email), "she has an account and has not decided anything there"


def test_the_same_list_twice_adds_nothing() -> None:
    take(line("liga@example.lv"))
    assert take(line("liga@example.lv")) == Report(decided=1)
    assert (ConsentEvent.objects.count(), Subscription.objects.count()) == (1, 1)


def test_of_ten_thousand_broken_lines_each_is_named_and_none_is_taken_over() -> None:
    broken = [
        "nobody",
        line("=cmd@example.lv"),
        line("a@example.lv", how="guessed"),
        "a@example.lv,lv",
        '"x@example.lv',
    ]
    lines = [line("liga@example.lv"), *(broken * 2000)]
    found = faults(*lines)
    assert sorted(found) == list(range(3, 10_003))
    assert all(found.values())
    assert not ConsentEvent.objects.exists()
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        "liga@example.lv\x00",
        "li\x07ga@example.lv",
        "liga@example.lv\u202e",
        "@SUM(A1)",
        "+liga@example.lv",
        "-liga@example.lv",
        "two@example.lv;three@example.lv",
        "liga@example.lv\r\nBcc: all@example.lv",
        "",
    ],
)
def test_formulas_control_characters_and_what_is_no_address_are_refused(bad: str) -> None:
    assert set(faults(line("rita@example.lv"), line(bad))) >= {3}
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"consented_at": "yesterday"},
        {"consented_at": "2999-01-01"},
        {"consented_at": "0001-01-01"},
        {"consented_at": "2024-02-30"},
        {"language": "de"},
        {"wording": "a b"},
        {"how": "=1+1"},
    ],
)
def test_what_cannot_be_read_is_named_and_not_guessed(more: dict[str, str]) -> None:
    assert list(faults(line("liga@example.lv", **more))) == [2]


@pytest.mark.parametrize("head", ["e-mail,how", "email,email", "language", "email,phone", "", '"email'])
def test_a_first_line_that_does_not_name_the_columns_is_refused(head: str) -> None:
    assert faults("liga@example.lv", head=head)


def test_other_spellings_of_a_file_are_read() -> None:
    text = f"\ufeff{HEAD}\r\n\r\n{line('liga@example.lv')}\r\n".replace(",", ";")
    assert import_list(text.encode(), actor=STAFF, now=timezone.now()) == Report(taken=1)
    assert set(faults(line("a@example.lv"), "\n".join([line("a@example.lv")]))) == {3}
    with pytest.raises(BrokenList):
        import_list(f"{HEAD}\n".encode() + b"\xff\xfe@example.lv,,,,", actor=STAFF, now=timezone.now())


def test_staff_hand_it_in_on_a_page_that_names_lines_and_no_addresses(client: Client, officer: User) -> None:
    client.force_login(officer)
    assert client.get(PAGE).status_code == 403
    officer.user_permissions.add(Permission.objects.get(codename="run_campaign"))
    officer = User.objects.get(pk=officer.pk)
    client.force_login(officer)
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE, {"file": upload(line("liga@example.lv"), line("rita.of.nowhere"))})
    assert answer.status_code == 400
    assert "rita.of.nowhere" not in answer.content.decode()
    assert answer.context["faults"][0].line == 3
    assert not Subscription.objects.exists()
    checked = client.post(PAGE, {"file": upload(line("liga@example.lv")), "check_only": "on"})
    assert (checked.status_code, Subscription.objects.count()) == (200, 0)
    assert client.post(PAGE, {"file": upload(line("liga@example.lv"))}).status_code == 200
    assert Subscription.objects.count() == 1
    assert TrailEntry.objects.get(action="newsletter.imported").actor_id == str(officer.pk)


def upload(*lines: str) -> Any:
    return SimpleUploadedFile("list.csv", "\n".join([HEAD, *lines]).encode())


def test_the_command_checks_first_and_names_what_is_broken(tmp_path: Path) -> None:
    file, out, errors = tmp_path / "list.csv", StringIO(), StringIO()
    file.write_text("\n".join([HEAD, line("liga@example.lv")]))
    call_command("import_subscribers", str(file), stdout=out)
    assert "1 taken over" in out.getvalue()
    assert not Subscription.objects.exists()
    call_command("import_subscribers", str(file), "--apply", stdout=out)
    assert Subscription.objects.count() == 1
    file.write_text("\n".join([HEAD, line("rita@example.lv"), "broken"]))
    with pytest.raises(CommandError):
        call_command("import_subscribers", str(file), "--apply", stdout=out, stderr=errors)
    assert errors.getvalue().startswith("3: ")
    assert Subscription.objects.count() == 1
