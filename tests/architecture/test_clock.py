"""No clock at import: a time that is read when a module loads is frozen for the life of a worker."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_floors import ROOT
from tests.architecture.test_sizes import production_files

CLOCKS = {"now", "today", "utcnow", "time", "localtime", "localdate", "monotonic"}


def clocks_read_at_import(path: Path) -> Iterator[int]:
    """Line numbers of calls to a clock outside any function."""

    def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield child
                yield from outside_functions(child)

    for node in outside_functions(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield node.lineno


def test_no_module_reads_a_clock_at_import() -> None:
    frozen = {f"{path.relative_to(ROOT)}:{line}" for path in production_files() for line in clocks_read_at_import(path)}
    assert frozen == set()


def test_a_clock_at_import_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "frozen.py"
    module.write_text("YEAR_AGO = timezone.now() - YEAR\ndef f():\n    return timezone.now()\n", encoding="utf-8")
    assert list(clocks_read_at_import(module)) == [1]
