"""Tables: every line leads to a function of the right shape, and every file that could have a line has it."""

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from hatetinyllm.config.signature import read_options
from hatetinyllm.registry import Table

Shapes = Mapping[str, tuple[str, list[str]]]


@pytest.fixture(scope="module")
def shapes(page_tables: list[list[list[str]]]) -> Shapes:
    """Table -> its package and the arguments its functions are given before their options, from ARCHITECTURE.md."""
    heading, *rows = next(table for table in page_tables if table[0][0] == "table")
    assert heading == ["table", "room", "what the function is given", "section of a recipe", "file"]
    return {name: (f"hatetinyllm.{room}", given.replace(",", " ").split()) for name, room, given, _, _ in rows}


@pytest.fixture(scope="module")
def of_recipes(page_tables: list[list[list[str]]]) -> set[str]:
    """The tables whose functions a recipe names."""
    _, *rows = next(table for table in page_tables if table[0][0] == "table")
    return {name for name, _, _, section, _ in rows if section}


@pytest.fixture(scope="module")
def tables(shapes: Shapes) -> Mapping[str, Table]:
    return {name: getattr(import_module(package), name) for name, (package, _) in shapes.items()}


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _answer(function: ast.FunctionDef) -> str:
    return ast.unparse(function.returns) if function.returns else ""


def shape_problems(function: ast.FunctionDef, given: list[str]) -> list[str]:
    """What keeps a function from being an extension of this shape."""
    arguments = function.args
    plain = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    wrong = [] if plain == given else [f"is given {plain}, not {given}: an option stands after the *"]
    if arguments.vararg or arguments.kwarg:
        wrong.append("takes * or ** arguments, which no recipe can name")
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    wrong += [f"does not annotate {argument.arg!r}" for argument in every if argument.annotation is None]
    return wrong if function.returns else [*wrong, "does not say what it returns"]


def init_problems(package: str, tree: ast.Module) -> list[str]:
    """An `__init__` holds a table (one name bound to a Table), or re-exports, never both, and no work of its own."""
    tables = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Table(")]
    exports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{package}.")]
    wrong = [f"{package} holds a table and re-exports"] if tables and exports else []
    work = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [*wrong, *(f"{package} defines {node.name}, which belongs in a file" for node in work)]


def test_every_table_of_the_package_stands_on_the_page(trees: Mapping[str, ast.Module], shapes: Shapes) -> None:
    found = {
        (ast.unparse(node.targets[0]), module)
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Table(")
    }
    assert found == {(name, package) for name, (package, _) in shapes.items()}


def test_every_line_of_a_table_leads_to_a_function_of_its_shape(
    trees: Mapping[str, ast.Module], shapes: Shapes, tables: Mapping[str, Table]
) -> None:
    wrong = []
    for table, (package, given) in shapes.items():
        for name in tables[table]:
            module, _, function = tables[table].place(name).partition(":")
            found = functions_of(trees[module]).get(function) if module in trees else None
            if found is None or not module.startswith(f"{package}."):
                wrong.append(f"{table}: {name!r} leads to {module}:{function}, and there is no such function in {package}")
            else:
                wrong += [f"{table}: {name!r}: {module}:{function} {problem}" for problem in shape_problems(found, given)]
    assert not wrong, "\n".join(wrong)


def test_every_option_of_a_part_can_be_written_in_a_recipe(tables: Mapping[str, Table], of_recipes: set[str]) -> None:
    assert of_recipes >= {"DATASETS", "MODELS", "TUNINGS"}
    for table in sorted(of_recipes):
        for name in tables[table]:
            for option in read_options(tables[table].place(name)):  # raises for a type or a default that no recipe can hold
                assert option.name != "name", f"{table} {name!r}: 'name' is the recipe's own word"


def test_a_name_is_the_name_of_its_file_or_of_its_function(tables: Mapping[str, Table]) -> None:
    for table in tables.values():
        for name in table:
            module, _, function = table.place(name).partition(":")
            file_name = name.replace("-", "_").replace(".", "_")
            assert file_name in (module.rpartition(".")[2], function), f"{name!r} lives in {module}:{function}"


def test_every_file_of_the_kind_of_a_table_has_its_line(
    trees: Mapping[str, ast.Module], shapes: Shapes, tables: Mapping[str, Table]
) -> None:
    missing = []
    for table, (package, given) in shapes.items():
        places = {tables[table].place(name) for name in tables[table]}
        words = {place.partition(":")[2] for place in places}
        answers = {_answer(functions_of(trees[module])[word]) for module, _, word in (place.partition(":") for place in places)}
        for module, tree in trees.items():
            for name, function in functions_of(tree).items() if module.rpartition(".")[0] == package else ():
                alike = not name.startswith("_") and not shape_problems(function, given) and _answer(function) in answers
                if (name in words or (given and alike)) and f"{module}:{name}" not in places:
                    missing.append(f"{table} has no line for {module}:{name}")
    assert not missing, "\n".join(missing)


def test_every_card_of_a_dataset_has_its_line(trees: Mapping[str, ast.Module], tables: Mapping[str, Table]) -> None:
    listed = {tables["DATASETS"].place(name).partition(":")[0] for name in tables["DATASETS"]}
    with_card = {
        module
        for module, tree in trees.items()
        for node in tree.body
        if module.startswith("hatetinyllm.data.") and isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CARD"
    }
    assert with_card <= listed


def test_an_init_holds_a_table_or_re_exports_and_nothing_else(trees: Mapping[str, ast.Module], paths: Mapping[str, Path]) -> None:
    packages = [name for name, path in paths.items() if path.name == "__init__.py" and name != "hatetinyllm"]
    wrong = [problem for package in packages for problem in init_problems(package, trees[package])]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("def apply(net: Module, rank: int = 8) -> Module: ...", "after the *"),
        ("def apply(*, rank: int = 8) -> Module: ...", "not ['net']"),
        ("def apply(net: Module, *, rank=8) -> Module: ...", "does not annotate 'rank'"),
        ("def apply(net: Module, **options: int) -> Module: ...", "no recipe can name"),
        ("def apply(net: Module, *, rank: int = 8): ...", "returns"),
    ],
)
def test_the_rule_of_shapes_sees_a_wrong_one(source: str, seen: str) -> None:
    (problem,) = shape_problems(functions_of(ast.parse(source))["apply"], ["net"])
    assert seen in problem


@pytest.mark.parametrize(
    "source",
    [
        "from hatetinyllm.data.card import Card\nDATASETS = Table('dataset', {})",
        "DATASETS = Table('dataset', {})\ndef load(): ...",
    ],
)
def test_the_rule_of_inits_sees_a_mixture(source: str) -> None:
    assert len(init_problems("hatetinyllm.data", ast.parse(source))) == 1
