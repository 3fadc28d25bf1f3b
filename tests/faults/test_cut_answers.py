"""The connection to the database is cut while it answers a COMMIT: it was done, and nobody was told (F10)."""

import contextlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from select import select
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.ledger import ledgers, verify
from consent.models import ConsentEvent
from dsar.models import Intake, SubjectRequest
from mailing.models import OutgoingMessage
from retention.models import RunState
from tests.faults.conftest import Victims, register
from tests.faults.test_erasure import Person, assert_exactly_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.requirement("F10")]

COMMIT = re.compile(rb"Q....COMMIT\x00", re.DOTALL)
ADDRESS = "liga@example.lv"


class Wire:
    """Stands between a victim and the database, counts its COMMITs, and swallows the answer to one of them."""

    def __init__(self, directory: Path) -> None:
        found = connection.settings_dict
        name = f".s.PGSQL.{found['PORT'] or 5432}"
        self.directory, self.swallow, self.commits = str(directory), 0, 0
        self._server = f"{found['HOST']}/{name}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{directory}/{name}")
        self._listener.listen()
        Thread(target=self._accept, daemon=True).start()

    def cut(self, number: int) -> None:
        """From now on the answer to the COMMIT of this number does not arrive, and nothing after it."""
        self.swallow, self.commits = number, 0

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                victim, _address = self._listener.accept()
                Thread(target=self._carry, args=(victim,), daemon=True).start()

    def _carry(self, victim: socket.socket) -> None:
        with victim, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._server)
            while True:
                for end in select([victim, server], [], [])[0]:
                    if not (data := end.recv(65536)):
                        return
                    is_commit = end is victim and COMMIT.search(data)
                    self.commits += bool(is_commit)
                    (server if end is victim else victim).sendall(data)
                    if is_commit and self.commits == self.swallow:
                        server.recv(65536)  # done, and said so
                        return


@pytest.fixture
def wire(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    wire = Wire(tmp_path_factory.mktemp("w"))
    yield wire
    wire.close()


def each_cut(wire: Wire, run: Callable[[], object]) -> Iterator[int]:
    """Once undisturbed, to count; then the number of each COMMIT, with its answer about to be lost."""
    wire.cut(0)
    run()
    commits = wire.commits
    assert commits
    for number in range(1, commits + 1):
        wire.cut(number)
        yield number


def test_an_erasure_whose_commit_was_never_answered_is_carried_on_and_done_once(victims: Victims, wire: Wire) -> None:
    first = Person(0)
    for number in each_cut(wire, lambda: victims.run("erase", first.case.pk, through=wire.directory)):
        person = Person(number)
        assert "Error" in victims.run("erase", person.case.pk, through=wire.directory).error
        assert victims.run("erase", person.case.pk).value in {RunState.DONE, None}
        assert_exactly_once(person)
    assert all(verify(ledger).is_whole for ledger in ledgers())


def test_a_form_that_is_sent_again_after_a_lost_answer_is_one_request(victims: Victims, wire: Wire) -> None:
    def filled(address: str) -> str:
        once = re.search(r'name="once" value="([^"]+)"', Client().get(reverse("privacy:request-new")).content.decode())
        assert once
        return json.dumps({"email": address, "right": ["access"], "language": "lv", "once": once[1]})

    for number in each_cut(wire, lambda: victims.run("file_form", filled(ADDRESS), through=wire.directory)):
        address = f"{number}.{ADDRESS}"
        form = filled(address)
        assert victims.run("file_form", form, through=wire.directory).value != 302
        assert victims.run("file_form", form).value == 302
        assert SubjectRequest.objects.filter(email=address).count() == 1
        assert OutgoingMessage.objects.filter(to_address=address).count() == 1
    assert Intake.objects.count() == SubjectRequest.objects.count()


def test_a_consent_that_is_given_again_after_a_lost_answer_is_on_record_once(victims: Victims, wire: Wire) -> None:
    people = [register(number) for number in range(9)]
    for number in each_cut(wire, lambda: victims.run("agree", people[0].pk, through=wire.directory)):
        before = ConsentEvent.objects.count()
        assert "Error" in victims.run("agree", people[number].pk, through=wire.directory).error
        assert isinstance(victims.run("agree", people[number].pk).value, int)
        assert ConsentEvent.objects.count() == before + 1
    assert verify(ConsentEvent).is_whole
