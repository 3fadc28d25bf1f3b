"""A person with a request, a copy that is ready, and the times of these tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar.access import build_package
from dsar.access_copy import write_copy
from dsar.deadlines import Channel
from dsar.models import Package, SubjectRequest
from dsar.services import file_request
from tests.people import PASSWORD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

File = Callable[..., SubjectRequest]


@pytest.fixture(autouse=True)
def the_clock(time_machine: Any) -> None:
    """These tests live at NOW, whatever day they are run on."""
    time_machine.move_to(NOW, tick=True)


@pytest.fixture
def file(person: User) -> File:
    """Files a request of Anna, or of somebody else."""

    def filed(right: Right = Right.ACCESS, *, user: User = person, text: str = "") -> SubjectRequest:
        return file_request(user=user, right=right, channel=Channel.PORTAL_AUTH, now=NOW, text=text)

    return filed


@pytest.fixture
def colleague(db: None) -> User:
    """A second member of the staff."""
    return register_person(
        email="peteris@qlekta.example",
        password=PASSWORD,
        given_name="Pēteris",
        family_name="Žagars",
        is_staff=True,
        now=timezone.now(),
    )


@pytest.fixture
def package(file: File) -> Package:
    """Anna's copy, built."""
    built = build_package(file().pk, now=NOW)
    assert built is not None
    built.refresh_from_db()
    return built


def copy_of(user: User, *, now: datetime = NOW) -> ZipFile:
    """A copy as it comes out of the writer, without a request around it."""
    return copy_about(subject_of_user(user), now=now)


def copy_about(subject: Subject, *, now: datetime = NOW) -> ZipFile:
    """The same about anybody."""
    out = BytesIO()
    write_copy(out, subject, case=None, package=None, now=now)
    return ZipFile(BytesIO(out.getvalue()))
