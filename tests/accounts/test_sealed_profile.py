"""Telephone and address under the key of the account: on the page, in the copy, for staff, and when keys fail."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Profile, User
from audit.revealing import RevealedAdmin
from datamap.registry import registry
from datamap.trace import subject_of_user
from dsar.access_copy.contents import table_for
from dsar.models import SubjectRequest
from tests.people import log_in
from vault.fields import UNREADABLE, sealed_fields
from vault.staff_views import MASK, MaskedAdmin

URL = reverse("account")
PHONE = "+371 20004711"
FORM = {"given_name": "Anna", "family_name": "Bērziņa", "display_name": "", "language": "lv"}

pytestmark = pytest.mark.clause("Q15.2")


@pytest.fixture
def profile(person: User) -> Profile:
    found = Profile.objects.get(user=person)
    found.phone, found.city = PHONE, "Rīga"
    found.save()
    return found


@pytest.fixture
def lost_key(profile: Profile, settings: Settings) -> None:
    settings.VAULT_MASTER_KEYS = [("other", b"o" * 32)]


def copied(person: User) -> dict[str, str]:
    table = table_for(registry().holding("accounts.Profile"), subject_of_user(person))
    (row,) = table.rows()
    return dict(zip([column.name for column in table.columns], row, strict=False))


def test_the_page_shows_and_changes_them(client: Client, person: User, profile: Profile) -> None:
    log_in(client, person)
    assert f'value="{PHONE}"' in client.get(URL).content.decode()
    client.post(URL, FORM | {"phone": "+371 20000001", "city": ""})
    stored = Profile.objects.get(user=person)
    assert (stored.phone, stored.city) == ("+371 20000001", "")


@pytest.mark.requirement("C5")
def test_with_a_wrong_key_the_page_says_so_and_keeps_what_is_stored(
    client: Client, person: User, profile: Profile, settings: Settings
) -> None:
    log_in(client, person)
    masters, settings.VAULT_MASTER_KEYS = settings.VAULT_MASTER_KEYS, [("other", b"o" * 32)]
    page = client.get(URL + "?lang=en")
    assert (page.status_code, "cannot be opened at the moment" in page.content.decode()) == (200, True)
    assert client.post(URL, FORM | {"given_name": "Annija", "phone": "", "city": ""}).status_code == 302
    refused = client.post(URL + "?lang=en", FORM | {"phone": "+371 20000001"})
    assert (refused.status_code, "cannot be stored safely" in refused.content.decode()) == (200, True)
    settings.VAULT_MASTER_KEYS = masters
    assert Profile.objects.get(user=person).phone == PHONE
    assert User.objects.get(pk=person.pk).given_name == "Annija"


def test_the_copy_shows_the_text(person: User, profile: Profile) -> None:
    row = copied(person)
    assert (row["phone"], row["city"], row["street"]) == (PHONE, "Rīga", "")


@pytest.mark.requirement("C5")
@pytest.mark.usefixtures("lost_key")
def test_the_copy_says_that_something_is_there_and_does_not_open(person: User) -> None:
    row = copied(person)
    assert (row["phone"], row["street"]) == (str(UNREADABLE), "")


@pytest.mark.requirement("G3")
def test_staff_see_that_there_is_a_telephone_but_not_which(client: Client, officer: User, profile: Profile) -> None:
    officer.user_permissions.set(Permission.objects.filter(codename="view_profile"))
    log_in(client, officer)
    page = client.get(reverse("admin:accounts_profile_change", args=[profile.pk])).content.decode()
    listed = client.get(reverse("admin:accounts_profile_changelist")).content.decode()
    assert page.count(MASK) == 2
    assert not any(word in page + listed for word in (PHONE, "Rīga"))


def test_every_admin_page_of_a_sealed_table_is_masked() -> None:
    shown = {
        model: {field.name for field in sealed_fields(model)} - set(page.exclude or ())
        for model, page in admin.site._registry.items()
    }
    pages = {model: page for model, page in admin.site._registry.items() if shown[model]}
    # The desk masks a request as a whole and shows it for a reason (tests/dsar/test_desk_pages.py).
    assert pages.pop(SubjectRequest) is not None
    of_people = {"Profile", "SubscriptionEvidence", "ConsentDocument", "Restriction"}
    of_correspondence = {"Enquiry", "CommentNotice", "CommentTrace", "Participation", "Report", "Removal"}
    of_money = {"Invoice", "Payout"}
    assert {model.__name__ for model in pages} == {*of_people, *of_correspondence, *of_money}
    assert all(isinstance(page, MaskedAdmin | RevealedAdmin) for page in pages.values())


def test_the_list_of_profiles_in_the_admin_takes_the_same_queries_for_any_number(
    profile: Profile, other_person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Profile(user=other_person, phone=PHONE).save(force_update=True)
    with django_assert_num_queries(2):
        assert [row.phone for row in Profile.objects.all()] == [PHONE, PHONE]
