"""Who logs in is read with her second factor and her permissions in few questions, and never where she is locked."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.backends import RoleBackend
from accounts.models import User
from accounts.queries import has_second_factor

BACKEND = RoleBackend()


def permission(codename: str) -> Permission:
    return Permission.objects.get(codename=codename)


def test_permissions_of_her_own_and_of_her_groups_are_one_question(person: User) -> None:
    group = Group.objects.create(name="readers")
    group.permissions.add(permission("view_listing"))
    person.groups.add(group)
    person.user_permissions.add(permission("view_order"))
    with CaptureQueriesContext(connection) as asked:
        assert person.get_all_permissions() == {"marketplace.view_listing", "marketplace.view_order"}
        assert not person.has_perm("marketplace.delete_listing")
    assert len(asked) == 1


def test_who_is_locked_may_do_nothing_and_is_nobody(person: User) -> None:
    person.user_permissions.add(permission("view_order"))
    assert BACKEND.get_user(person.pk) == person
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.refresh_from_db()
    assert BACKEND.get_all_permissions(person) == set()
    assert BACKEND.get_user(person.pk) is None


def test_a_superuser_may_do_everything(person: User) -> None:
    person.is_superuser = True
    assert len(BACKEND.get_all_permissions(person)) == Permission.objects.count()


def test_whoever_is_read_is_read_with_her_second_factor(person: User) -> None:
    for guarded in (False, True):
        if guarded:
            Authenticator.objects.create(user=person, type="totp", data={})
        user = BACKEND.get_user(person.pk)
        assert user is not None
        with CaptureQueriesContext(connection) as asked:
            assert has_second_factor(user) is guarded
        assert len(asked) == 0
        assert has_second_factor(User.objects.get(pk=person.pk)) is guarded


def test_whose_second_factor_is_switched_on_or_off_is_known_on_the_next_page(client: Client, officer: User) -> None:
    client.force_login(officer)
    lacking = [client.get("/admin/").context["second_factor_lacking"]]
    factor = Authenticator.objects.create(user=officer, type="totp", data={})
    lacking.append(client.get("/admin/").context["second_factor_lacking"])
    factor.delete()
    lacking.append(client.get("/admin/").context["second_factor_lacking"])
    assert lacking == [True, False, True]
