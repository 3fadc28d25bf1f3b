"""The script that reports the use of a page: small, from our own origin, and it stores nothing (Q5.17; K8)."""

import gzip
import json
import re
import string
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from visits.allowance import Allowance
from visits.middleware import REPORTS
from visits.reports import Reported, ReportRefused, read_report

SCRIPT = (settings.BASE_DIR / "static" / "page-use.js").read_text(encoding="utf-8")


@pytest.mark.clause("Q5.17")
def test_the_script_is_small_and_touches_no_storage() -> None:
    assert len(gzip.compress(SCRIPT.encode())) < 1024
    assert not re.search(
        r"cookie(?!s?-)|storage|indexedDB|caches|serviceWorker|fetch|XMLHttp|https?:", SCRIPT, re.IGNORECASE
    )
    assert "textContent" not in SCRIPT
    assert ".value" not in SCRIPT


def test_it_sends_exactly_the_fields_that_are_read() -> None:
    sent = re.search(r"const use = \{(.+?)\n    \};", SCRIPT, re.DOTALL)
    assert sent is not None
    names = re.findall(r"^      ([a-z_]+)[:,]", sent[1], re.MULTILINE)
    assert set(names) == set(Reported._fields)


def test_every_part_that_templates_name_is_counted() -> None:
    pages = [path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    named = {name for page in pages for name in re.findall(r'data-use="([^"]+)"', page)}
    assert {"policy", "cookie-settings"} <= named
    assert named <= set(settings.VISITS_COUNTED_ELEMENTS)


def test_the_middleware_knows_the_address() -> None:
    assert reverse("visits:page-use") == REPORTS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(Reported._fields), inner, max_size=8),
    max_leaves=20,
)


@pytest.mark.requirement("H5")
@given(JSON | st.lists(st.fixed_dictionaries(dict.fromkeys(Reported._fields, JSON)), max_size=2))
def test_whatever_comes_is_read_or_refused(value: Any) -> None:
    try:
        read = read_report(json.dumps(value).encode())
    except ReportRefused:
        return
    assert all(isinstance(item, Reported) for item in read)


@pytest.mark.requirement("H5")
@given(st.binary(max_size=200) | st.text(alphabet=string.printable, max_size=200).map(str.encode))
def test_random_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(ReportRefused):
        read_report(body)


def test_an_address_has_its_share_of_each_minute() -> None:
    gate = Allowance(most=2)
    assert [gate.admits("203.0.113.7", at=1.0) for _ in range(3)] == [True, True, False]
    assert gate.admits("203.0.113.8", at=1.0)
    assert gate.admits("203.0.113.7", at=60.0)
    assert gate.refused == 1


def test_a_whole_network_of_ipv6_is_one() -> None:
    gate = Allowance(most=1)
    assert gate.admits("2001:db8::1", at=1.0)
    assert not gate.admits("2001:db8::2:3:4:5", at=1.0)
    assert gate.admits("2001:db8:0:1::1", at=1.0)


def test_no_number_of_addresses_fills_the_memory() -> None:
    gate = Allowance(addresses=100)
    admitted = [gate.admits(f"198.51.{number // 250}.{number % 250}", at=1.0) for number in range(500)]
    assert (sum(admitted), gate.refused) == (100, 400)
    assert gate.admits("198.51.0.1", at=2.0)
