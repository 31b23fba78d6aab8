"""
Names to places: a table says where a thing lives, and nothing is imported until it is asked for.

A place is "package.module:function". `Table.signature` reads the function's options from its source text, so that a
recipe can be checked, and `init` can write one, without importing torch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from hatetinyllm.errors import UnknownName, did_you_mean


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
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def load_plugins(modules: Iterable[str]) -> None:
    """Import the user's own modules by name; each calls `TABLE.add(...)` when imported."""
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module.partition(".")[0] and error.name != module:
                raise
            raise UnknownName(f"plugin {module!r} cannot be imported", ["plugins are importable module names, as in plugins = ['mine']"]) from error
