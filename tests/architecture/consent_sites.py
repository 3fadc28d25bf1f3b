"""Reads the code for what touches personal data on consent: which functions, and whether the gate stands before them.

A function touches them when it names a table that is held on consent, a purpose that rests on consent, or the record of
consents. Rights and terms reach the tables by their declarations alone and name none.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from datamap.catalogue import catalogue
from datamap.registry import registry
from datamap.terms import LawfulBasis
from tests.architecture.test_floors import MAY_IMPORT, ROOT

THE_RECORD = {"consent", "qlekta"}
"""The app that keeps the record of consents, and the roof with the catalogue and the demo."""

NO_CODE = {"privacy.py", "models.py"}
READS_THE_RECORD = frozenset(
    {
        *("cookie_status", "current_status", "current_status_of_token", "decided", "given_scopes"),
        *("status", "status_of_token"),
    }
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def purposes() -> list[str]:
    """The purposes of the catalogue that rest on consent."""
    return [code for code, item in catalogue().purposes.items() if item.basis is LawfulBasis.CONSENT]


@cache
def guarded_tables() -> dict[str, str]:
    """Class name -> label of the tables that are there for purposes on consent alone; what a law asks for is none."""
    on_consent = set(purposes())
    return {
        item.model.partition(".")[2]: item.model
        for item in registry().holdings
        if set(item.purposes) <= on_consent and item.basis is not LawfulBasis.LEGAL_OBLIGATION
    }


@cache
def _labels() -> frozenset[str]:
    return frozenset(label.lower() for label in guarded_tables().values())


@dataclass(frozen=True, slots=True)
class Mark:
    """A decorator of `datamap.uses` on a function: which one, its purposes, and what it asks before."""

    kind: str
    purposes: tuple[str, ...]
    before: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A function (or the body of a class or module) and what in it touches data on consent."""

    module: str
    name: str
    node: ast.AST
    touches: frozenset[str]
    marks: tuple[Mark, ...] = ()
    calls: list[tuple[int, str]] = field(default_factory=list)
    names: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def says(self) -> str:
        """What a reader of the list reads: the first sentence of the docstring."""
        text = ast.get_docstring(self.node) if isinstance(self.node, Function) else ""
        return " ".join((text or "").split("\n\n")[0].split())


def production_modules() -> list[Path]:
    """Every module of the apps that does something; migrations and declarations do nothing with a person's data."""
    found = (path for app in MAY_IMPORT for path in sorted((ROOT / app).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts and path.name not in NO_CODE]


def sites(paths: Iterable[Path], *, root: Path = ROOT) -> list[Site]:
    """Every function of these modules, with what it touches."""
    trees = {_module(path, root): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    shared = {f"{module}.{name}": code for module, tree in trees.items() for name, code in _aliases(tree).items()}
    return [site for module, tree in trees.items() for site in _sites_of(module, tree, shared)]


def _module(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def _sites_of(module: str, tree: ast.Module, shared: dict[str, str]) -> Iterator[Site]:
    """`shared` are the names for purposes that any module could import from another."""
    inside = module.split(".", 1)[0] in THE_RECORD
    imports = _imported(tree)
    readers = {name.rpartition(".")[2] for name in imports if name.startswith("consent.")} & READS_THE_RECORD
    borrowed = {name.rpartition(".")[2]: shared[name] for name in imports & shared.keys()}
    look = _Look({**borrowed, **_aliases(tree)}, frozenset() if inside else frozenset(readers), imports, inside=inside)
    loose: list[ast.AST] = []
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _site(module, node.name, node, look)
            case ast.ClassDef(body=body):
                methods = [item for item in body if isinstance(item, Function)]
                for item in methods:
                    yield _site(module, f"{node.name}.{item.name}", item, look)
                rest = [*node.decorator_list, *(item for item in body if item not in methods)]
                yield Site(module, node.name, node, look.at(rest), names=_names(rest), imports=imports)
            case _ if not (_is_alias(node) or isinstance(node, ast.Import | ast.ImportFrom)):
                loose.append(node)
    yield Site(module, "<module>", tree, look.at(loose), names=_names(loose), imports=imports)


def _site(module: str, name: str, node: Function, look: "_Look") -> Site:
    parts = [*node.body, node.args]
    return Site(module, name, node, look.at(parts), tuple(_marks(node)), calls(node), _names(parts), look.imports)


def _names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset(item.id for root in nodes for item in ast.walk(root) if isinstance(item, ast.Name))


def _imported(tree: ast.Module) -> frozenset[str]:
    found = (item for item in ast.walk(tree) if isinstance(item, ast.ImportFrom))
    return frozenset(f"{item.module}.{name.name}" for item in found for name in item.names)


def _marks(node: Function) -> Iterator[Mark]:
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="on_consent" | "asks_itself" as kind), args=args, keywords=words):
                codes = tuple(_code(item) for item in args)
                before = next((str(_code(word.value)) for word in words if word.arg == "before"), "")
                yield Mark(kind, codes, before)


def _code(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name(id="ANY_CONSENT"):
            return "*"
        case ast.Attribute(attr=text):
            return text
    return ast.unparse(node)


@dataclass(frozen=True, slots=True)
class _Look:
    """What to look for in one module: `aliases` are its own names for purposes, `readers` what it reads the record
    with; `inside` the record needs no leave to name what it keeps."""

    aliases: dict[str, str]
    readers: frozenset[str]
    imports: frozenset[str]
    inside: bool

    def at(self, nodes: Iterable[ast.AST]) -> frozenset[str]:
        return frozenset(found for root in nodes for node in ast.walk(root) if (found := self._touched(node)))

    def _touched(self, node: ast.AST) -> str:
        tables = guarded_tables()
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in tables:
                return tables[name]
            case ast.Constant(value=str() as text) if "." in text and text.lower() in _labels():
                return text
        return "" if self.inside else self._named(node)

    def _named(self, node: ast.AST) -> str:
        match node:
            case ast.Constant(value=str() as text) | ast.Attribute(attr=text) if text in purposes():
                return text
            case ast.Name(id=name) if name in self.aliases:
                return self.aliases[name]
            case ast.Name(id=name, ctx=ast.Load()) if name in self.readers:
                return f"{name}()"
        return ""


def _aliases(tree: ast.Module) -> dict[str, str]:
    """The names that a module has for purposes, such as `_PURPOSE`."""
    found = {}
    for node in tree.body:
        if _is_alias(node) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found[ast.unparse(target)] = _code(node.value)
    return found


def _is_alias(node: ast.AST) -> bool:
    match node:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return isinstance(value, ast.Constant | ast.Attribute) and _code(value) in purposes()
    return False


def calls(node: ast.AST) -> list[tuple[int, str]]:
    """Line and name of everything that is called in a body."""
    found = []
    for item in ast.walk(node):
        match item:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                found.append((item.lineno, name))
    return sorted(found)
