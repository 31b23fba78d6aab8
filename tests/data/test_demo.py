"""The demo corpus keeps its promises: fair parts, honest pairs, nothing unmasked, the same rows for the same seed."""

import re
from collections import Counter

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.demo import CARD, load
from hatetinyllm.data.demo_templates import DEV, GROUPS, TEST, TRAIN
from hatetinyllm.types import PARTS, Splits


@pytest.fixture(scope="module")
def splits() -> Splits:
    return load()


def test_templates_of_one_part_occur_in_no_other(splits: Splits):
    groups = [{example.group for example in splits.part(part)} for part in PARTS]
    assert sum(map(len, groups)) == len(set.union(*groups)) == len(TRAIN) + len(DEV) + len(TEST)


def test_no_row_comes_twice(splits: Splits):
    texts = Counter(example.text.lower() for example in splits.rows())
    assert texts.most_common(1)[0][1] == 1


def test_no_row_of_test_is_alike_a_row_of_train_or_dev(splits: Splits):
    """Below the cosine of characters at which two rows are kin."""
    characters = TfidfVectorizer(analyzer="char", ngram_range=(2, 5)).fit(example.text for example in splits.rows())
    learnt = characters.transform([example.text for example in (*splits.train, *splits.dev)])
    judged = characters.transform([example.text for example in splits.test])
    assert (judged @ learnt.T).max() < 0.7


def test_the_same_seed_gives_the_same_rows(splits: Splits):
    assert load(seed=7) == splits
    assert load(seed=8).train != splits.train


@pytest.mark.parametrize("seed", range(4))
def test_every_seed_gives_the_counts_of_the_card(seed: int):
    assert count_labels(load(seed=seed)) == CARD.counts


def test_labels_are_about_balanced_in_every_part(splits: Splits):
    for part in PARTS:
        share = sum(example.label == "hate" for example in splits.part(part)) / len(splits.part(part))
        assert 0.4 < share < 0.6


def test_a_pair_shares_its_words_and_differs_in_its_label(splits: Splits):
    rows = {example.id: example for example in splits.rows()}
    paired = [example for example in rows.values() if example.partners]
    assert len(paired) > len(rows) / 2
    for example in paired:
        (partner,) = (rows[id] for id in example.partners)
        assert partner.partners == (example.id,)
        assert partner.group == example.group
        assert partner.label != example.label


def test_only_hateful_rows_have_a_type_and_a_target(splits: Splits):
    for example in splits.rows():
        assert bool(example.labels["type"]) == bool(example.labels["target"]) == (example.label == "hate")


def test_the_target_is_the_group_that_is_named(splits: Splits):
    for example in splits.rows():
        named = {GROUPS[group] for group in GROUPS if re.search(rf"\b{group}\b", example.text, re.IGNORECASE)}
        assert set(example.labels["target"]) <= (named or {"other"})


def test_every_group_stands_in_good_and_in_bad_sentences(splits: Splits):
    for group in GROUPS:
        labels = {example.label for example in splits.train if re.search(rf"\b{group}\b", example.text, re.IGNORECASE)}
        assert labels == {"hate", "not_hate"}, group


def test_texts_are_short_and_no_slot_stays_open(splits: Splits):
    for example in splits.rows():
        assert 5 <= len(example.text.split()) <= 30
        assert not set("{}") & set(example.text)
        assert example.text == example.text.strip()
