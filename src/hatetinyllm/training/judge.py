"""How a net fares on rows: no text of theirs is in memory, and no more than a batch of tokens, however many there are."""

from collections.abc import Sequence

import numpy as np
from torch import nn

from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.evaluation.heads import judge_head
from hatetinyllm.metrics.classification import Truth
from hatetinyllm.models.readout import Lay, logits_of, pad_right
from hatetinyllm.policy import DIGITS
from hatetinyllm.scores import Numbers, join_windows, positive_scores, probabilities
from hatetinyllm.training.rows import Flat, Rows
from hatetinyllm.types import Example, Head, Result


def judge_rows(net: nn.Module, rows: Rows, heads: Sequence[Head], *, name: str, lay: Lay = pad_right) -> Result:
    """How the headline head fares on rows, at a threshold of one half; `lay` is what windows are laid before the net by."""
    truth, scores = scored(net, rows, heads, lay=lay)
    return judge_scores(truth, scores, heads[0], name=name, left_out=rows.left_out + len(rows) - len(truth))


def judge_beside(net: nn.Module, rows: Rows, heads: Sequence[Head], *, name: str) -> tuple[Result, ...]:
    """How every head but the headline fares on the rows that answer it; none of a head that no row answers."""
    others = heads[1:]
    known = [index for index, example in enumerate(rows.examples) if any(head.name in example.labels for head in others)]
    if not known:
        return ()
    windows = Flat(rows.windows, known)
    joined = join_windows(probabilities(logits_of(net, windows).numpy(), heads), heads, windows.counts)
    found = []
    for head in others:
        answered = [place for place, row in enumerate(known) if _answers(rows.examples[row], head)]
        examples = [rows.examples[known[place]] for place in answered]
        left_out = rows.left_out + len(rows) - len(answered)
        if answered:
            found.append(judge_head(examples, joined[head.name][answered], head, name=f"{name}, {head.name}", left_out=left_out))
    return tuple(found)


def _answers(example: Example, head: Head) -> bool:
    """Whether a row answers a head; an empty answer is one where several labels may hold."""
    return head.name in example.labels and (head.many or bool(example.labels[head.name]))


def scored(net: nn.Module, rows: Rows, heads: Sequence[Head], *, lay: Lay = pad_right) -> tuple[Truth, Numbers]:
    """The headline's truth and score of every row that answers it, long texts by the rule for windows."""
    known = [index for index, example in enumerate(rows.examples) if example.labels.get(heads[0].name)]
    windows = Flat(rows.windows, known)
    logits = logits_of(net, windows, lay=lay).numpy()
    joined = join_windows(probabilities(logits, heads), heads, windows.counts)
    scores = np.round(positive_scores(joined, heads[0]), DIGITS)  # as verdicts show and compare them
    return truth_of([rows.examples[index] for index in known], heads[0]), scores
