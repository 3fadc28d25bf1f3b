"""The keystone: a canary in every declared field of two people. Her copy holds all of hers and none of his; after her
erasure nothing of her is left anywhere but the declared keeps, exactly, and nothing of his has moved."""

import io
import json
import zipfile
from typing import Any, cast

import pytest
from django.db import connections, router

from accounts.models import Profile
from audit.trail import Actor
from consent.models import SubscriptionEvidence
from datamap.registry import model_of, registry, tables
from datamap.terms import Access, Erasure
from dsar.access_copy import write_copy
from retention.erasure import execute_erasure, plan_erasure
from tests.keystone.planting import NOW, Planted, Planter, Where
from tests.keystone.special import special_values
from vault.fields import SealedTextField, sealed_fields
from vault.keys import KeyDestroyed, unseal
from visits.partitions import make_partitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture(autouse=True)
def day_of_the_visit() -> None:
    make_partitions(now=NOW)


@pytest.fixture
def hers(person: Any) -> Planted:
    return Planter(person, 1, special_values()).plant_everywhere()


@pytest.fixture
def his(other_person: Any) -> Planted:
    return Planter(other_person, 2, special_values()).plant_everywhere()


def verdicts(where: Where) -> Any:
    return registry().holding(where[0]).personal[where[1]]


def disclosed(planted: Planted) -> dict[Where, str]:
    return {
        where: value
        for where, value in planted.canaries.items()
        if verdicts(where).on_access.verdict is Access.DISCLOSE
    }


def not_disclosed(planted: Planted) -> dict[Where, str]:
    return {where: value for where, value in planted.canaries.items() if where not in disclosed(planted)}


def kept(planted: Planted) -> set[Where]:
    return {where for where in planted.canaries if verdicts(where).on_erasure.verdict is Erasure.KEEP}


def copy_of(planted: Planted) -> dict[str, str]:
    """The files of the access copy by name."""
    sink = io.BytesIO()
    write_copy(sink, planted.subject, case=None, package=None, now=NOW)
    with zipfile.ZipFile(sink) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def sealed(planted: Planted) -> set[Where]:
    """The canaries that the database knows as ciphertext only (Q15.2)."""
    return {
        (model, name)
        for model, name in planted.canaries
        if name in {field.name for field in sealed_fields(model_of(registry().holding(model)))}
    }


def found_in_database(planted: Planted) -> dict[Where, set[str]]:
    """Where each canary of a person stands in any table: the whole text of every row is searched."""
    found: dict[Where, set[str]] = {}
    for model in tables():
        table = model._meta.db_table
        with connections[router.db_for_read(model)].cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "\n".join(row for (row,) in cursor.fetchall())
            for where, canary in planted.canaries.items():
                if canary in text:
                    found.setdefault(where, set()).add(model._meta.label)
    return found


def erase(planted: Planted) -> Any:
    plan = plan_erasure(planted.subject, now=NOW, archive=False)
    return execute_erasure(
        case_number="QP-2026-KEYSTONE",
        subject=planted.subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("keystone"),
        now=NOW,
    )


@pytest.mark.requirement("X1")
def test_canaries_stand_in_every_table_before_anything_happens(hers: Planted) -> None:
    assert set(hers.rows) == {holding.model for holding in registry().holdings}
    assert set(found_in_database(hers)) == set(hers.canaries) - sealed(hers)
    assert len(hers.canaries) > 25


@pytest.mark.clause("Q15.2")
@pytest.mark.requirement("C6")
def test_sealed_canaries_are_there_and_open_but_never_stand_in_sql(hers: Planted) -> None:
    telephone_and_address = {("accounts.Profile", name) for name in ("phone", "street", "city", "postal_code")}
    telephone_and_address.add(("accounts.EarlierValue", "value"))
    of_requests = {
        ("dsar.Attachment", "name"),
        ("dsar.DocumentAsk", "why"),
        ("dsar.CaseMessage", "text"),
        ("dsar.Correction", "after"),
        ("dsar.Correction", "before"),
        ("dsar.IdentityCheck", "reason"),
        ("dsar.Objection", "grounds"),
        ("dsar.Representative", "name"),
        ("dsar.Representative", "document"),
        ("dsar.VisitorNumber", "numbers"),
        ("dsar.SubjectRequest", "postal_address"),
    }
    of_consents = {
        ("consent.SubscriptionEvidence", "ip"),
        ("consent.ConsentDocument", "shown_by"),
        ("newsletters.SubscriptionRequest", "email"),
        ("newsletters.SubscriptionRequest", "ip"),
        ("newsletters.Subscription", "email"),
        ("surveys.Participation", "email"),
        ("surveys.Participation", "answers"),
        ("mailing.Forgetting", "email"),
        ("retention.Restriction", "address"),
        ("payments.CardPayment", "nonce"),
        ("payments.CardDispute", "evidence"),
        ("payments.Payout", "iban"),
    }
    of_enquiries = {("enquiries.Enquiry", "email"), ("enquiries.Enquiry", "name"), ("enquiries.Message", "text")}
    of_comments = {("marketplace.CommentTrace", name) for name in ("email", "ip")}
    of_comments |= {("marketplace.CommentNotice", name) for name in ("email", "name", "text")}
    of_reports = {("marketplace.Report", name) for name in ("email", "text")}
    of_reports |= {("marketplace.ReportedText", name) for name in ("title", "description")}
    of_reports.add(("marketplace.Removal", "objection"))
    of_people_we_hear = of_enquiries | of_comments | of_reports
    of_money = {("payments.Invoice", f"buyer_{name}") for name in ("name", "registration", "address")}
    of_money |= {("marketplace.Placement", f"invoice_{name}") for name in ("name", "registration", "address")}
    assert sealed(hers) == {*telephone_and_address, *of_requests, *of_consents, *of_people_we_hear, *of_money}
    for model, name in sealed(hers):
        row = type(hers.rows[model])._base_manager.get(pk=hers.rows[model].pk)
        assert getattr(row, name) == hers.canaries[(model, name)]


@pytest.mark.requirement("D11")
@pytest.mark.clause("Q16.2", "Q4.1", "Q3.2")
def test_her_copy_holds_all_of_hers_and_none_of_his(hers: Planted, his: Planted) -> None:
    package = copy_of(hers)
    for form in ("data.json", "index.html"):
        missing = {where for where, canary in disclosed(hers).items() if canary not in package[form]}
        assert missing == set(), form
    sheets = "".join(text for name, text in package.items() if name.endswith(".csv"))
    assert {where for where, canary in disclosed(hers).items() if canary not in sheets} == set()
    everything = "".join(package.values())
    assert {where for where, canary in not_disclosed(hers).items() if canary in everything} == set()
    assert {where for where, canary in his.canaries.items() if canary in everything} == set()


def test_her_copy_counts_every_table_also_those_with_nothing(hers: Planted) -> None:
    manifest = json.loads(copy_of(hers)["manifest.json"])
    assert {holding.model for holding in registry().holdings} <= set(json.dumps(manifest).replace('"', " ").split())


@pytest.mark.requirement("X1")
@pytest.mark.requirement("E9")
@pytest.mark.clause("Q16.7", "Q18.1", "Q2.1")
def test_after_her_erasure_only_the_declared_keeps_are_left(hers: Planted, his: Planted) -> None:
    before = found_in_database(his)
    receipt = erase(hers)
    assert receipt.document["state"] == "done"
    assert set(found_in_database(hers)) == kept(hers) - sealed(hers)
    assert found_in_database(his) == before


@pytest.mark.clause("Q15.2", "Q13.4")
@pytest.mark.requirement("C6")
def test_after_her_erasure_the_kept_evidence_opens_and_what_went_does_not_even_from_a_backup(hers: Planted) -> None:
    backup = {name: Profile.objects.values_list(name, flat=True).get(pk=hers.user.pk) for name in ("phone", "street")}
    erase(hers)
    evidence = SubscriptionEvidence.objects.get(pk=hers.rows["consent.SubscriptionEvidence"].pk)
    assert evidence.ip == hers.canaries[("consent.SubscriptionEvidence", "ip")]
    for name, bytes_of_then in backup.items():
        field = cast("SealedTextField", Profile._meta.get_field(name))
        with pytest.raises(KeyDestroyed):
            unseal(hers.user.pk, cast("bytes", bytes_of_then), context=field.context)


@pytest.mark.clause("Q10.3")
def test_every_keep_has_its_reason_act_and_end(hers: Planted) -> None:
    plan = plan_erasure(hers.subject, now=NOW, archive=True)
    assert [line.table for line in plan.kept if not (line.reason and line.act and (line.until or line.term))] == []


@pytest.mark.requirement("X2")
def test_the_account_itself_is_gone_from_every_live_table(hers: Planted) -> None:
    user_id = str(hers.user.pk)
    erase(hers)
    allowed = {holding.model for holding in registry().holdings if holding.ledger or holding.kept}
    left = set()
    for model in tables():
        with connections[router.db_for_read(model)].cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE t::text LIKE %s', [f"%{user_id}%"])
            if cursor.fetchone()[0]:
                left.add(model._meta.label)
    assert left - allowed - {"vault.DataKey"} == set()


def test_nothing_is_left_to_find_for_a_second_erasure(hers: Planted) -> None:
    erase(hers)
    for holding in registry().holdings:
        if holding.erasure is Erasure.DELETE:
            row = hers.rows[holding.model]
            assert not model_of(holding)._base_manager.filter(pk=row.pk).exists(), holding.model
