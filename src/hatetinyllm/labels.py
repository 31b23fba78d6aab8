"""
Label schemes, and the one mapping from each source's labels to ours.

A scheme is a question asked of a text. `hate` is the headline; the others stand beside it where a source answers them.
A source's own words meet ours here and nowhere else, so that two datasets cannot disagree about a name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hatetinyllm.errors import DataError, UnknownName, did_you_mean


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A question, its answers and which answer a score speaks of; `many` answers may hold at once."""

    name: str
    labels: tuple[str, ...]
    positive: str | None
    question: str
    many: bool = False


SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme(
            name="hate",
            labels=("not_hate", "hate"),
            positive="hate",
            question="Does the text attack people for what they are (a protected characteristic)?",
        ),
        Scheme(
            name="toxicity",
            labels=("not_toxic", "toxic"),
            positive="toxic",
            question="Is the text rude or disrespectful enough to make people leave?",
        ),
        Scheme(
            name="offence",
            labels=("not_offensive", "offensive"),
            positive="offensive",
            question="Does the text insult, swear or degrade, at anybody?",
        ),
        Scheme(
            name="aggression",
            labels=("none", "covert", "overt"),
            positive=None,
            question="Is the text aggressive, and openly so?",
        ),
        Scheme(
            name="addressee",
            labels=("nobody", "individual", "group", "other"),
            positive=None,
            question="At whom is the offence aimed?",
        ),
        Scheme(
            name="type",
            labels=("animosity", "dehumanisation", "derogation", "prejudice", "support", "threat", "stereotype", "irony"),
            positive=None,
            question="In which way is the text hateful?",
            many=True,
        ),
        Scheme(
            name="target",
            labels=(
                "arabs", "asian_people", "bisexual_people", "black_people", "christians", "disabled_people",
                "ethnic_minorities", "foreigners", "gay_people", "gender_minorities", "hindus", "hispanic_people",
                "immigrants", "indigenous_people", "jews", "men", "mixed_race_people", "muslims", "old_people",
                "political_groups", "refugees", "roma", "sikhs", "trans_people", "white_people", "women",
                "working_class", "other",
            ),
            positive=None,
            question="Which people does the text attack?",
            many=True,
        ),
    )
}  # fmt: skip

# source -> scheme -> the source's word -> ours. A tuple stands for several answers, an empty one for "none of them".
Words = Mapping[str, str | tuple[str, ...]]
_DYNABENCH_TARGETS: Words = {
    "none": (), "notgiven": (), "notargetrecorded": (), "": (),
    "abo": "indigenous_people", "african": "black_people", "arab": "arabs", "asi": "asian_people",
    "bis": "bisexual_people", "bla": "black_people", "blaman": ("black_people", "men"),
    "blawom": ("black_people", "women"), "wom": "women",
}  # fmt: skip

SOURCES: Mapping[str, Mapping[str, Words]] = {
    "dynahate": {
        "hate": {"hate": "hate", "nothate": "not_hate", "nohate": "not_hate"},
        "type": {"none": (), "animosity": "animosity", "dehumanization": "dehumanisation", "derogation": "derogation", "support": "support", "threatening": "threat"},
        "target": _DYNABENCH_TARGETS,
    },
}


def translate(source: str, scheme: str, words: str | Sequence[str]) -> tuple[str, ...]:
    """Our labels for one or more of the source's words, in the scheme's order and each once."""
    known = SOURCES[source][scheme]
    found: set[str] = set()
    for word in [words] if isinstance(words, str) else words:
        if word not in known:
            raise DataError(f"{source}: {scheme} has no label {word!r} ({did_you_mean(word, known)})")
        ours = known[word]
        found.update([ours] if isinstance(ours, str) else ours)
    return tuple(label for label in SCHEMES[scheme].labels if label in found)


def scheme(name: str) -> Scheme:
    """A scheme by its name."""
    if name not in SCHEMES:
        raise UnknownName(f"there is no label scheme {name!r} ({did_you_mean(name, SCHEMES)})")
    return SCHEMES[name]
