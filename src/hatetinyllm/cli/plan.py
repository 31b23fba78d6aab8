"""What `train --dry-run` says: what would learn, the memory, the time, and what was measured and what assumed to say so."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hatetinyllm.cli.output import facts, out, say_json

if TYPE_CHECKING:
    from hatetinyllm.config.recipe import Recipe
    from hatetinyllm.training.counts import Counts
    from hatetinyllm.training.duration import Duration
    from hatetinyllm.training.memory import Memory
    from hatetinyllm.training.plan import Plan

SPARE = 0.1  # of the memory: where less would be left, other programs may not have what they need
FORMULA = "program + weights + optimiser + the larger of (gradients + activations) and judging"


def say_plan(given: Mapping[str, Any], *, as_json: bool) -> None:
    """Check a recipe, work out what following it would come to, and say so."""
    from hatetinyllm.data.dataset import card_of, consent_missing
    from hatetinyllm.machine import this_machine
    from hatetinyllm.training.follow import check
    from hatetinyllm.training.plan import plan

    recipe = check(given, to_read=False)
    made = plan(recipe, this_machine())
    card = card_of(recipe["data"].name)
    before = "\n".join([*([f"hatetinyllm data accept {card.name}"] if card and consent_missing(card) else []), *_lacking(recipe)])
    if as_json:
        say_json(_as_json(made) | {"before": before})
        return
    options = recipe["train"].options
    block = f"{made.batch.texts} texts of {made.batch.tokens} tokens, {made.layout}, {options['precision']}"
    block += ", worked out again for the gradients" if options["recompute"] else ""
    _say("What would learn", _counts(made.counts))
    _say(f"Memory, with {block}", _memory(made.memory))
    _say("Time on this machine", _time(made))
    if made.kept_bytes:
        _say("Disk, while it trains", {f"before block {options['frozen_blocks']}": _kept(made)})
    _say("Told by", _sources(made) | {"before training": before})


def _lacking(recipe: "Recipe") -> list[str]:
    """What training would refuse of the model, in its words; the plan itself needs no weights."""
    from hatetinyllm.errors import ModelError
    from hatetinyllm.models.model import check_model

    try:
        check_model(recipe["model"])
    except ModelError as error:
        return [error.message]
    return []


def _say(heading: str, pairs: Mapping[str, object]) -> None:
    out().print(f"[bold]{heading}[/]")
    out().print(facts(pairs))
    out().print()


def _counts(counts: "Counts") -> dict[str, str]:
    beside = f"; {_percent(counts.causal_share)} of {counts.causal:,} as a language model, without the readout"
    return {
        "adapter": f"{counts.adapter:,}" if counts.adapter else "",
        "decoder": f"{counts.decoder:,} of its own weights" if counts.decoder else "",
        "readout": f"{counts.readout:,}",
        "in all": f"{counts.total:,}",
        "share": f"{_percent(counts.share)} of {counts.net:,}{beside if counts.causal else ''}",
        "layers": "\n".join(
            f"{layer.name}: {layer.weights:,}" + (f" in {layer.times} of {counts.blocks} blocks" if layer.times > 1 else "")
            for layer in counts.layers
        ),
    }


def _memory(memory: "Memory") -> dict[str, str]:
    fits = {True: "it fits", False: "it does NOT fit", None: "what there is, nobody says"}[memory.fits]
    left = memory.available - memory.peak
    if memory.fits and left < SPARE * memory.available:
        fits = f"it fits, barely: {_size(left)} would be left"
    there = f" of {_size(memory.available)}" if memory.available else ""
    parts = ("program", "weights", "optimiser", "gradients", "activations", "judging")
    return {name: _size(getattr(memory, name)) for name in parts} | {"in all": f"{_size(memory.peak)}{there}: {fits}"}


def _time(made: "Plan") -> dict[str, str]:
    duration, steps = made.duration, made.steps
    if duration is None or steps is None:
        return {"unknown": "nobody knows how many rows there are"}
    rows = ", ".join(f"{part} {count:,}" for part, count in made.rows.rows.items())
    return {
        "rows": f"{rows} ({'counted' if made.rows.read else 'by the card of the data set, none was read'})",
        "steps": f"{'about ' if steps.estimated else ''}{steps.number:,}, each {_span(duration.step_s)}",
        "a step": f"{steps.texts:,.0f} texts, {steps.tokens:,.0f} tokens on average",
        "kept once": _span(duration.lower_s) if made.kept_bytes else "",
        "judging": f"{_span(duration.judging_s)} for {duration.judged:,} texts",
        "saving": _span(duration.saving_s),
        "in all": _span(duration.total_s),
    }


def _kept(made: "Plan") -> str:
    tokens = round(made.mean_tokens * made.rows.rows["train"])
    return f"{_size(made.kept_bytes)} for about {tokens:,} tokens, worked out once and read in every epoch"


def _sources(made: "Plan") -> dict[str, str]:
    measured = _measured(made.duration) if made.duration else "nothing"
    return {
        "memory": f"{FORMULA}; a step was rehearsed without numbers",
        "measured": measured,
        "assumed": "\n".join([*made.assumed, *_always_assumed()]),
    }


def _measured(duration: "Duration") -> str:
    speed = duration.speed
    where = f"{speed.threads} thread{'s' if speed.threads > 1 else ''} of the CPU" if speed.device == "cpu" else speed.device
    rates = f"{speed.flops_per_s / 1e9:,.0f} GFLOP/s in products of matrices, {speed.bytes_per_s / 1e9:,.1f} GB/s in the rest"
    share = f"{speed.measured_share:.0%} of its time was timed, the rest worked out"
    return f"{rates}, on {where}; a step has {duration.flops / 1e9:,.1f} GFLOP; {share}"


def _always_assumed() -> list[str]:
    from hatetinyllm.training.duration import CALL_S, EFFICIENCY
    from hatetinyllm.training.memory import SPARE

    return [
        f"a step keeps {EFFICIENCY:.0%} of the speed its operations show alone, and every call costs {CALL_S * 1e6:g} µs more",
        f"the allocator holds {SPARE:g} times the activations",
        "start-up and reading the data come on top of the time",
    ]


def _as_json(made: "Plan") -> dict[str, Any]:
    """The plan with its sums, for programs."""
    from hatetinyllm.plain import plain

    told: dict[str, Any] = plain(made)
    counts, memory, duration = made.counts, made.memory, made.duration
    told["counts"] |= {"total": counts.total, "share": counts.share, "causal_share": counts.causal_share}
    told["memory"] |= {"peak": memory.peak, "fits": memory.fits}
    if duration:
        told["duration"] |= {"total_s": duration.total_s}
    return told | {"assumed": [*made.assumed, *_always_assumed()]}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.4f} %"


def _size(count: int) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"


def _span(seconds: float) -> str:
    """Seconds in the unit people would use."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:,.1f} s" if seconds >= 0.1 else f"{seconds * 1000:,.1f} ms"
