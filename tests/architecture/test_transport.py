"""Whatever leaves this machine goes to whom its certificate names (policy clause 15)."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.test_floors import ROOT
from tests.architecture.test_sizes import production_files

BLIND = {"CERT_NONE", "_create_unverified_context", "disable_warnings"}


def blind_spots(tree: ast.AST) -> Iterator[int]:
    """Lines on which a certificate goes unread."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="verify" | "check_hostname", value=ast.Constant(value=False | None | 0)):
                yield node.lineno
            case ast.Assign(targets=[ast.Attribute(attr="verify" | "check_hostname")], value=ast.Constant(value=False)):
                yield node.lineno
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in BLIND:
                yield node.lineno


@pytest.mark.clause("Q15.1")
def test_no_call_leaves_a_certificate_unread() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in production_files()
        for line in blind_spots(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "offender",
    [
        "session.get(url, verify=False)",
        "session.verify = False",
        "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE",
        "ssl._create_unverified_context()",
    ],
)
def test_what_the_rule_looks_for_is_found(offender: str) -> None:
    assert list(blind_spots(ast.parse(offender))) == [1]
