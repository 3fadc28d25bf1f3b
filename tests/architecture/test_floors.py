"""The architecture document: which app stands on which. An app may import only what stands below it."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BELOW_2 = {"datamap", "vault", "audit", "outbox", "replay"}
BELOW_3 = {*BELOW_2, "mailing"}
MAY_IMPORT: dict[str, set[str]] = {
    "datamap": set(),
    "vault": {"datamap"},
    "audit": {"datamap"},
    "outbox": {"datamap", "audit"},
    "replay": {"datamap", "vault"},
    "mailing": BELOW_2,
    "accounts": BELOW_3,
    "consent": BELOW_3,
    "cookies": {"consent", *BELOW_3},
    "newsletters": {"consent", *BELOW_3},
    "enquiries": {"accounts", *BELOW_3},
    "payments": {"accounts", *BELOW_3},
    "loyalty": {"consent", *BELOW_3},
    "profiling": {"consent", *BELOW_3},
    "surveys": {"consent", *BELOW_3},
    "visits": {"consent", "cookies", *BELOW_3},
    "marketplace": {"accounts", "consent", "loyalty", "payments", *BELOW_3},
    "retention": BELOW_3,
    "dsar": {"retention", *BELOW_3},
    "registers": {"dsar", "retention", *BELOW_3},
    "qlekta": {
        *BELOW_3,
        *(
            "accounts",
            "consent",
            "cookies",
            "payments",
            "newsletters",
            "enquiries",
            "loyalty",
            "profiling",
            "surveys",
            "visits",
            "marketplace",
        ),
        *("retention", "dsar", "registers"),
    },
}
"""App -> the apps that it may import. `qlekta` is the roof: imported by nobody."""

FORBIDDEN_NAMES = {"utils", "helpers", "common", "core"}


def modules_of(app: str) -> list[Path]:
    return sorted((ROOT / app).rglob("*.py"))


def imported_apps(path: Path) -> Iterator[str]:
    """Every project app that a module imports, also inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found = [name.name for name in names]
            case ast.ImportFrom(module=str(module), level=0):
                found = [module]
            case _:
                continue
        yield from (top for name in found if (top := name.partition(".")[0]) in MAY_IMPORT)


def test_the_table_itself_has_no_circle() -> None:
    order = list(TopologicalSorter(MAY_IMPORT).static_order())
    assert order[0] == "datamap"
    assert order[-1] == "qlekta"


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_what_stands_below_it(app: str) -> None:
    assert modules_of(app), f"{app} has no modules"
    offences = {
        f"{path.relative_to(ROOT)} imports {other}"
        for path in modules_of(app)
        for other in imported_apps(path)
        if other != app and other not in MAY_IMPORT[app]
    }
    assert offences == set()


def test_every_project_app_stands_in_the_table(settings: object) -> None:
    installed = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert installed == set(MAY_IMPORT)


def test_a_forbidden_import_inside_a_function_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "late.py"
    module.write_text("def f():\n    from dsar import services\n", encoding="utf-8")
    assert set(imported_apps(module)) == {"dsar"}


def test_no_room_is_a_junk_drawer() -> None:
    rooms = {path.stem for app in MAY_IMPORT for path in (ROOT / app).rglob("*")}
    assert rooms & FORBIDDEN_NAMES == set()
