"""The database restarts in the middle, the master key is wrong or missing: closed, with a sentence, and resumable."""

import pytest
from django.db import connection

from datamap.terms import Right
from dsar.access import copies_to_build
from dsar.deadlines import Channel
from dsar.models import Package
from dsar.services import file_request
from dsar.terms import PackageState
from retention.models import ErasureRun, RunState
from tests.database import as_owner
from tests.faults.conftest import Victims, differing, everything, register
from tests.faults.test_erasure import EXECUTED, Person, assert_exactly_once
from tests.retention.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

IN_THE_MIDDLE = 'DELETE FROM "accounts_loginevent"'
VERIFYING = "SELECT c.relname"
ANSWERING = 'INSERT INTO "mailing_outgoingmessage"'


def end_all_other_sessions() -> None:
    """What a restart does to the site's connections."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("step", [IN_THE_MIDDLE, VERIFYING, ANSWERING])
def test_a_database_that_restarts_in_the_middle_of_an_erasure_loses_nothing(victims: Victims, step: str) -> None:
    person = Person(1)
    before = everything()
    worker = victims.start("erase", person.case.pk, how="stop", at=step)
    assert victims.wait(worker).ended == "stopped"
    end_all_other_sessions()
    victims.go_on(worker)
    assert "OperationalError" in victims.wait(worker).error
    if step == IN_THE_MIDDLE:
        assert differing(before, everything()) == set()
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F26")
@pytest.mark.parametrize("key", ["wrong", "missing"])
def test_with_a_wrong_or_missing_key_nothing_is_erased_and_a_sentence_says_what_to_do(
    victims: Victims, key: str
) -> None:
    person = Person(1)
    before = everything()
    refused = victims.run("erase", person.case.pk, key=key)
    assert refused.error.startswith("WrongMasterKey")
    assert "VAULT_MASTER_KEYS" in refused.error
    assert differing(before, everything()) == set()
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F26")
@pytest.mark.parametrize("key", ["wrong", "missing"])
def test_a_key_lost_before_the_verification_leaves_the_erasure_unfinished_not_done(victims: Victims, key: str) -> None:
    person = Person(1)
    victims.run("erase", person.case.pk, how="kill", at=VERIFYING)
    assert person.state == EXECUTED
    assert "VAULT_MASTER_KEYS" in victims.run("erase", person.case.pk, key=key).error
    assert person.state == EXECUTED
    assert ErasureRun.objects.get().state == RunState.EXECUTED
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F26")
@pytest.mark.parametrize("key", ["wrong", "missing"])
def test_no_copy_is_sealed_with_a_key_that_opens_nothing_here(victims: Victims, key: str) -> None:
    user = register(1)
    Person(2)  # the site has keys already
    case = file_request(user=user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=NOW)
    assert "VAULT_MASTER_KEYS" in victims.run("build", case.pk, key=key).error
    assert copies_to_build(NOW) == [case.pk]
    assert Package.objects.get(request=case).attempts == 0
    assert victims.run("build", case.pk).value == PackageState.READY
