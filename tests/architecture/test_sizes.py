"""Rooms stay small: a file of at most 400 lines, a function of at most 50, at most 4 positional parameters."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_floors import MAY_IMPORT, ROOT

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_POSITIONAL = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef


def production_files() -> Iterator[Path]:
    for folder in (*MAY_IMPORT, "runner", "benchmarks"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def positional_parameters(function: Function) -> int:
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (1 if names[:1] in (["self"], ["cls"]) else 0)


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(ROOT))
        for path in production_files()
        if len(path.read_text().splitlines()) > MAX_FILE_LINES
    }
    assert long == set()


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{item.lineno} {item.name}"
        for path in production_files()
        for item in functions(path)
        if (item.end_lineno or 0) - item.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == set()


def test_no_function_takes_more_than_four_positional_parameters() -> None:
    wide = {
        f"{path.relative_to(ROOT)}:{item.lineno} {item.name}"
        for path in production_files()
        for item in functions(path)
        if positional_parameters(item) > MAX_POSITIONAL
    }
    assert wide == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = {
        str(path.relative_to(ROOT))
        for path in production_files()
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert silent == set()
