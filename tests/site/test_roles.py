"""Six roles do all the work of the staff; a superuser is for emergencies and is seen at once (G3, G8)."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.ledger import ledgers
from audit.models import Entry
from datamap.catalogue import catalogue
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from qlekta.catalogue.roles import ROLES, Sees
from qlekta.roles import differences, give, permissions_of, set_up, take
from tests.people import PASSWORD, log_in

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")
LIST = reverse("admin:audit_entry_changelist")


@pytest.fixture
def roles() -> None:
    set_up(now=timezone.now())


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("roles", *arguments, stdout=out)
    return out.getvalue()


def permissions_in(group: str) -> set[str]:
    rows = Permission.objects.filter(group__name=group).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.requirement("G3")
def test_the_command_makes_the_groups_exactly_so_and_twice_is_once() -> None:
    Group.objects.all().delete()
    assert "Nothing was changed" in run()
    assert not Group.objects.exists()
    run("--apply")
    assert {role.name: permissions_in(role.name) for role in ROLES} == {
        role.name: set(permissions_of(role)) for role in ROLES
    }
    Group.objects.get(name="agent").permissions.add(Permission.objects.get(codename="view_user"))
    assert "- accounts.view_user" in run()
    run("--apply")
    assert not any(differences())
    entries = Entry.objects.filter(action="role.set_up").count()
    run("--apply")
    assert Entry.objects.filter(action="role.set_up").count() == entries == len(ROLES) + 1


@pytest.mark.requirement("G3")
@pytest.mark.usefixtures("roles")
def test_the_roles_have_what_their_work_needs_and_no_more() -> None:
    assert permissions_in("archive") == {"retention.open_archive", "retention.open_held"}
    assert permissions_in("auditor") == {
        f"{model._meta.app_label}.view_{model._meta.model_name}" for model in ledgers()
    }
    assert not any(
        name.split(".")[1].startswith(("add_", "delete_")) for role in ROLES for name in permissions_of(role)
    )
    elsewhere = {name for role in ROLES if role.name != "archive" for name in permissions_of(role)}
    assert not permissions_in("archive") & elsewhere
    assert [role.name for role in ROLES if role.sees is Sees.EVERY_PAGE] == ["officer"]


@pytest.mark.requirement("G3", "G8")
@pytest.mark.usefixtures("roles")
def test_a_role_opens_its_pages_and_with_the_next_request_after_it_is_taken_none(client: Client, officer: User) -> None:
    client.force_login(officer)
    assert client.get(LIST).status_code == 403
    give("auditor", officer, now=timezone.now())
    assert client.get(LIST).status_code == 200
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    take("auditor", officer, now=timezone.now())
    assert client.get(LIST).status_code in {302, 403}
    steps = Entry.objects.filter(subject=officer.pk, action__startswith="role.").order_by("id")
    assert list(steps.values_list("action", flat=True)) == ["role.given", "role.taken"]


@pytest.mark.requirement("G3")
def test_the_command_gives_and_takes_a_role_and_names_nobody(person: User) -> None:
    assert "nothing was changed" in run("--give", "agent", "--user", str(person.pk))
    said = run("--give", "agent", "--user", str(person.pk), "--apply")
    person.refresh_from_db()
    assert (person.is_staff, [group.name for group in person.groups.all()]) == (True, ["agent"])
    assert person.email not in said
    run("--take", "agent", "--user", str(person.pk), "--apply")
    person.refresh_from_db()
    assert (person.is_staff, person.groups.exists()) == (False, False)
    with pytest.raises(CommandError, match="no account"):
        run("--give", "agent", "--apply")


@pytest.fixture
def chief(officer: User) -> User:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    return User.objects.get(pk=officer.pk)


def alarms() -> tuple[int, int]:
    """How many lines in the trail, how many letters to the operator."""
    letters = OutgoingMessage.objects.filter(to_address=catalogue().controller.email)
    return Entry.objects.filter(action="admin.break_glass").count(), letters.count()


@pytest.mark.requirement("G3")
def test_each_log_in_of_a_superuser_raises_one_alarm_and_each_hour_another(client: Client, chief: User) -> None:
    start = timezone.now()
    log_in(client, chief)
    with time_machine.travel(start, tick=False) as clock:
        for _page in range(3):
            assert client.get(INDEX).status_code == 200
        assert alarms() == (1, 1)
        clock.move_to(start + timedelta(minutes=61))
        client.get(LIST)
        assert alarms() == (2, 2)
    again = Client()
    log_in(again, chief)
    again.get(INDEX)
    assert alarms() == (3, 3)


@pytest.mark.requirement("G3")
def test_the_letter_names_the_account_by_its_number_only(client: Client, chief: User) -> None:
    client.force_login(chief)
    client.get(INDEX)
    message = OutgoingMessage.objects.get(to_address=catalogue().controller.email)
    text = open_letter(message).text
    assert str(chief.pk) in text
    assert not any(word in text + message.subject for word in (chief.email, chief.given_name, chief.family_name))
    assert PASSWORD not in text


@pytest.mark.requirement("G3")
@pytest.mark.usefixtures("roles")
def test_staff_with_a_role_and_strangers_raise_none(client: Client, officer: User, person: User) -> None:
    give("officer", officer, now=timezone.now())
    client.force_login(User.objects.get(pk=officer.pk))
    assert client.get(LIST).status_code == 200
    client.force_login(person)
    client.get(LIST)
    Client().get(LIST)
    assert alarms() == (0, 0)


@pytest.mark.requirement("G3")
def test_where_the_alarm_cannot_be_written_no_page_opens(
    client: Client, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(chief)
    monkeypatch.setattr("accounts.break_glass._PURPOSE", "NOBODY_DECLARED_THIS")
    client.raise_request_exception = False
    assert client.get(INDEX).status_code == 500
    assert alarms() == (0, 0)
