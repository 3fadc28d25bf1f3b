"""Two running requests of one person for the same copy: the work is done once, the rest is each one's own (I10)."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar import access
from dsar.access import build_package, copies_to_build, take_download
from dsar.deadlines import Channel
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import IdentityCheck, Package, SubjectRequest
from dsar.queries import events_of
from dsar.services import file_by_address, withdraw_request
from dsar.terms import IdentityMethod, PackageState, Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File

pytestmark = pytest.mark.django_db
SITE = Actor.system("test")


@pytest.fixture
def writings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of the requests for which a file was really written."""
    seen: list[str] = []
    original = access._write

    def counted(package: Package, case: SubjectRequest, **more: Any) -> Any:
        seen.append(case.number)
        return original(package, case, **more)

    monkeypatch.setattr(access, "_write", counted)
    return seen


def by_mail(person: User, right: Right, *, shown: bool = True) -> SubjectRequest:
    """The same person's mail, with the code that shows it, as if she had no log-in."""
    EmailAddress.objects.filter(user=person).update(verified=True)
    arrival = Arrival(channel=Channel.EMAIL, at=NOW - timedelta(hours=2), sender=person.email)
    (case,) = file_by_address(person.email, [right], arrival=arrival, language="lv", now=NOW)
    return show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SITE, now=NOW) if shown else case


@pytest.mark.parametrize("right", [Right.ACCESS, Right.PORTABILITY])
@pytest.mark.requirement("I10")
def test_one_file_answers_both_and_each_keeps_its_own(
    file: File, person: User, writings: list[str], right: Right
) -> None:
    first, second = file(right), by_mail(person, right)
    assert set(copies_to_build(NOW)) == {first.pk, second.pk}
    assert build_package(first.pk, now=NOW)
    assert (writings, copies_to_build(NOW)) == ([first.number], [])
    for case in (first, second):
        case.refresh_from_db()
        assert (case.stage, case.answered_at) == (Stage.ANSWERED, NOW)
    assert (first.answered_with, second.answered_with) == (None, first)
    assert "answered_together" in events_of(second).values_list("action", flat=True)
    checks = dict(IdentityCheck.objects.values_list("case__number", "method"))
    assert checks == {first.number: "login", second.number: "email_code"}
    what = "citi pakalpojumi" if right == Right.PORTABILITY else "kopija"
    letters = [open_letter(row).text for row in OutgoingMessage.objects.filter(to_address=person.email)]
    for case in (first, second):
        assert any(case.number in letter and what in letter and "2026" in letter for letter in letters)
    one, two = Package.objects.order_by("queued_at", "pk").all()
    assert one.key_owner != two.key_owner
    assert one.file_name != two.file_name
    files = [b"".join(take_download(package, now=NOW)) for package in (one, two)]
    assert files[0] == files[1]
    assert ZipFile(BytesIO(files[0])).testzip() is None


def test_who_has_not_shown_who_she_is_gets_nothing_of_it(file: File, person: User, writings: list[str]) -> None:
    first, second = file(Right.PORTABILITY), by_mail(person, Right.PORTABILITY, shown=False)
    assert build_package(first.pk, now=NOW)
    second.refresh_from_db()
    assert second.stage == Stage.IDENTITY_PENDING
    assert not Package.objects.filter(request=second).exists()


def test_somebody_elses_and_another_right_and_another_day_get_their_own(
    file: File, person: User, other_person: User, writings: list[str]
) -> None:
    mine, theirs, other_right = file(Right.PORTABILITY), file(Right.PORTABILITY, user=other_person), file(Right.ACCESS)
    earlier = file(Right.PORTABILITY)
    SubjectRequest.objects.filter(pk=earlier.pk).update(received_at=NOW - timedelta(days=3))
    assert build_package(mine.pk, now=NOW)
    assert writings == [mine.number]
    assert set(copies_to_build(NOW)) == {theirs.pk, other_right.pk, earlier.pk}


def test_where_the_first_is_taken_back_the_second_is_made_all_the_same(file: File, writings: list[str]) -> None:
    first, second = file(Right.PORTABILITY), file(Right.PORTABILITY)
    withdraw_request(first, now=NOW)
    assert build_package(first.pk, now=NOW) is None
    assert build_package(second.pk, now=NOW)
    assert writings == [second.number]


def test_a_file_that_cannot_be_made_fails_for_both_and_is_tried_again(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = file(Right.PORTABILITY), file(Right.PORTABILITY)

    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(access, "write_portability", broken)
        with pytest.raises(OSError, match="the disk is full"):
            build_package(first.pk, now=NOW)
    assert set(Package.objects.values_list("state", "attempts")) == {(PackageState.QUEUED, 1)}
    assert build_package(second.pk, now=NOW)
    assert set(Package.objects.values_list("state", flat=True)) == {PackageState.READY}
    assert SubjectRequest.objects.get(pk=first.pk).answered_with == second
