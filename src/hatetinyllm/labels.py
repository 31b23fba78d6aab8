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
            positive="overt",
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
# DynaHate and HatemojiBuild share the codes of DynaHate's readme; each also stands with .wom or .man, as in bla.wom.
_DYNABENCH_GROUPS = {
    "abo": "indigenous_people", "african": "black_people", "arab": "arabs", "asi": "asian_people",
    "asi.chin": "asian_people", "asi.east": "asian_people", "asi.east.chin": "asian_people", "asi.pak": "asian_people",
    "asi.south": "asian_people", "asi.south.pak": "asian_people", "asi.south.thai": "asian_people", "asy": "refugees",
    "asylum": "refugees", "bis": "bisexual_people", "bla": "black_people", "chinese": "asian_people",
    "dis": "disabled_people", "east": "asian_people", "eastern european": "other", "eastern.europe": "other",
    "ethmin": "ethnic_minorities", "ethnic minority": "ethnic_minorities", "ethnic.minority": "ethnic_minorities",
    "europe.east": "other", "for": "foreigners", "gay": "gay_people", "gendermin": "gender_minorities", "hind": "hindus",
    "hisp": "hispanic_people", "hispanic": "hispanic_people", "immig": "immigrants", "ind": "indigenous_people",
    "indig": "indigenous_people", "jew": "jews", "mex": "hispanic_people", "mix.race": "mixed_race_people",
    "mixed": "mixed_race_people", "mixed.race": "mixed_race_people", "mus": "muslims", "nat": "other",
    "non-white": "ethnic_minorities", "non.white": "ethnic_minorities", "old": "old_people", "old.people": "old_people",
    "other": "other", "other.national": "other", "other.religion": "other", "pak": "asian_people", "pol": "other",
    "ref": "refugees", "russian": "other", "sikh": "sikhs", "south": "asian_people", "trans": "trans_people",
    "trav": "roma", "wc": "working_class", "working": "working_class",
}  # fmt: skip
_DYNABENCH_TARGETS: Words = {
    **_DYNABENCH_GROUPS,
    **{f"{code}{dot}wom": (group, "women") for code, group in _DYNABENCH_GROUPS.items() for dot in ("", ".")},
    **{f"{code}{dot}man": (group, "men") for code, group in _DYNABENCH_GROUPS.items() for dot in ("", ".")},
    **dict.fromkeys(("lgbtq", "lgbtqa"), ("bisexual_people", "gay_people", "gender_minorities", "trans_people")),
    # praise of these names no people attacked
    **dict.fromkeys(("none", "nazi", "nazis", "hitler", "other.glorification"), ()),
    "wom": "women",
}
_HATECHECK_LABELS: Words = {"hateful": "hate", "non-hateful": "not_hate"}
_HATECHECK_TARGETS: Words = {
    "": (), "asian people": "asian_people", "black people": "black_people", "disabled people": "disabled_people",
    "foreigners": "foreigners", "gay people": "gay_people", "immigrants": "immigrants",
    "indigenous people": "indigenous_people", "jewish people": "jews", "jews": "jews", "lower caste": "other",
    "muslims": "muslims", "north-east indians": "ethnic_minorities", "refugees": "refugees",
    "trans people": "trans_people", "women": "women",
}  # fmt: skip
_HATEXPLAIN_TARGETS: Words = {
    "None": (), "African": "black_people", "Arab": "arabs", "Asexual": "other", "Asian": "asian_people",
    "Bisexual": "bisexual_people", "Buddhism": "other", "Caucasian": "white_people", "Christian": "christians",
    "Disability": "disabled_people", "Economic": "working_class", "Heterosexual": "other", "Hindu": "hindus",
    "Hispanic": "hispanic_people", "Homosexual": "gay_people", "Immigrant": "immigrants", "Indian": "asian_people",
    "Indigenous": "indigenous_people", "Islam": "muslims", "Jewish": "jews", "Men": "men",
    "Minority": "ethnic_minorities", "Nonreligious": "other", "Other": "other", "Refugee": "refugees",
    "Women": "women",
}  # fmt: skip
_CIVIL_IDENTITIES: Words = {
    "asian": "asian_people", "atheist": "other", "bisexual": "bisexual_people", "black": "black_people",
    "buddhist": "other", "christian": "christians", "female": "women", "heterosexual": "other", "hindu": "hindus",
    "homosexual_gay_or_lesbian": "gay_people", "intellectual_or_learning_disability": "disabled_people",
    "jewish": "jews", "latino": "hispanic_people", "male": "men", "muslim": "muslims",
    "other_disability": "disabled_people", "other_gender": "gender_minorities", "other_race_or_ethnicity": "other",
    "other_religion": "other", "other_sexual_orientation": "other", "physical_disability": "disabled_people",
    "psychiatric_or_mental_illness": "disabled_people", "transgender": "trans_people", "white": "white_people",
}  # fmt: skip

SOURCES: Mapping[str, Mapping[str, Words]] = {
    "dynahate": {
        "hate": {"hate": "hate", "nothate": "not_hate", "nohate": "not_hate"},
        "type": {
            "none": (),
            "animosity": "animosity",
            "dehumanization": "dehumanisation",
            "derogation": "derogation",
            "support": "support",
            "threatening": "threat",
        },
        "target": _DYNABENCH_TARGETS,
    },
    "hateval": {
        "hate": {"1": "hate", "0": "not_hate"},
        "addressee": {"1": "individual", "0": "group"},
    },
    "hatecheck": {"hate": _HATECHECK_LABELS, "target": _HATECHECK_TARGETS},
    "multilingual-hatecheck": {"hate": _HATECHECK_LABELS, "target": _HATECHECK_TARGETS},
    "hatemoji-build": {
        "hate": {"1": "hate", "0": "not_hate"},
        "type": {
            "none": (),
            "animosity": "animosity",
            "dehumanizinglanguage": "dehumanisation",
            "derogation": "derogation",
            "threateninglanguage": "threat",
        },
        "target": _DYNABENCH_TARGETS,
    },
    "hatemoji-check": {
        "hate": {"1": "hate", "0": "not_hate"},
        # the file is not at hand, and its readme names the six groups but not their spelling
        "target": {
            **_HATECHECK_TARGETS,
            **_DYNABENCH_TARGETS,
            "black": "black_people",
            "disabled": "disabled_people",
            "muslim": "muslims",
        },
    },
    "davidson": {
        "hate": {"0": "hate", "1": "not_hate", "2": "not_hate"},
        "offence": {"0": "offensive", "1": "offensive", "2": "not_offensive"},
        "toxicity": {"0": "toxic", "1": "toxic", "2": "not_toxic"},
    },
    "measuring-hate-speech": {"hate": {"1": "hate", "0": "not_hate"}},
    "edos": {
        "hate": {"sexist": "hate", "not sexist": "not_hate"},
        "type": {
            "none": (),
            "1. threats, plans to harm and incitement": "threat",
            "2. derogation": "derogation",
            "3. animosity": "animosity",
            "4. prejudiced discussions": "prejudice",
        },
        "target": {"sexist": "women", "not sexist": ()},
    },
    "stormfront": {"hate": {"hate": "hate", "noHate": "not_hate"}},
    "cat": {"toxicity": {"0": "not_toxic", "1": "toxic"}},
    "convabuse": {"toxicity": {"no abuse": "not_toxic", "abuse": "toxic"}},
    "hatexplain": {
        "hate": {"hatespeech": "hate", "offensive": "not_hate", "normal": "not_hate"},
        "offence": {"hatespeech": "offensive", "offensive": "offensive", "normal": "not_offensive"},
        "target": _HATEXPLAIN_TARGETS,
    },
    "olid": {
        "offence": {"OFF": "offensive", "NOT": "not_offensive"},
        "addressee": {"UNT": "nobody", "IND": "individual", "GRP": "group", "OTH": "other"},
    },
    "implicit-hate": {"hate": {"explicit_hate": "hate", "implicit_hate": "hate", "not_hate": "not_hate"}},
    "civil-comments": {"target": _CIVIL_IDENTITIES},
    "germeval-2018": {
        "offence": {"OFFENSE": "offensive", "OTHER": "not_offensive"},
        "hate": {"ABUSE": "hate", "INSULT": "not_hate", "PROFANITY": "not_hate", "OTHER": "not_hate"},
    },
    "gahd": {"hate": {"1": "hate", "0": "not_hate"}},
    "hasoc": {
        "offence": {"HOF": "offensive", "NOT": "not_offensive"},
        "hate": {"HATE": "hate", "OFFN": "not_hate", "PRFN": "not_hate", "NONE": "not_hate"},
    },
    "haspeede2": {
        "hate": {"1": "hate", "0": "not_hate"},
        "type": {"1": "stereotype", "0": ()},
    },
    "trac1": {"aggression": {"NAG": "none", "CAG": "covert", "OAG": "overt"}},
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


def meant(scheme: str, word: str) -> str | None:
    """Our label for a word whose source is not known; None for a number, and where sources mean different things by it."""
    if word.isdigit():
        return None
    sources = [words[scheme] for words in SOURCES.values() if scheme in words]
    found = {ours for words in sources for theirs, ours in words.items() if theirs.casefold() == word.casefold()}
    found |= {label for label in SCHEMES[scheme].labels if label == word.casefold()}
    only = next(iter(found)) if len(found) == 1 else None
    return only if isinstance(only, str) else None


def scheme(name: str) -> Scheme:
    """A scheme by its name."""
    if name not in SCHEMES:
        raise UnknownName(f"there is no label scheme {name!r} ({did_you_mean(name, SCHEMES)})")
    return SCHEMES[name]
