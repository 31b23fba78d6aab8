"""
Claim: the built-in decoder, taught on a fold, judges the fold's test rows better than TF-IDF that learnt from the same rows.

python benchmarks/folds.py [dynahate] [hateval]    writes docs/results/folds.json; gone on with fold by fold

    dynahate    parted in whole groups of kin, the recipe of the last stage kept but for the fold. In pretraining the decoder
                read texts of DynaHate without their labels, so the rows it never read are judged by themselves as well.
    hateval     five random partings of the 9,000 English train rows, those of benchmarks/baselines.py; the whole built-in model
                is the beginning where it ships (its headline learns anew), else its decoder. No other set is learnt beside.

A tenth of the fold's train rows choose among versions of the weights; TF-IDF learns from them too. A text that the net does not
read counts as not hateful. Figures are paired over the test rows of all folds together, and whole groups of kin are drawn.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from builtin_decoder import ROOT, RUNS, WEIGHTS, decoder_folder, drop_checkpoints, key_of, last_stage, trained

from hatetinyllm.builtin.place import BUILTIN, bundle_folder
from hatetinyllm.data import SPLITS
from hatetinyllm.data.corpus.judged import load_set
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.from_file import write_split
from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import BundleError, HateTinyLLMError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.evaluation.compare import compare
from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.judge import TFIDF
from hatetinyllm.evaluation.judgement import Drawn, Judged, Judgement
from hatetinyllm.evaluation.matched import System
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.folder import digest_of, write_text_whole
from hatetinyllm.inference.detector import Detector
from hatetinyllm.metrics.classification import macro_f1
from hatetinyllm.plain import plain, to_json
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND
from hatetinyllm.text.normalise import normalise
from hatetinyllm.types import Head, Splits

RESULTS = ROOT / "docs" / "results" / "folds.json"
OURS = "built-in"
DRAWS, DRAWN_BY = 2000, 42
TEST_SHARE, DEV_SHARE = 0.2, 0.1
ALONE = {"beside": {}, "heads": {"heads": ["hate"]}}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """How a dataset is parted, by which seeds, and what of the last stage's recipe is otherwise."""

    data: str
    split: str
    seeds: tuple[int, ...]
    parts: tuple[str, ...] = ("train", "dev", "test")  # the source's, whose rows are taken
    changes: Mapping[str, Any] = field(default_factory=dict)
    read: str = ""  # the set whose train texts the decoder read in pretraining


EXPERIMENTS = {
    "dynahate": Experiment(data="dynahate", split="grouped", seeds=(42,), read="dynahate:official-leakfree"),
    "hateval": Experiment(data="hateval", split="random", seeds=(42, 43, 44, 45, 46), parts=("train",), changes=ALONE),
}


@dataclass(frozen=True, kw_only=True)
class Fold:
    """The test rows of a fold, with what both say of them; `unread` marks those the decoder never read."""

    seed: int
    how: str
    train: int  # rows that teach, those that choose among weights included
    ids: list[str]
    truth: list[int]
    groups: list[int]
    unread: list[bool]
    scores: dict[str, list[float]]

    def rows(self, name: str) -> Rows:
        """The rows as one system scored them; the same row of another fold has another id, and is its kin."""
        return Rows(
            ids=tuple(f"{self.seed}/{id}" for id in self.ids),
            truth=np.array(self.truth, dtype=np.int64),
            scores=np.array(self.scores[name], dtype=np.float64),
            clusters=np.array(self.groups, dtype=np.int64),
        )


def parted(experiment: Experiment, seed: int) -> tuple[Splits, Splits, dict[str, str]]:
    """The whole dataset, the fold as baselines have it, and the part of each row with a dev part taken from train."""
    whole = load_dataset(experiment.data)
    part = SPLITS.get(experiment.split)
    fold = part(whole, parts=experiment.parts, seed=seed, test_share=TEST_SHARE, dev_share=0.0)
    inner = part(replace(whole, train=fold.train, dev=(), test=()), seed=seed, test_share=0.0, dev_share=DEV_SHARE)
    parts = {"train": inner.train, "dev": inner.dev, "test": fold.test}
    return whole, fold, {example.id: name for name, rows in parts.items() for example in rows}


def measure(experiment: Experiment, seed: int, given: Mapping[str, Any], run: Path) -> Fold:
    """Teach the net on the fold, fit TF-IDF on the same rows, and ask both about its test rows."""
    whole, fold, part_of = parted(experiment, seed)
    file = run.with_suffix(".csv")
    digest = write_split(part_of, whole, file)
    recipe = {**given, "data": {"name": experiment.data}, "split": {"name": "from-file", "path": str(file), "digest": digest}}
    bundle = trained(recipe, run).bundle
    head = bundle.manifest.heads[0]
    test = [example for example in fold.test if example.labels.get(head.name)]
    texts = [example.text for example in test]
    detector = Detector.open(bundle.folder)
    ours, theirs = np.nan_to_num(detector.scores(texts), nan=0.0), fit_tfidf(fold.train, head)(texts)
    rows = [example for name in experiment.parts for example in whole.part(name)]
    groups = dict(zip((example.id for example in rows), find_kin(rows).groups, strict=True))
    read = {normalise(example.text).text for example in load_set(experiment.read).train} if experiment.read else set()
    return Fold(
        seed=seed,
        how=fold.how,
        train=len(fold.train),
        ids=[example.id for example in test],
        truth=[int(head.positive in example.labels[head.name]) for example in test],
        groups=[groups[example.id] for example in test],
        unread=[normalise(text).text not in read for text in texts],
        scores={OURS: ours.tolist(), TFIDF: theirs.tolist()},
    )


def compared(folds: Sequence[Fold], *, unread: bool = False) -> dict[str, Any]:
    """Both systems on the test rows of all folds together, and the interval of their difference."""
    systems = [System(name=name, judgements=(_judgement(name, folds, unread=unread),)) for name in (OURS, TFIDF)]
    found = compare(systems, draws=DRAWS, seed=DRAWN_BY)
    pair = {name: value for name, value in plain(found.pairs[0]).items() if not name.startswith("only_")}  # of these, how many
    counts = {"only_built_in_right": len(found.pairs[0].only_one), "only_tfidf_right": len(found.pairs[0].only_other)}
    return {"rows": found.rows, **pair, **counts, "notes": plain(found.notes)}


def _judgement(name: str, folds: Sequence[Fold], *, unread: bool) -> Judgement:
    tables = [fold.rows(name).only(np.array(fold.unread)) if unread else fold.rows(name) for fold in folds]
    rows = Rows(
        ids=tuple(id for table in tables for id in table.ids),
        truth=np.concatenate([table.truth for table in tables]),
        scores=np.concatenate([table.scores for table in tables]),
        clusters=np.concatenate([table.clusters for table in tables]),
    )
    head = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
    return Judgement(
        name=name,
        identity=name,
        head=head,
        mode=BEST_GUESS,
        band=BEST_GUESS_BAND,
        judged=Judged(name="folds", part="test", how="", digest="", rows=len(rows)),
        drawn=Drawn(draws=DRAWS, seed=DRAWN_BY, kin="kin among all rows of the dataset"),
        result=judge_rows(rows, head, name=name, threshold=BEST_GUESS_BAND.high, draws=100, seed=DRAWN_BY),
        rows=rows,
    )


def summary(experiment: Experiment, folds: Sequence[Fold], begins: str) -> dict[str, Any]:
    """What the folds of an experiment came to."""
    each = [
        {"seed": fold.seed, "how": fold.how, "train": fold.train, "test": len(fold.ids), "unread": sum(fold.unread)}
        | {name: round(macro_f1(np.array(fold.truth), np.array(fold.scores[name])), 4) for name in (OURS, TFIDF)}
        for fold in folds
    ]
    means = {name: round(float(np.mean([one[name] for one in each])), 4) for name in (OURS, TFIDF)}
    found = {"data": experiment.data, "begins_from": begins, "folds": each, "mean_macro_f1": means, "pooled": compared(folds)}
    never = bool(experiment.read) and any(any(fold.unread) for fold in folds)
    return found | ({"pooled_of_rows_never_read": compared(folds, unread=True)} if never else {})


def beginning(experiment: Experiment, given: dict[str, Any], decoder: Path | None) -> tuple[dict[str, Any], str, str]:
    """The recipe, the digest of the weights it begins from, and their name: HatEval begins from the whole model if it ships."""
    if experiment.changes and decoder is None:
        try:
            weights = digest_of(bundle_folder(BUILTIN) / WEIGHTS)
            return {**given, "model": {"name": BUILTIN}}, weights, BUILTIN
        except BundleError:
            pass
    return given, digest_of(Path(given["model"]["id"]) / WEIGHTS), "its decoder"


def run_experiment(experiment: Experiment, asked: argparse.Namespace) -> dict[str, Any]:
    """Every fold that is not done yet, and the summary of all."""
    given = {**last_stage(decoder_folder(asked.decoder), asked.set, tiny=asked.tiny), **experiment.changes}
    given, weights, begins = beginning(experiment, given, asked.decoder)
    folds = []
    for seed in experiment.seeds:
        run = asked.runs / f"{experiment.data}-{experiment.split}-{seed}-{key_of(given, weights)}"
        stored = run.with_suffix(".json")
        if not stored.is_file():
            print(f"{run.name}: begun, or gone on with", flush=True)
            fold = measure(experiment, seed, given, run)
            write_text_whole(stored, to_json(asdict(fold)) + "\n")
            drop_checkpoints(run)
        folds.append(Fold(**json.loads(stored.read_text(encoding="utf-8"))))
        done = summary(experiment, folds, begins)
        print(f"{run.name}: {done['folds'][-1]}", flush=True)
    return done


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is asked for; other experiments in the file stay."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT", help=f"{' or '.join(EXPERIMENTS)}; both unless told")
    parser.add_argument("--decoder", type=Path, help="a checkpoint to begin from, in place of the usual ones")
    parser.add_argument("--folds", type=int, help="so many partings of each, from seed 42 up")
    parser.add_argument("--runs", type=Path, default=RUNS / "folds", help="where folds are kept")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="laid over the recipe")
    parser.add_argument("--tiny", action="store_true", help="made-up rows in place of both sets; name another --out")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args(words)
    if asked.tiny and asked.out == RESULTS:
        parser.error("--tiny measures nothing that belongs among the results: name --out")
    if strange := set(asked.experiments) - set(EXPERIMENTS):
        parser.error(f"there is no experiment {', '.join(sorted(strange))}: there are {', '.join(EXPERIMENTS)}")
    asked.out, asked.decoder = asked.out.resolve(), asked.decoder.resolve() if asked.decoder else None
    os.chdir(ROOT)
    asked.runs.mkdir(parents=True, exist_ok=True)
    for name in asked.experiments or EXPERIMENTS:
        experiment = EXPERIMENTS[name]
        if asked.tiny:
            read = "demo:official-leakfree" if experiment.read else ""
            experiment = replace(experiment, data="demo", read=read)
        if asked.folds:
            experiment = replace(experiment, seeds=tuple(range(42, 42 + asked.folds)))
        try:
            found = run_experiment(experiment, asked)
        except HateTinyLLMError as error:
            print(error, file=sys.stderr)
            return 2
        kept = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.is_file() else {}
        write_text_whole(asked.out, to_json({**kept, name: found}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
