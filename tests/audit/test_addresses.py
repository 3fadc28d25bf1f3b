"""What must not lie in a log does not get there (Q5.16, O6)."""

import string
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import get_resolver, resolve, reverse
from django.urls.converters import IntConverter
from hypothesis import given
from hypothesis import strategies as st

from audit import addresses
from tests.visits.conftest import hit
from vault.tokens import new_secret
from visits.hits import line_of


def cleaned(path: str, **named: Any) -> str:
    return addresses.clean_path(path, limit=512, **named)


@pytest.mark.clause("Q5.16")
@pytest.mark.parametrize(
    ("path", "stored"),
    [
        (
            "/accounts/password/reset/key/1a-cz9k2p-0a1b2c3d4e5f60718293a4b5c6d7e8f9/",
            "/accounts/password/reset/key/[secret]/",
        ),
        ("/accounts/confirm-email/MQ:1tVxyz:Qm9va2x5bi1icmlkZ2UtMTIzNDU2Nzg5/", "/accounts/confirm-email/[secret]/"),
        ("/d41d8cd98f00b204e9800998ecf8427e", "/[secret]"),
        ("/x/token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "/x/[secret]"),
        ("/unsubscribe/anna@example.lv/", "/unsubscribe/[e-mail]/"),
        ("/unsubscribe/anna%40example.lv/", "/unsubscribe/[e-mail]/"),
        ("/u/anna.berzina+sale@sub.example.lv/x", "/u/[e-mail]/x"),
        ("/listings/sarkans-velosipeds-28-collas/", "/listings/sarkans-velosipeds-28-collas/"),
        (
            "/privacy/requests/0b9cf3e2-6a55-4a0e-9f8a-0d5b0e2e4a11/",
            "/privacy/requests/0b9cf3e2-6a55-4a0e-9f8a-0d5b0e2e4a11/",
        ),
        ("/privacy/policy/versions/2020-05-10/", "/privacy/policy/versions/2020-05-10/"),
        ("/meklēt/ķīļslēgs/", "/meklēt/ķīļslēgs/"),
    ],
)
def test_a_path_is_stored_without_secrets_and_addresses(path: str, stored: str) -> None:
    assert cleaned(path) == stored


@pytest.mark.clause("Q5.16")
def test_no_secret_of_ours_survives_in_a_path() -> None:
    for _ in range(300):
        secret = new_secret()
        assert secret not in cleaned(f"/privacy/receipts/{secret}/")


@pytest.mark.clause("Q5.16")
def test_a_short_secret_goes_when_its_url_pattern_calls_it_one() -> None:
    assert cleaned("/code/483920/", secrets=("483920",)) == "/code/[secret]/"
    assert cleaned("/admin/accounts/user/12/change/", secrets=("12",)) == "/admin/accounts/user/[secret]/change/"


@pytest.mark.clause("Q5.16")
@pytest.mark.parametrize(
    ("query", "kept", "search"),
    [
        ("token=abc&page=2&sort=price", "page=2&sort=price", ""),
        ("q=zils+velosip%C4%93ds&category=bikes", "category=bikes", "zils velosipēds"),
        ("q=anna%40example.lv", "", "[e-mail]"),
        ("email=anna@example.lv&sig=1&next=/x", "", ""),
        ("page=d41d8cd98f00b204e9800998ecf8427e", "page=[secret]", ""),
        ("&".join(f"a{number}=1" for number in range(60)), "", ""),
        ("q=%00%0d%0aSet-Cookie:+x", "", "Set-Cookie: x"),
        ("q=%ff%fe", "", "��"),
    ],
)
def test_only_listed_parameters_are_kept(query: str, kept: str, search: str) -> None:
    assert addresses.clean_query(query) == (kept, search)


@pytest.mark.clause("Q5.16")
@pytest.mark.parametrize(
    ("referrer", "stored"),
    [
        ("https://anna:pw@search.example/find?q=secret#top", "https://search.example/find"),
        ("https://mail.example:8443/u/anna@example.lv", "https://mail.example:8443/u/[e-mail]"),
        ("javascript:alert(1)", ""),
        ("http://[::1", ""),
        ("http://x:99999999/", ""),
        ("/only/a/path", ""),
    ],
)
def test_of_the_page_before_only_origin_and_path_are_kept(referrer: str, stored: str) -> None:
    assert addresses.clean_referrer(referrer, own_host="testserver", limit=512) == stored


@pytest.mark.requirement("O6")
@given(st.text(alphabet=st.characters(codec=None), max_size=600))
def test_no_value_breaks_a_line_or_the_encoding(text: str) -> None:
    line = line_of(hit(path=f"/{text}", query=f"q={text}", referrer=f"http://x/{text}", user_agent=text, method=text))
    assert line.endswith("\n")
    assert line.count("\t") == 15
    assert line[:-1].replace("\t", "").isprintable()
    line.encode("utf-8")


@pytest.mark.clause("Q5.16")
@given(st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=32, max_size=64))
def test_a_random_key_is_never_taken_for_a_title(key: str) -> None:
    is_random = any(char.isupper() for char in key) or "--" in key or "_-" in key
    if is_random:
        assert key not in cleaned(f"/{key}/")


def staff_addresses(number: str) -> Iterator[str]:
    """Every page of the staff that is about something, with this number as what it is about."""
    pages: Any = get_resolver().namespace_dict["admin"][1]
    for possibilities, _pattern, _defaults, converters in pages.reverse_dict.values():
        for address, names in possibilities:
            values = {name: 8 if isinstance(converters.get(name), IntConverter) else number for name in names}
            if number in values.values():
                yield f"/admin/{address % values}"


@pytest.mark.clause("Q5.16")
@pytest.mark.requirement("E9", "X2")
def test_no_page_of_the_staff_leaves_the_number_of_whom_it_is_about_in_the_log() -> None:
    number = str(uuid4())
    pages = set(staff_addresses(number))
    assert reverse("admin:retention_erase_child", args=[number]) in pages
    assert {path for path in pages if number in cleaned(path, secrets=addresses.secrets_of(resolve(path)))} == set()


def test_what_staff_search_for_and_whom_they_open_is_not_logged() -> None:
    planted = hit(path=f"/admin/accounts/user/{uuid4()}/", query="q=Bērziņa&page=2", is_staff_page=True)
    assert "Bērziņa" in line_of(planted._replace(is_staff_page=False, query="q=B%C4%93rzi%C5%86a"))
    assert "rzi" not in line_of(planted)


@pytest.mark.requirement("O6")
def test_lengths_are_bounded() -> None:
    fields = line_of(
        hit(path="/" + "ā/" * 5000, query="q=" + "b" * 9000, method="X" * 99, user_agent="U" * 65_536)
    ).split("\t")
    assert max(map(len, fields)) <= 512
