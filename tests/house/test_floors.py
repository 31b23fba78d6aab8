"""Imports only go down, as the table of floors in ARCHITECTURE.md draws them, and are lazy in three places only."""

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

import pytest

PACKAGE = "hatetinyllm"
TYPING_ONLY = "typing only"
AT_TOP = "top"
LAZY = "lazy"

Floors = Mapping[str, int]


@pytest.fixture(scope="module")
def rooms(page_tables: list[list[list[str]]]) -> dict[str, tuple[int, str, set[str]]]:
    """Room -> its floor, what is said of it, and the libraries it may import."""
    heading, *rows = next(table for table in page_tables if table[0][0] == "floor")
    assert heading == ["floor", "room", "what lives there", "from outside"]
    return {room: (int(floor), said, set(outside.replace(",", " ").split())) for floor, room, said, outside in rows}


@pytest.fixture(scope="module")
def floors(rooms: Mapping[str, tuple[int, str, set[str]]]) -> Floors:
    return {room: floor for room, (floor, _, _) in rooms.items()}


def room_of(module: str) -> str:
    """The first word below the package; the package itself is its `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every module a file imports, and when: as it is read, inside a function, or for the type checker alone."""
    for node, when in _walk(tree, AT_TOP):
        if isinstance(node, ast.Import):
            yield from ((alias.name, when) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((f"{module}.{alias.name}" if module == PACKAGE else module, when) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield ast.unparse(node), LAZY


def _walk(node: ast.AST, when: str) -> Iterator[tuple[ast.AST, str]]:
    for child in ast.iter_child_nodes(node):
        inside = when
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = LAZY
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            inside = TYPING_ONLY
        yield child, when
        yield from _walk(child, inside)


def climbs(module: str, tree: ast.Module, floors: Floors) -> list[str]:
    """The imports of a module that do not go down."""
    here, wrong = room_of(module), []
    for imported, when in imports(tree):
        if imported.startswith("."):
            wrong.append(f"{module} imports {imported}: write it absolutely")
        if imported.split(".")[0] != PACKAGE or (here == "__init__" and when == TYPING_ONLY):
            continue
        there = room_of(imported)
        if there not in floors or there == "__init__":
            wrong.append(f"{module} takes {imported} from the root: import it from where it lives")
        elif there != here and floors[there] >= floors.get(here, 0):
            wrong.append(f"{module} (floor {floors.get(here)}) imports {imported} (floor {floors[there]})")
    return wrong


def lazy_ones(module: str, tree: ast.Module) -> list[str]:
    """The lazy imports of a module that stand where none may."""
    if room_of(module) in ("registry", "cli"):
        return []
    if module == PACKAGE:
        tree = ast.Module([node for node in tree.body if getattr(node, "name", "") != "__getattr__"], [])
    return [f"{module} imports {imported} lazily" for imported, when in imports(tree) if when == LAZY]


def outsiders(module: str, tree: ast.Module, allowed: set[str]) -> list[str]:
    """The libraries a module imports that its room does not name."""
    known = allowed | {PACKAGE, *sys.stdlib_module_names}
    tops = sorted({imported.split(".")[0] for imported, _ in imports(tree) if "(" not in imported})
    return [f"{module} imports {top}, which its room does not name" for top in tops if top and top not in known]


def test_every_room_has_a_floor_and_every_floor_its_room(
    trees: Mapping[str, ast.Module], rooms: Mapping[str, tuple[int, str, set[str]]]
) -> None:
    standing = {room for room, (_, said, _) in rooms.items() if "*planned*" not in said}
    assert {room_of(module) for module in trees} == standing


def test_imports_only_go_down(trees: Mapping[str, ast.Module], floors: Floors) -> None:
    wrong = [problem for module, tree in trees.items() for problem in climbs(module, tree, floors)]
    assert not wrong, "\n".join(wrong)


def test_imports_are_lazy_in_three_places_only(trees: Mapping[str, ast.Module]) -> None:
    wrong = [problem for module, tree in trees.items() for problem in lazy_ones(module, tree)]
    assert not wrong, "\n".join(wrong)


def test_a_room_imports_only_the_libraries_it_names(
    trees: Mapping[str, ast.Module], rooms: Mapping[str, tuple[int, str, set[str]]]
) -> None:
    wrong = [
        problem
        for module, tree in trees.items()
        if room_of(module) in rooms
        for problem in outsiders(module, tree, rooms[room_of(module)][2])
    ]
    assert not wrong, "\n".join(wrong)


def test_no_library_is_named_by_a_room_that_does_not_import_it(
    trees: Mapping[str, ast.Module], rooms: Mapping[str, tuple[int, str, set[str]]]
) -> None:
    idle = []
    for room, (_, _, named) in rooms.items():
        used = {
            imported.split(".")[0] for module, tree in trees.items() if room_of(module) == room for imported, _ in imports(tree)
        }
        idle += [f"{room} names {library} and does not import it" for library in sorted(named - used)]
    assert not idle, "\n".join(idle)


def test_no_module_imports_itself_by_a_detour(trees: Mapping[str, ast.Module]) -> None:
    graph = {module: {imported for imported, when in imports(tree) if when == AT_TOP} for module, tree in trees.items()}
    assert list(TopologicalSorter(graph).static_order())  # a cycle raises, and the error names it


@pytest.mark.parametrize(
    ("module", "source", "seen"),
    [
        ("hatetinyllm.data.mine", "from hatetinyllm.models.hub import load", "floor 4"),
        ("hatetinyllm.data.mine", "import hatetinyllm.metrics.ranking", "floor 3"),
        ("hatetinyllm.data.mine", "def f():\n    from hatetinyllm import cli", "floor 8"),
        ("hatetinyllm.data.mine", "from hatetinyllm import Detector", "from the root"),
        ("hatetinyllm.data.mine", "from . import card", "absolutely"),
        ("hatetinyllm.types", "from hatetinyllm.labels import SCHEMES", "floor 1"),
        ("hatetinyllm.types", "if TYPE_CHECKING:\n    from hatetinyllm.labels import SCHEMES", "floor 1"),
    ],
)
def test_the_rule_of_floors_sees_a_climb(module: str, source: str, seen: str, floors: Floors) -> None:
    assert [seen in problem for problem in climbs(module, ast.parse(source), floors)] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import torch",
        "class A:\n    def f(self):\n        from torch import nn",
        "from importlib import import_module\ntorch = import_module('torch')",
        "f = lambda: __import__('torch')",
    ],
)
def test_the_rule_of_laziness_sees_a_hidden_import(source: str) -> None:
    assert len(lazy_ones("hatetinyllm.data.mine", ast.parse(source))) == 1
    assert not lazy_ones("hatetinyllm.cli.mine", ast.parse(source))


def test_only_the_getattr_of_the_root_is_lazy() -> None:
    tree = ast.parse("def __getattr__(name):\n    import torch\ndef other():\n    import peft")
    assert lazy_ones(PACKAGE, tree) == ["hatetinyllm imports peft lazily"]
    assert len(lazy_ones("hatetinyllm.data", tree)) == 2


def test_the_rule_of_libraries_sees_a_stranger() -> None:
    assert len(outsiders("hatetinyllm.policy", ast.parse("import math\nimport numpy as np"), set())) == 1
