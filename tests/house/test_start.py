"""What a fresh process loads: the first words of the command line bring none of the heavy libraries."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

HEAVY = {"torch", "transformers", "peft", "accelerate", "sklearn", "scipy", "pydantic", "pyarrow", "huggingface_hub"}
if tuple(map(int, version("typer").split(".")[:2])) >= (0, 29):
    HEAVY -= {"pydantic"}  # typer itself imports it since 0.29; the tested version does not
RUN = """
import json, sys
sys.argv = ["hatetinyllm", *json.loads(sys.argv[1])]
from hatetinyllm.__main__ import run
code = 0
try:
    run()
except SystemExit as end:
    code = end.code or 0
print()
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def loaded_by(arguments: list[str], cache: Path) -> set[str]:
    """The top-level modules a process has loaded once the command line answered."""
    environment = {**os.environ, "HATETINYLLM_CACHE": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(arguments)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stdout + done.stderr
    return set(modules)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["train", "--help"], ["classify", "--help"]])
def test_help_loads_no_heavy_module(arguments: list[str], own_cache: Path) -> None:
    found = loaded_by(arguments, own_cache) & (HEAVY | {"numpy"})
    assert not found


@pytest.mark.parametrize(
    "arguments", [["data", "list"], ["data", "list", "--json"], ["data", "show", "demo"], ["data", "show", "demo", "--json"]]
)
def test_looking_at_data_loads_no_heavy_module(arguments: list[str], own_cache: Path) -> None:
    found = loaded_by(arguments, own_cache) & HEAVY
    assert not found


def test_importing_the_package_loads_nothing_but_itself() -> None:
    look = "import json, sys; before = set(sys.modules); import hatetinyllm; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    strangers = {name.partition(".")[0] for name in json.loads(done.stdout)} - {"hatetinyllm", *sys.stdlib_module_names}
    assert not strangers


def test_a_heavy_module_would_be_seen(own_cache: Path) -> None:
    look = "import json, sys, sklearn; print(json.dumps(sorted(name for name in sys.modules if '.' not in name)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert {"sklearn", "numpy"} <= set(json.loads(done.stdout)) & (HEAVY | {"numpy"})
