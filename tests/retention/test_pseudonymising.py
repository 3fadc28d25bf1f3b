"""A copy for testing: every declared field of two people planted, and nothing of them in it (policy clause 7.2)."""

import io
from typing import Any

import pytest

from accounts.models import User
from audit.models import Entry
from datamap.registry import registry, tables
from retention.pseudonymising import in_place_of, write_rows
from tests.database import as_owner
from tests.keystone.planting import NOW, Planted, Planter
from tests.keystone.special import special_values
from tests.keystone.test_keystone import found_in_database, sealed
from visits.partitions import make_partitions

pytestmark = [
    *(pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")),
    pytest.mark.clause("Q7.13"),
]


@pytest.fixture
def planted(person: Any, other_person: Any) -> list[Planted]:
    make_partitions(now=NOW)
    return [
        Planter(somebody, number, special_values()).plant_everywhere()
        for number, somebody in enumerate((person, other_person), start=1)
    ]


def copied() -> tuple[str, dict[str, int]]:
    out = io.BytesIO()
    with as_owner():
        written = write_rows(out)
    return out.getvalue().decode(), written


def rows_of(copy: str, table: str) -> list[dict[str, str]]:
    head, _, rest = copy.partition(f'COPY public."{table}" (')[2].partition(") FROM stdin;\n")
    names = [name.strip('" ') for name in head.split(",")]
    return [dict(zip(names, line.split("\t"), strict=True)) for line in rest.partition("\\.\n")[0].splitlines()]


def is_code(model: str, field: str) -> bool:
    """Whether the site itself writes there, from a list of its own: the planter knows of no list."""
    return bool(registry().holding(model).personal[field].words)


def test_nothing_that_was_planted_anywhere_is_in_the_copy(planted: list[Planted]) -> None:
    for somebody in planted:
        assert len(found_in_database(somebody)) == len(somebody.canaries) - len(sealed(somebody))
    copy, written = copied()
    found = {where for somebody in planted for where, value in somebody.canaries.items() if value in copy}
    assert {where for where in found if not is_code(*where)} == set()
    assert written["accounts.User"] == User.objects.count()
    left_out = {"outbox.Effect", "replay.JournalEntry"}
    assert {holding.model for holding in registry().holdings} - set(written) == left_out


def test_no_number_name_or_address_of_theirs_is_left(person: User, other_person: User) -> None:
    copy, _written = copied()
    for user in (person, other_person):
        for said in (str(user.pk), user.email, user.given_name, user.family_name, user.password):
            assert said
            assert said not in copy


def test_rows_still_lead_to_each_other_and_keep_what_tests_need(planted: list[Planted]) -> None:
    copy, _written = copied()
    users = {row["id"]: row for row in rows_of(copy, "accounts_user")}
    profiles = rows_of(copy, "accounts_profile")
    assert len(users) == User.objects.count()
    assert len({row["user_id"] for row in profiles} & set(users)) == len(profiles) > 1
    assert all(row["email"].endswith("@example.invalid") for row in users.values())
    assert {row["language"] for row in users.values()} == set(User.objects.values_list("language", flat=True))
    joined = {f"{row['date_joined']}"[:19] for row in users.values()}
    assert joined == {user.date_joined.strftime("%Y-%m-%d %H:%M:%S") for user in User.objects.all()}


def test_each_copy_has_a_key_of_its_own(person: User) -> None:
    first, second = (rows_of(copied()[0], "accounts_user")[0]["id"] for _copy in range(2))
    assert first != second


def test_that_a_copy_was_made_is_on_record(person: User, capfdbinary: Any) -> None:
    from django.core.management import call_command

    with as_owner():
        call_command("pseudonymised_rows")
    assert b'COPY public."accounts_user"' in capfdbinary.readouterr().out
    entry = Entry.objects.get(action="copy.pseudonymised")
    assert int(entry.details["tables"]) > 100


def test_every_key_becomes_what_the_row_becomes_that_it_points_to() -> None:
    keys = [field for model in tables() for field in model._meta.local_concrete_fields if field.is_relation]
    assert len(keys) > 50
    for field in keys:
        end: Any = field
        while end.is_relation:
            end = end.target_field
        assert in_place_of("x", field) == in_place_of("x", end), field
