"""
Names to places: a table says where a thing lives, and nothing is imported until it is asked for.

A place is "package.module:function". A place can also be read as text (config/signature.py), so that a
recipe is checked, and `init` writes one, without importing torch.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from hatetinyllm.errors import MissingExtra, RecipeError, UnknownName, did_you_mean

# Modules the base installation does not bring -> the extra that does.
EXTRAS = {
    **dict.fromkeys(
        ("accelerate", "huggingface_hub", "peft", "pyarrow", "pydantic", "scipy", "sklearn", "torch", "transformers"), "train"
    ),
    "bitsandbytes": "gpu",
    "optuna": "sweep",
}


class Table:
    """A plural noun in capitals: the registered things of one kind."""

    def __init__(self, kind: str, places: Mapping[str, str]) -> None:
        self.kind = kind
        self._places = dict(places)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._places))

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def add(self, name: str, place: str) -> None:
        """Register a thing from outside the package; a name that is taken stays with its owner."""
        if self._places.get(name, place) != place:
            raise UnknownName(f"{self.kind} {name!r} is taken by {self._places[name]}, so {place} needs another name")
        if place.count(":") != 1:
            raise UnknownName(f"{self.kind} {name!r}: a place is written package.module:function, got {place!r}")
        self._places[name] = place

    @property
    def places(self) -> Mapping[str, str]:
        """Every name and its place, for those who read signatures."""
        return dict(self._places)

    def place(self, name: str) -> str:
        """Where a name lives; an unknown one is an error with the nearest right word."""
        if name not in self._places:
            raise UnknownName(f"there is no {self.kind} {name!r} ({did_you_mean(name, self._places)})")
        return self._places[name]

    def get(self, name: str) -> Callable[..., Any]:
        """The thing itself, imported now."""
        return find(self.place(name))


def find(place: str) -> Callable[..., Any]:
    """The function at "package.module:function"."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] | None = getattr(home(place), function, None)
    if found is None:
        raise UnknownName(f"{place}: the module {module} has no function {function!r}")
    return found


def home(place: str) -> ModuleType:
    """The module of "package.module:function"."""
    return _imported(place.partition(":")[0])


def load_plugins(modules: object) -> None:
    """Import the user's own modules by name, as a recipe lists them; each calls `TABLE.add(...)` when imported."""
    if not isinstance(modules, list | tuple) or not all(isinstance(module, str) for module in modules):
        raise RecipeError("the recipe cannot be followed", [f"plugins must be a list of module names, got {modules!r}"])
    for module in modules:
        try:
            _imported(module)
        except ModuleNotFoundError as error:
            if error.name != module.partition(".")[0] and error.name != module:
                raise
            raise UnknownName(
                f"plugin {module!r} cannot be imported", ["plugins are importable module names, as in plugins = ['mine']"]
            ) from error


def _imported(module: str) -> ModuleType:
    """A module by its name; one that needs a part that was not installed is an error that names the extra."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRAS:
            raise
        raise MissingExtra(
            f"{module} needs {missing}, which is not installed", [f'pip install "hatetinyllm[{EXTRAS[missing]}]"']
        ) from error
