"""Importing a module builds its functions, classes and tables, and does nothing else."""

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

ALLOWED = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
ACTIVE = re.compile(  # what is called at import may not be any of these
    r"""(^|\.)(
        open | print | input | exec | eval | setattr | import_module | __import__
      | getenv | putenv | environ\..* | read_text | read_bytes | write_text | write_bytes | mkdir | exists | is_file | is_dir
      | iterdir | glob | rglob | home | cwd | getcwd | expanduser | resolve | stat | unlink | load | loads
      | basicConfig | addHandler | setLevel | filterwarnings | simplefilter | set_[a-z_]+ | manual_seed | is_available
      | device_count | register[a-z_]* | find_spec | urlopen | system
    )$
    | ^(os|shutil|subprocess|socket|urllib|random|time|datetime|signal|atexit|tempfile|platform|locale|warnings)\.
    | ^(numpy|np)\.random\. | ^importlib\.""",
    re.VERBOSE,
)
OF_THE_COMMAND_LINE = re.compile(r"^[a-z_]*app\.(add_typer|command|callback)\b")


def problems(module: str, tree: ast.Module) -> Iterator[str]:
    """What a module does when it is imported."""
    for node in tree.body:
        if not _may_stand(module, node):
            yield f"{module}, line {node.lineno}: {ast.unparse(node).splitlines()[0]}"
    for node in _run_at_import(tree):
        if isinstance(node, ast.Call) and ACTIVE.search(ast.unparse(node.func)):
            yield f"{module}, line {node.lineno} calls {ast.unparse(node.func)}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "sys.argv", "sys.path"):
            yield f"{module}, line {node.lineno} looks at {ast.unparse(node)}"
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield f"{module}, line {node.lineno} changes {ast.unparse(node)}"


def _may_stand(module: str, node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True  # a docstring
        case ast.Expr(value=ast.Call(func=called)):
            return module.startswith("hatetinyllm.cli.") and bool(OF_THE_COMMAND_LINE.match(ast.unparse(called)))
        case ast.For(body=body, orelse=[]):
            return module.startswith("hatetinyllm.cli.") and all(_may_stand(module, inner) for inner in body)
        case ast.If(test=test, orelse=[]) if ast.unparse(test).endswith("TYPE_CHECKING"):
            return all(isinstance(inner, ast.Import | ast.ImportFrom) for inner in node.body)
        case ast.If(test=test) if ast.unparse(test).startswith(("sys.platform", "sys.version_info")):
            return all(_may_stand(module, inner) for inner in (*node.body, *node.orelse))
        case ast.If(test=test):
            return module == "hatetinyllm.__main__" and ast.unparse(test) == "__name__ == '__main__'"
    return isinstance(node, ALLOWED)


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the file is read: not the bodies of functions, but their defaults and decorators."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
        return
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _run_at_import(child)


def test_no_module_does_anything_when_it_is_imported(trees: Mapping[str, ast.Module]) -> None:
    wrong = [problem for module, tree in trees.items() for problem in problems(module, tree)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nHOME = os.environ['HOME']",
        "import os\nHOME = os.getenv('HOME')",
        "from os import getenv\nHOME = getenv('HOME')",
        "import os\nos.environ['TOKENIZERS_PARALLELISM'] = 'false'",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import logging\nlogging.basicConfig()",
        "import torch\ntorch.set_num_threads(1)",
        "import torch\nDEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'",
        "import torch\ntorch.backends.cudnn.deterministic = True",
        "print('hello')",
        "TABLE = open('table.csv')",
        "from pathlib import Path\nTEXT = Path('table.csv').read_text()",
        "from importlib.resources import files\nTEXT = files('hatetinyllm').joinpath('x').read_text()",
        "import random\nSEED = random.random()",
        "def f(path=open('x')): ...",
        "class A:\n    home = Path.home()",
        "for name in ('a', 'b'):\n    pass",
        "try:\n    import peft\nexcept ImportError:\n    peft = None",
        "with suppress(ImportError):\n    import peft",
        "if __name__ == '__main__':\n    run()",
        "TABLE['mine'] = 1",
    ],
)
def test_the_rule_sees_work_at_import(source: str) -> None:
    assert list(problems("hatetinyllm.data.mine", ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "NAMES = frozenset({'a'})",
        "CARD = Card(name='mine', counts={'train': 1})",
        "WORD = re.compile('[a-z]+')",
        "LOG = logging.getLogger(__name__)",
        "LOCK = threading.Lock()",
        "import sys\nif sys.platform == 'win32':\n    import msvcrt\nelse:\n    import fcntl",
        "def f():\n    print(open('x').read())",
        "@dataclass(frozen=True)\nclass A:\n    rows: list = field(default_factory=list)",
    ],
)
def test_the_rule_leaves_tables_and_definitions_alone(source: str) -> None:
    assert not list(problems("hatetinyllm.data.mine", ast.parse(source)))
