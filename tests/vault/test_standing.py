"""A key file that belongs to another database: `/readyz` says so, nothing is sealed, erased or lost (Art. 32, F26)."""

import os
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.trail import Actor
from consent.queries import status
from consent.services import give
from datamap.trace import Subject
from retention.erasure import execute_erasure, plan_erasure
from retention.minors import erase_child, plan_for_child
from retention.models import ErasureRun
from tests.retention.conftest import NOW, anna, everything_about
from vault.keys import WrongMasterKey, destroy_key, seal, unseal
from vault.models import DataKey
from vault.rotation import rotate
from vault.standing import masters_that_fail

__all__ = ["anna"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["wrong", "missing"])
def strange_key(request: pytest.FixtureRequest, settings: Settings) -> Any:
    """Call it, and the site has the keys of another database: under the same name, or under another."""
    masters = settings.VAULT_MASTER_KEYS

    def spoil() -> None:
        name = masters[0][0] if request.param == "wrong" else "other"
        settings.VAULT_MASTER_KEYS = [(name, os.urandom(32))]

    return spoil


def readiness(client: Client) -> dict[str, Any]:
    response = client.get(reverse("readyz"))
    found: dict[str, Any] = response.json()
    assert response.status_code == (200 if found["ready"] else 503)
    return found


@pytest.mark.requirement("F26")
def test_readyz_is_red_with_a_sentence_while_the_keys_do_not_open(
    strange_key: Any, client: Client, published_texts: None
) -> None:
    seal(uuid4(), b"x", context="test")
    assert readiness(client)["checks"]["keys"] == {"ok": True}
    strange_key()
    found = readiness(client)
    assert not found["ready"]
    assert "VAULT_MASTER_KEYS" in found["checks"]["keys"]["reason"]
    assert client.get("/privacy/policy/").status_code == 200


@pytest.mark.requirement("F26")
def test_no_new_key_is_wrapped_by_a_master_of_another_database(strange_key: Any, settings: Settings) -> None:
    right, owner = settings.VAULT_MASTER_KEYS, uuid4()
    sealed = seal(owner, b"kept", context="test")
    strange_key()
    newcomer = uuid4()
    with pytest.raises(WrongMasterKey):
        seal(newcomer, b"lost", context="test")
    assert not DataKey.objects.filter(owner=newcomer).exists()
    settings.VAULT_MASTER_KEYS = right
    assert unseal(owner, sealed, context="test") == b"kept"


@pytest.mark.requirement("F26")
def test_the_executor_itself_erases_nobody_with_a_wrong_key(
    strange_key: Any, anna: Subject, settings: Settings
) -> None:
    plan = plan_erasure(anna, now=NOW, archive=True)
    before, right = everything_about(anna), settings.VAULT_MASTER_KEYS
    strange_key()
    with pytest.raises(WrongMasterKey):
        execute_erasure(
            case_number="Q-1",
            subject=anna,
            plan_digest=plan.digest,
            objection_to_archive=False,
            actor=Actor.system("test"),
            now=NOW,
        )
    settings.VAULT_MASTER_KEYS = right
    assert everything_about(anna) == before
    assert not ErasureRun.objects.exists()


@pytest.mark.requirement("F26")
def test_a_key_of_hers_that_does_not_open_stops_her_erasure_and_nobody_elses(anna: Subject, settings: Settings) -> None:
    assert anna.user_id is not None
    old = settings.VAULT_MASTER_KEYS
    settings.VAULT_MASTER_KEYS = [("new", os.urandom(32)), *old]
    seal(uuid4(), b"the youngest hangs on the new one", context="test")
    settings.VAULT_MASTER_KEYS = settings.VAULT_MASTER_KEYS[:1]
    assert masters_that_fail() == [old[0][0]]
    digest = plan_erasure(anna, now=NOW, archive=True).digest
    with pytest.raises(WrongMasterKey):
        execute_erasure(
            case_number="Q-1",
            subject=anna,
            plan_digest=digest,
            objection_to_archive=False,
            actor=Actor.system("test"),
            now=NOW,
        )


@pytest.mark.requirement("F26")
def test_a_childs_consents_stay_where_the_erasure_cannot_follow(
    strange_key: Any, anna: Subject, person: User, published_texts: None
) -> None:
    give(person.pk, "LOYALTY", language="lv", method="account", place="/", now=NOW)
    digest = plan_for_child(person, now=NOW).digest
    strange_key()
    with pytest.raises(WrongMasterKey):
        erase_child(person, plan_digest=digest, reason="a letter", actor=Actor.system("test"), now=NOW)
    assert status(person.pk, "LOYALTY", at=NOW).permits


def test_only_live_keys_count_and_a_finished_rotation_lets_the_old_master_go(settings: Settings) -> None:
    old, dead, alive = settings.VAULT_MASTER_KEYS, uuid4(), uuid4()
    for owner in (dead, alive):
        seal(owner, b"x", context="test")
    settings.VAULT_MASTER_KEYS = [("new", os.urandom(32)), *old]
    rotate(apply=True)
    DataKey.objects.filter(owner=dead).update(master_key_id="gone for good")
    assert masters_that_fail() == ["gone for good"]
    destroy_key(dead, now=NOW)
    settings.VAULT_MASTER_KEYS = settings.VAULT_MASTER_KEYS[:1]
    assert masters_that_fail() == []
