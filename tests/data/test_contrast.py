"""The contrast corpus keeps its promises: words and groups say nothing of a label, partners differ, parts share no frame."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.contrast import CARD, ODD_SPELLING, load
from hatetinyllm.data.contrast_frames import read_frames
from hatetinyllm.data.contrast_words import decoded, read_words
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import Splits


@pytest.fixture(scope="module")
def splits() -> Splits:
    return load()


def test_the_same_seed_gives_the_same_rows_and_another_as_many(splits: Splits) -> None:
    assert load(seed=7) == splits
    other = load(seed=8)
    assert other.train != splits.train
    assert count_labels(other) == count_labels(splits) == CARD.counts


def test_no_frame_stands_in_both_parts_and_no_text_twice(splits: Splits) -> None:
    train, dev = ({example.group for example in splits.part(part)} for part in ("train", "dev"))
    assert train.isdisjoint(dev)
    assert len(train | dev) == len(read_frames().frames)
    texts = Counter(example.text.casefold() for example in splits.rows())
    assert texts.most_common(1)[0][1] == 1


def test_partners_name_each_other_and_are_of_one_frame(splits: Splits) -> None:
    rows = {example.id: example for example in splits.rows()}
    for example in rows.values():
        partners = [rows[id] for id in example.partners]
        assert all(example.id in partner.partners and partner.group == example.group for partner in partners)
        assert {example.label, *(partner.label for partner in partners)} == {"hate", "not_hate"}


def test_who_is_named_says_nothing_of_the_label(splits: Splits) -> None:
    """Each word for a group, and each slur, stands about as often in hateful as in harmless rows."""
    for group in read_words().groups:
        named = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, (group.many, group.one, group.adjective)))})(?![\w-])", re.I)
        found = [example.label == "hate" for example in splits.rows() if named.search(example.text)]
        assert len(found) > 80
        assert 0.45 < sum(found) / len(found) < 0.55, group.many
    labels = defaultdict(list)
    for example in splits.rows():
        for target in example.mentions:
            labels[target].append(example.label == "hate")
    assert all(0.4 < sum(found) / len(found) < 0.7 for found in labels.values())


def test_words_without_their_order_are_not_enough(splits: Splits) -> None:
    """What learns from words alone gets the sentences it saw, and hardly those of the other frames."""
    truth = {part: [example.label == "hate" for example in splits.part(part)] for part in ("train", "dev")}
    texts = {part: [example.text for example in splits.part(part)] for part in ("train", "dev")}
    words = make_pipeline(CountVectorizer(binary=True), LogisticRegression(max_iter=300)).fit(texts["train"], truth["train"])
    assert words.score(texts["train"], truth["train"]) > 0.8
    assert 0.55 < words.score(texts["dev"], truth["dev"]) < 0.7


def test_only_hate_has_a_target_and_it_is_named(splits: Splits) -> None:
    for example in splits.rows():
        if example.label == "hate":
            assert example.labels["target"] == example.mentions, example.id
            assert example.labels["type"] or example.slice == ODD_SPELLING["hate"]
            assert example.labels["toxicity"] == ("toxic",)
        else:
            assert example.labels["target"] == example.labels["type"] == ()
        assert set(example.mentions) <= set(SCHEMES["target"].labels)


def test_most_hate_names_whom_it_attacks(splits: Splits) -> None:
    hate = [example for example in splits.rows() if example.label == "hate"]
    assert sum(bool(example.labels["target"]) for example in hate) / len(hate) > 0.98


def test_a_slice_is_a_function_with_one_label(splits: Splits) -> None:
    functions = read_frames().functions
    assert {example.slice for example in splits.rows()} == set(functions)
    assert all(functions[example.slice or ""].hate == example.label for example in splits.rows())


def test_a_homonym_is_no_slur_and_has_a_partner_that_is(splits: Splits) -> None:
    rows = {example.id: example for example in splits.rows()}
    homonyms = [example for example in rows.values() if example.slice == "homonym"]
    assert len({(example.group or "").partition("-")[0] for example in homonyms}) > 12
    for example in homonyms:
        (partner,) = (rows[id] for id in example.partners)
        assert partner.label == "hate"
        assert partner.mentions
        assert not example.mentions


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_spelling_is_off_as_often_as_asked(share: float) -> None:
    rows = list(load(hidden=share, mistyped=0).rows())
    assert sum(example.slice in ODD_SPELLING.values() for example in rows) == share * len(rows)


def test_no_slot_stays_open_and_texts_are_short(splits: Splits) -> None:
    for example in splits.rows():
        assert not set("{}") & set(example.text)
        assert 0 < len(example.text) < 280
        assert example.text == example.text.strip()


def test_the_source_shows_no_slur() -> None:
    package = Path(load.__code__.co_filename).parent
    page = "".join((package / name).read_text() for name in ("contrast_words.toml", "contrast_frames.toml", "contrast.py"))
    slurs = {word for slur in read_words().slurs for word in (slur.many, slur.one)}
    harmless = {decoded(word) for word in ("genccf", "gencc", "penpxre", "penpxref")}  # are in the dictionary for other things
    shown = [word for word in slurs - harmless if re.search(rf"\b{re.escape(word)}\b", page)]
    assert len(slurs) > 80
    assert not shown


@pytest.mark.data
def test_no_row_is_one_of_the_published_samples(real_data: Path, splits: Splits) -> None:
    with (real_data / "hatecheck_sample" / "test_suite_cases.csv").open(encoding="utf-8", newline="") as stream:
        published = [_plain(row["test_case"]) for row in csv.DictReader(stream)]
    ours = {_plain(example.text) for example in splits.rows()}
    assert len(published) == 12
    assert not ours & set(published)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
