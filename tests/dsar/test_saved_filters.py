"""A look at the queue under a name: one's own only, in words that the queue knows, and found by a link."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from datamap.terms import Right
from dsar.admin.filters import UnknownFilter, checked_query
from dsar.admin.saved import MOST
from dsar.models import SavedFilter
from tests.dsar.conftest import File
from tests.dsar.test_desk_pages import QUEUE, allow, desk, make_old
from tests.people import log_in

pytestmark = pytest.mark.django_db
__all__ = ["desk"]
SAVE = "admin:dsar_subjectrequest_save_filter"


def save(client: Client, name: str = "Late objections", query: str = "right__exact=objection&due=overdue") -> str:
    return client.post(reverse(SAVE), {"name": name, "query": query}).headers["Location"]


def test_a_look_is_saved_stands_on_the_page_as_a_link_and_shows_the_same(desk: Client, file: File) -> None:
    late, fresh = file(Right.OBJECTION), file(Right.OBJECTION)
    make_old(late)
    open_now = desk.get(reverse(QUEUE), {"due": "overdue", "right__exact": "objection", "p": "1"})
    form = open_now.context["filter_form"]
    assert save(desk, query=form["query"].value()) == f"{reverse(QUEUE)}?due=overdue&right__exact=objection"
    page = desk.get(reverse(QUEUE))
    (saved,) = page.context["saved"]
    assert f'href="{saved.address}"'.replace("&", "&amp;") in page.content.decode()
    listed = desk.get(saved.address)
    assert set(listed.context["cl"].queryset) == {late}
    assert fresh not in listed.context["cl"].queryset
    assert 'aria-current="page"' in listed.content.decode()
    assert listed.context["filter_form"] is None


@pytest.mark.requirement("G9")
@pytest.mark.parametrize(
    "query", ["email=anna@example.lv", "due=yesterday", "user__email__startswith=a", "due=overdue&x=1", "q=anna", ""]
)
def test_words_that_the_queue_does_not_know_are_not_kept(desk: Client, query: str) -> None:
    if query:
        with pytest.raises(UnknownFilter):
            checked_query(query)
    assert save(desk, query=query) == reverse(QUEUE)
    assert not SavedFilter.objects.exists()


def test_every_link_of_the_filters_can_be_saved(desk: Client, file: File) -> None:
    file()
    listed = desk.get(reverse(QUEUE)).context["cl"]
    links = [choice["query_string"] for spec in listed.filter_specs for choice in spec.choices(listed)]
    queries = [urlsplit(link).query for link in links if urlsplit(link).query]
    assert len(queries) > 20
    assert [checked_query(query) for query in queries] == queries


def test_the_same_name_again_means_the_new_look_and_there_is_an_end(desk: Client) -> None:
    save(desk)
    save(desk, query="mine=free")
    assert SavedFilter.objects.get().query == "mine=free"
    for number in range(MOST + 3):
        save(desk, f"filter {number}")
    assert SavedFilter.objects.count() == MOST


@pytest.mark.requirement("G3")
def test_nobody_sees_or_deletes_a_colleagues_filter(
    desk: Client, officer: User, colleague: User, client: Client
) -> None:
    save(desk, "<b>مرشح</b> 🙂")
    item = SavedFilter.objects.get()
    delete = reverse("admin:dsar_subjectrequest_delete_filter", args=[item.pk])
    allow(colleague, "view_subjectrequest")
    theirs = Client()
    log_in(theirs, colleague)
    assert theirs.get(reverse(QUEUE)).context["saved"] == []
    assert theirs.post(delete).status_code == 404
    page = desk.get(reverse(QUEUE)).content.decode()
    assert "<bdi>&lt;b&gt;مرشح&lt;/b&gt; 🙂</bdi>" in page
    assert desk.get(delete).status_code == 405
    desk.post(delete)
    assert not SavedFilter.objects.exists()
    officer.user_permissions.clear()
    assert desk.post(reverse(SAVE), {"name": "x", "query": "mine=free"}).status_code == 403


def test_the_keys_are_a_static_script_with_a_visible_help(desk: Client, file: File) -> None:
    file()
    page = desk.get(reverse(QUEUE)).content.decode()
    assert "queue-keys.js" in page
    assert page.count("<kbd>") == 5
    assert "onkey" not in page
