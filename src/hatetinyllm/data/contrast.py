"""
The contrast corpus: sentences of the project's own, in pairs that differ in a few words and in their label.

licence: Apache-2.0    languages: en    rows: 11,632
source:  this project, contrast_frames.toml and contrast_words.toml

It teaches what makes a text hateful beyond its words: who is meant, what is denied, who is quoted and to what end. So every
group stands as often in hateful as in harmless sentences, and most frames stand in both. Its frames owe nothing to any
published test suite. The two or three rows of a draw are partners; a row's slice is what it is about, its group its frame.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from hatetinyllm.data.card import Card
from hatetinyllm.data.checks import checked_splits
from hatetinyllm.data.contrast_frames import Filling, Frame, Frames, Function, Text, read_frames, roles
from hatetinyllm.data.contrast_spelling import mistype, spell_oddly
from hatetinyllm.data.contrast_words import Named, Words, read_words
from hatetinyllm.types import Example, Seed, Share, Splits

PARTS_MADE = ("train", "dev")
ODD_SPELLING = {"hate": "odd spelling", "not_hate": "odd spelling, no hate"}
CASES = (*["first letter"] * 10, *["as is"] * 4, *["lower"] * 5, "upper")
STYLED_SHARE = 0.4  # of the draws have something before their first word, and as many after their last
TRIES = 1000

CARD = Card(
    name="contrast",
    title="Contrast: sentences written by the project, hateful and harmless by a few words",
    version="1",
    licence="apache-2.0",
    languages=("en",),
    source="this project",
    citation="The HateTinyLLM developers.",
    files=(),
    counts={
        "train": {"hate": 3_792, "not_hate": 5_437},
        "dev": {"hate": 991, "not_hate": 1_412},
    },
    heads=("hate", "toxicity", "type", "target"),
    traps=(
        "Made by a grammar to be learnt from: a result on its dev part says that frames were understood, not that hate is found.",
        "It holds slurs and violent sentences, all false and all written to be recognised.",
        "Toxicity is not answered where it is not clear, as where hate is quoted.",
    ),
)


def load(
    *,
    seed: Seed = 7,
    mistyped: Share = 0.1,  # of the draws have a slip of the finger
    hidden: Share = 0.1,  # of the draws are spelt to be overlooked
) -> Splits:
    """The rows that a seed draws; every seed gives other rows of the same frames, and as many."""
    grammar = Grammar(words=read_words(), frames=read_frames(), mistyped=mistyped, hidden=hidden)
    seen: set[str] = set()
    rows = {part: _rows(part, grammar, seen, _random(seed, part)) for part in PARTS_MADE}
    return checked_splits(CARD, {}, train=rows["train"], dev=rows["dev"])


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """All that rows are made of, and how often their spelling is off."""

    words: Words
    frames: Frames
    mistyped: float
    hidden: float


def _random(seed: int, what: str) -> Random:
    return Random(f"{seed} {what}")  # noqa: S311 - the same seed must give the same rows


def _rows(part: str, grammar: Grammar, seen: set[str], random: Random) -> list[Example]:
    groups = _in_turn(grammar.words.groups, random)
    frames = [frame for frame in grammar.frames.frames if frame.part == part]
    rows = [
        row
        for frame in frames
        for number in range(frame.draws)
        for row in _draw(frame, number, next(groups), grammar, seen, random)
    ]
    random.shuffle(rows)
    return rows


def _in_turn(groups: Sequence[Named], random: Random) -> Iterator[Named]:
    """Every group as often as any other, in no order."""
    while True:
        yield from random.sample(groups, len(groups))


def _draw(frame: Frame, number: int, group: Named, grammar: Grammar, seen: set[str], random: Random) -> list[Example]:
    """The rows of one draw, none of which was there before."""
    for _ in range(TRIES):
        cast = _cast(frame, group, grammar, random)
        filling = _filling(frame, cast, grammar, random)
        texts = [filling.fill(text) for text in frame.texts]
        hidden = random.random() < grammar.hidden
        written = _written(texts, grammar, hidden, random)
        known = {text.casefold() for text in written}
        if len(known) == len(written) and seen.isdisjoint(known):
            seen |= known
            ids = [f"{frame.name}-{number}-{place}" for place in range(1, len(written) + 1)]
            return [
                _example(
                    frame,
                    place,
                    written[place],
                    ids,
                    _named(text, filling, cast),
                    grammar.frames.functions[text.function],
                    hidden,
                )
                for place, text in enumerate(frame.texts)
            ]
    raise AssertionError(f"frame {frame.name} has fewer texts than {frame.draws} draws need")


def _cast(frame: Frame, group: Named, grammar: Grammar, random: Random) -> dict[str, Named]:
    slurs = [slur for slur in grammar.words.slurs if frame.slur in (None, slur.one)]
    slur = random.choice(slurs)
    return {"P": group, "U": random.choice(grammar.words.others), "X": slur, "H": replace(slur, targets=())}


def _filling(frame: Frame, cast: Mapping[str, Named], grammar: Grammar, random: Random) -> Filling:
    forms = {slot: word for role, named in cast.items() for slot, word in named.forms(role).items()}
    slots = {**grammar.words.slots, **grammar.frames.slots[frame.part]}
    return Filling(cast={**forms, "T": random.choice(slots["thing"])}, slots=slots, random=random, chosen={})


def _written(texts: Sequence[str], grammar: Grammar, hidden: bool, random: Random) -> list[str]:
    """The texts in one hand: partners begin and end alike, so that no style says what a text is."""
    before, after = (random.choice(words) if random.random() < STYLED_SHARE else "" for words in grammar.words.style.values())
    case, slips = random.choice(CASES), random.random() < grammar.mistyped
    written = []
    for text in texts:
        spelt = spell_oddly(text, random) if hidden else mistype(text, random) if slips else text
        written.append(_cased(f"{before}{spelt}{after}", case))
    return written


def _cased(text: str, case: str) -> str:
    """Capitals as a writer has them; a link or a name in the style stays readable."""
    if case == "first letter":
        return f"{text[0].upper()}{text[1:]}"
    return {"lower": text.lower(), "upper": text.upper()}.get(case, text)


def _named(text: Text, filling: Filling, cast: Mapping[str, Named]) -> tuple[str, ...]:
    """The targets of those a text names."""
    found = {target for role in roles(text, filling) if role in cast for target in cast[role].targets}
    return tuple(sorted(found))


def _example(
    frame: Frame, place: int, text: str, ids: Sequence[str], named: tuple[str, ...], function: Function, hidden: bool
) -> Example:
    labels = {
        "hate": (function.hate,),
        **({"toxicity": (function.toxicity,)} if function.toxicity else {}),
        "type": function.types,
        "target": named if function.hate == "hate" else (),
    }
    return Example(
        text=text,
        id=ids[place],
        labels=labels,
        partners=tuple(id for id in ids if id != ids[place]),
        group=frame.name,
        slice=ODD_SPELLING[function.hate] if hidden else frame.texts[place].function,
        mentions=named,
    )
