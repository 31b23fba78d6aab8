"""What the README prints runs as printed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from hatetinyllm.config.recipe import resolve
from hatetinyllm.training.sections import sections

README = Path(__file__).parent.parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_python_hello_runs_as_printed(tmp_path: Path) -> None:
    (hello,) = blocks("python")
    assert len([line for line in hello.splitlines() if line]) <= 12
    done = subprocess.run([sys.executable, "-c", hello], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Verdict(guess=")
    assert "Result(name='demo', head='hate', positive='hate', rows=400" in done.stdout


@pytest.mark.parametrize("recipe", blocks("toml"))
def test_a_printed_recipe_can_be_followed(recipe: str) -> None:
    assert resolve(tomllib.loads(recipe), sections())


def test_every_printed_command_is_known() -> None:
    from hatetinyllm.cli.main import app

    known = set(typer.main.get_command(app).commands)
    printed = re.findall(r"^hatetinyllm ([a-z-]+)|`hatetinyllm ([a-z-]+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert {one or other for one, other in printed} <= known
