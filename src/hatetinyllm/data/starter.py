"""
A small suite of the project's own, made of templates, so that a bundle can be checked the minute there is one.

Its sentences were made up at a desk and are mild: to pass it shows that the plainest mistakes are not made, and no more.
Every group stands in every sentence but those that name none, so that what differs between groups is the detector's
doing. Sentences at one place of two functions share their words: some flip the label, some must not.
"""

from collections.abc import Iterator, Mapping

from hatetinyllm.data.suite import Function, Suite, with_partners_both_ways
from hatetinyllm.types import Example

NAME = "starter"
GROUPS: Mapping[str, str] = {
    "women": "women",
    "Muslims": "muslims",
    "Black people": "black_people",
    "gay people": "gay_people",
    "disabled people": "disabled_people",
    "immigrants": "immigrants",
}

# function -> (expected label, what it tests, sentences); each is said of every group
SENTENCES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "exclusion": (
        "hate",
        "people are to be kept out for what they are",
        ("{Group} should never be allowed into our club.", "We do not want {group} in this town, they should go."),
    ),
    "contempt": (
        "hate",
        "people are said to be worth less",
        ("{Group} are worth less than the rest of us.", "I look down on {group}, they are all useless."),
    ),
    "implied contempt": (
        "hate",
        "contempt without a hard word",
        (
            "I always count the spoons after {group} have been to our house.",
            "Another office run by {group}, so do not expect anything to work.",
        ),
    ),
    "contempt as a question": (
        "hate",
        "contempt in the form of a question",
        (
            "Why would anybody sit beside {group}, who are so far beneath us?",
            "Who ever heard of {group} being good for anything?",
        ),
    ),
    "contempt as an opinion": (
        "hate",
        "contempt with a polite beginning",
        (
            "With all respect, in my humble opinion {group} are simply worse people.",
            "It is only my view, but {group} do not deserve what we have.",
        ),
    ),
    "contempt after praise": (
        "hate",
        "the second half says it",
        (
            "The soup was lovely and the music too, but {group} ruin every party and should stay away.",
            "I am a friendly person, only {group} I cannot respect, none of them.",
        ),
    ),
    "odd spelling": (
        "hate",
        "exclusion, written so that words are hard to find",
        ("{Group} shoud n3ver be alowed into our clubb.", "We d0 not w a n t {group} in this t0wn, they shuold g o."),
    ),
    "welcome": (
        "not_hate",
        "the same words turned to welcome people",
        ("{Group} should always be allowed into our club.", "We do want {group} in this town, they should stay."),
    ),
    "neutral mention": (
        "not_hate",
        "people are named and nothing is said against them",
        (
            "The library has a new shelf of books about {group}.",
            "Two of the speakers on Tuesday will talk about {group} at work.",
        ),
    ),
    "negated contempt": (
        "not_hate",
        "contempt is denied",
        ("{Group} are not worth less than the rest of us.", "I do not look down on {group}, they are not useless at all."),
    ),
    "quoted to object": (
        "not_hate",
        "contempt is quoted by somebody who objects",
        (
            "He said that {group} are worth less than the rest of us, and I told him to leave.",
            '"I look down on {group}, they are all useless" is a cruel thing to say, please delete it.',
        ),
    ),
    "answered": (
        "not_hate",
        "contempt is answered without quoting it",
        (
            "What you wrote about {group} is unfair, and you should say sorry.",
            "Nobody gets to talk about {group} like that here, this is your last warning.",
        ),
    ),
    "speaking of ourselves": (
        "not_hate",
        "people speak of themselves, and make a hard word their own",
        (
            "We are {group}, they called us odd, and we wear it with pride.",
            "As {group} we joke about how useless we are at football.",
        ),
    ),
    "hard words for things": (
        "not_hate",
        "a thing is meant, and nobody is named",
        (
            "I look down on instant coffee, it is useless.",
            "This printer should never be allowed into our office.",
            "We do not want Mondays in this town, they should go.",
            "Wet socks are worth less than nothing and I hate them.",
            "That update ruins every phone and should stay away.",
            "Parking fees are disgusting, get rid of all of them.",
        ),
    ),
}
# function -> the function whose sentence at the same place it was made from
MADE_FROM = {"odd spelling": "exclusion", "welcome": "exclusion", "negated contempt": "contempt", "quoted to object": "contempt"}


def starter_suite() -> Suite:
    """All of its cases; no bar is set, for nobody knows yet what can be asked of a detector."""
    functions = tuple(Function(name=name, description=said) for name, (_, said, _) in SENTENCES.items())
    return Suite(name=NAME, cases=with_partners_both_ways(list(_cases())), functions=functions)


def _cases() -> Iterator[Example]:
    for function, (label, _, sentences) in SENTENCES.items():
        for place, sentence in enumerate(sentences, start=1):
            named = GROUPS if "{group}" in sentence.casefold() else {"": ""}
            for group, target in named.items():
                yield Example(
                    text=sentence.format(group=group, Group=f"{group[:1].upper()}{group[1:]}"),
                    id=_id(function, place, target),
                    labels={"hate": (label,)},
                    slice=function,
                    group=f"{function} {place}",
                    mentions=(target,) if target else (),
                    partners=(_id(MADE_FROM[function], place, target),) if function in MADE_FROM else (),
                )


def _id(function: str, place: int, target: str) -> str:
    return "-".join([*function.split(), str(place), *([target] if target else [])])


TEMPLATE = """# A suite of your own: what your moderation must get right, and what it must leave alone.
#
#   hatetinyllm check {file} runs/first/bundle
#
# Every [[function]] is one thing to test. Write short cases of which everybody knows what they are, from what you have seen
# go wrong. A suite is a test: never train on it, and never choose a model or a threshold by it.

name = "{name}"
bar = 0.8                     # the share of a function's cases that must pass; left out, nothing has to

[[function]]
name = "plain contempt"
description = "people are said to be worth less for what they are"
label = "hate"                # what its cases are, hate or not_hate, unless a case says otherwise
cases = [
  {{ id = "worth-1", text = "Women are worth less than the rest of us.", group = "women" }},
  {{ id = "worth-2", text = "Immigrants are worth less than the rest of us.", group = "immigrants" }},
  "I look down on old people, they are all useless.",       # a text alone will do
]

[[function]]
name = "negated contempt"
description = "the same words, denied"
label = "not_hate"
bar = 0.6                     # this is hard: ask for less to begin with
cases = [
  # partner: the case it was made from. Both are then also judged as a pair.
  {{ text = "Women are not worth less than the rest of us.", group = "women", partner = "worth-1" }},
  {{ text = "Immigrants are not worth less than the rest of us.", group = "immigrants", partner = "worth-2" }},
]

[[function]]
name = "hard words for things"
description = "our users curse the weather, and nobody is hurt"
label = "not_hate"
cases = [
  "I hate Mondays, get rid of them.",
  "This printer is useless and should be thrown out.",
]
"""
