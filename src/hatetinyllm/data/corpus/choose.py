"""The options of a corpus, checked before anything is read: the `[corpus]` section of a recipe that pretrains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hatetinyllm.data.corpus.judged import wrong_sets
from hatetinyllm.data.corpus.mix import read_share
from hatetinyllm.data.dataset import card_of
from hatetinyllm.data.kin import threshold_problem
from hatetinyllm.data.licence import licence
from hatetinyllm.errors import DataError
from hatetinyllm.types import Count, LesserShare, Seed, Whole


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a corpus is made of, every option said."""

    files: tuple[str, ...]
    datasets: tuple[str, ...]
    shares: tuple[str, ...]
    column: str
    prose: tuple[str, ...]
    judged: tuple[str, ...]
    threshold: float
    near_duplicates: Literal["auto", "always", "never"]
    held_out_share: float
    block_words: int
    least_words: int
    allow_unshared: bool
    seed: int


def choose_corpus(
    *,
    files: tuple[str, ...] = (),  # text files, folders or patterns; data: stands for the folder of datasets; name=path names one
    datasets: tuple[str, ...] = (),  # registered sets whose train texts are read without their labels, as set or set:split
    shares: tuple[str, ...] = (),  # of an epoch, as books=40M (characters) or comments=x2.5 (times); all of it once if not named
    column: str = "text",  # of CSV, TSV, JSON lines and Parquet
    prose: tuple[str, ...] = (),  # sources whose lines follow on each other, as in a book: Markdown goes, lines are joined
    judged: tuple[str, ...] = (),  # sets whose dev and test texts must not be met, as set, set:split or set:all for every row
    threshold: float = 0.7,  # character cosine from which a short text is kin of a judged one
    near_duplicates: Literal["auto", "always", "never"] = "auto",  # auto: look for them in datasets and known comments
    held_out_share: LesserShare = 0.01,  # of the documents, judged and never learnt
    block_words: Count = 300,  # prose and long documents are cut to blocks of about so many words
    least_words: Whole = 3,  # shorter documents are left out
    allow_unshared: bool = False,  # take sets whose licence forbids passing on what is made of them
    seed: Seed = 42,  # another seed mixes another order
) -> Chosen:
    """The options, or all that is wrong with them."""
    problems = [] if files or datasets else ["it has no source: name `files` or `datasets`"]
    problems += [f"files: {word!r} stands {files.count(word)} times" for word in dict.fromkeys(files) if files.count(word) > 1]
    problems += [f"datasets: {problem}" for problem in wrong_sets(datasets, judged=False)]
    problems += [f"judged: {problem}" for problem in wrong_sets(judged, judged=True)]
    problems += [f"shares: {found}" for word in shares if isinstance(found := read_share(word), str)]
    problems += [problem for problem in [threshold_problem(threshold)] if problem]
    if not problems and not allow_unshared:
        problems = _unshared(datasets)
    if problems:
        raise DataError("the corpus cannot be made as asked", problems)
    return Chosen(
        files=files,
        datasets=datasets,
        shares=shares,
        column=column,
        prose=prose,
        judged=judged,
        threshold=threshold,
        near_duplicates=near_duplicates,
        held_out_share=held_out_share,
        block_words=block_words,
        least_words=least_words,
        allow_unshared=allow_unshared,
        seed=seed,
    )


def _unshared(datasets: Sequence[str]) -> list[str]:
    """The sets whose licence keeps what is made of them from being passed on."""
    problems = []
    for word in datasets:
        card = card_of(word.partition(":")[0])
        if card and not (held := licence(card.licence)).commercial:
            problems.append(f"{card.name} is under {held.name}: set allow_unshared=true if the model stays with you")
    return problems
