"""The sentences themselves: every word of theirs is known, insults are masked, nothing is written twice."""

import re
from collections import Counter
from string import Formatter

from hatetinyllm.data.demo_templates import DEV, FILLERS, GROUPS, KINDS, TEST, TRAIN
from hatetinyllm.labels import SCHEMES

TEMPLATES = (*TRAIN, *DEV, *TEST)
SENTENCES = [sentence for _, pair in TEMPLATES for sentence in pair.values()]


def test_no_template_and_no_sentence_is_written_twice():
    assert len(SENTENCES) == len(set(SENTENCES))
    assert len(TEMPLATES) == len({name for name, _ in TEMPLATES})


def test_two_sentences_of_a_template_have_opposite_labels():
    for name, pair in TEMPLATES:
        assert len(pair) in (1, 2), name
        assert len({KINDS[kind][0] for kind in pair}) == len(pair), name


def test_insults_are_masked():
    assert all(re.fullmatch(r"[a-z]\*+[a-z]", word) for word in FILLERS["insult"])


def test_kinds_slots_and_targets_are_known():
    assert {kind for _, pair in TEMPLATES for kind in pair} == set(KINDS)
    slots = {slot for sentence in SENTENCES for _, slot, _, _ in Formatter().parse(sentence) if slot}
    assert slots | {"before", "after"} == set(FILLERS)
    assert set(GROUPS.values()) <= set(SCHEMES["target"].labels)


def test_fillers_other_than_silence_stand_once():
    for words in FILLERS.values():
        assert [word for word, times in Counter(words).items() if word and times > 1] == []
