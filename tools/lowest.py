"""Prints, as constraints, the lowest version of everything the package asks for, so that a promise such as >=1.2 is tested."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def main() -> None:
    """One line for each dependency of the base and of every extra but the developers' own."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for name in extras if name != "dev" for one in extras[name])]
    for requirement in asked:
        if found := re.match(r"([\w-]+)>=([\w.]+)", requirement):
            print(f"{found[1]}=={found[2]}")


if __name__ == "__main__":
    main()
