"""`models`: the known language models, what each asks of a machine and of its user, and what is here already."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, facts, out, say_json, table
from hatetinyllm.errors import ModelError

if TYPE_CHECKING:
    from hatetinyllm.machine import Machine
    from hatetinyllm.models.card import ModelCard

models = typer.Typer(no_args_is_help=True, help="The language models.")
NUMBERS = ["parameters", "download", "tokens"]


@models.command("list")
def list_(json: Json = False) -> None:
    """Show every known model with its size, licence, key, context, and whether it fits this machine."""
    from hatetinyllm.machine import this_machine
    from hatetinyllm.models.card import cards
    from hatetinyllm.models.fit import RULE

    machine = this_machine()
    found = [_told(card, machine) for card in cards()]
    if json:
        say_json(found)
        return
    columns = ["name", *NUMBERS, "licence", "key", "scores", "learns", "here", "id"]
    rows = [
        [one["name"], _counted(one["parameters"]), _gigabytes(one["download_bytes"]), f"{one['max_tokens']:,}",
         one["licence"] + ("" if one["commercial"] else " *"), "needed" if one["gated"] else "–",
         one["scores"], one["learns"], "yes" if one["here"] else "other" if one["other"] else "–", one["id"]]
        for one in found
    ]  # fmt: skip
    out().print(table(columns, rows, right=NUMBERS))
    out().print("\n* no commercial use, and none of what is trained from it", markup=False)
    if any(one["other"] for one in found):
        out().print("other: the folder of this name in HATETINYLLM_MODELS does not hold this model", markup=False)
    out().print(f"{RULE}\nthis machine: {_in_words(machine)}", markup=False)
    out().print('any other model of the hub, or a folder: [model] name = "hub", id = "..." in a recipe', markup=False)


@models.command()
def show(
    name: Annotated[str, typer.Argument(help="A model, as `models list` names it.")],
    json: Json = False,
) -> None:
    """Show a model's source, revision, licence, shape, and what it needs."""
    from hatetinyllm.builtin.place import BUILTIN
    from hatetinyllm.data.licence import LICENCES
    from hatetinyllm.machine import this_machine
    from hatetinyllm.models.card import card_of
    from hatetinyllm.plain import plain

    card = card_of(name)
    if card is None and name == BUILTIN:
        raise ModelError("builtin is the decoder of the built-in bundle", ["hatetinyllm info builtin says what that is"])
    if card is None:
        raise ModelError(
            f"{name} is no one model: its shape is what you choose", [f"hatetinyllm init --model {name} writes its options"]
        )
    told, licence = _told(card, this_machine()), LICENCES[card.licence]
    if json:
        say_json({**plain(card), **told, "licence": licence})
        return
    key = f"needed: accept the terms at {card.page}, then hf auth login" if card.gated else "none"
    pickled = "" if card.safetensors else "; pickled alone: model.pickled = true reads it, and keeps a safetensors copy"
    out().print(
        facts(
            {
                "model": card.name,
                "source": card.page,
                "revision": card.revision or "not pinned: the commit is recorded when it is first loaded",
                "licence": f"{licence.name}{'' if card.commercial else ' (no commercial use)'} {licence.url}",
                "key": key,
                "parameters": f"{card.parameters:,}",
                "download": f"{_gigabytes(card.download_bytes)}{pickled}",
                "tokens": f"{card.max_tokens:,} at most",
                "scoring needs": _needs(told["scoring_bytes"], told["scores"]),
                "LoRA needs": f"{_needs(told['learning_bytes'], told['learns'])} (LoRA on every linear layer)",
                "here": told["here"] or (f"other: {told['other']} does not hold this model" if told["other"] else "no"),
                "notes": "\n".join(card.notes),
            }
        )
    )
    rows = [[key, value if isinstance(value, str | int | float) else _short(value)] for key, value in card.shape.items()]
    out().print("", table(["shape", ""], rows))


def _told(card: "ModelCard", machine: "Machine") -> dict[str, Any]:
    """What a list says of a model on this machine."""
    from hatetinyllm.models.fit import learning_bytes, place_for, scoring_bytes
    from hatetinyllm.models.local import find_local, find_other

    here, other = find_local(card), find_other(card)
    return {
        "name": card.name,
        "id": card.id,
        "revision": card.revision,
        "parameters": card.parameters,
        "download_bytes": card.download_bytes,
        "licence": card.licence,
        "commercial": card.commercial,
        "gated": card.gated,
        "max_tokens": card.max_tokens,
        "scoring_bytes": scoring_bytes(card),
        "learning_bytes": learning_bytes(card),
        "scores": place_for(scoring_bytes(card), machine),
        "learns": place_for(learning_bytes(card), machine),
        "here": str(here) if here else None,
        "other": str(other) if other else None,  # the user's own folder of its name, which holds something else
    }


def _in_words(machine: "Machine") -> str:
    gpus = ", ".join(f"{gpu.name} with {_gigabytes(gpu.memory)}" for gpu in machine.gpus) or "no NVIDIA card"
    return f"{_gigabytes(machine.memory)} of memory, {machine.cores} cores, {gpus}"


def _needs(needed: int, place: str) -> str:
    fits = {"gpu": "fits the largest card", "cpu": "fits the memory", "no": "does not fit this machine"}
    return f"{_gigabytes(needed)}, {fits[place]}"


def _counted(parameters: int) -> str:
    return f"{parameters / 1e9:.2f} B" if parameters > 9.95e8 else f"{parameters / 1e6:.0f} M"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.2f} GB"


def _short(value: Any) -> str:
    """A list of layers or a table of rotations, on one line."""
    if isinstance(value, list):
        return ", ".join(f"{value.count(kind)} × {kind}" for kind in dict.fromkeys(value))
    return ", ".join(f"{key} {_short(part) if isinstance(part, dict) else part}" for key, part in value.items())
