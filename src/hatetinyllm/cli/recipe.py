"""What can be said of a recipe at once, before any heavy library is imported: whose it is, and whether its words are right."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hatetinyllm.errors import RecipeError

if TYPE_CHECKING:
    from hatetinyllm.config.recipe import Section

KINDS: Mapping[str, tuple[str, ...]] = {  # sections of its own
    "sweep": ("sweep",),  # first: such a recipe has the sections of one for `train`, too
    "train": ("train", "tuning"),
    "zero-shot": ("zero_shot",),
    "pretrain": ("corpus", "pretrain"),
}
ALSO: Mapping[str, tuple[str, ...]] = {"sweep": ("train",)}  # whose recipes a command takes besides its own


def refuse_other_kind(given: Mapping[str, Any], *, command: str, typed: str) -> None:
    """Refuse a recipe that only another command can follow; `typed` is what stood behind the command's name."""
    kinds = [kind for kind, own in KINDS.items() if any(section in given for section in own)]
    followed = kinds[:1] if kinds[:1] == ["sweep"] else kinds
    if followed and not {command, *ALSO.get(command, ())} & set(followed):
        raise RecipeError(f"this is no recipe for `{command}`", [f"it is followed by: hatetinyllm {kinds[0]} {typed}"])


def check_early(given: Mapping[str, Any], sections: Mapping[str, "Section"], *, to_read: bool = True) -> None:
    """Tell at once what is wrong with names, options and licences; a recipe with plugins is checked once they are imported."""
    from hatetinyllm.config.recipe import resolve
    from hatetinyllm.data.dataset import card_of, require_consent

    if "plugins" in given:
        return
    recipe = resolve(given, sections)
    if to_read and (card := card_of(recipe["data"].name)):
        require_consent(card)
