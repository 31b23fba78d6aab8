"""Which questions a model learns to answer, and the truth of each row in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import Example, Head, Splits

UNKNOWN = -1  # the source does not say


def choose_heads(
    splits: Splits,
    *,
    heads: tuple[str, ...] = (),  # label schemes to learn, the headline first; empty for the data set's own question
) -> tuple[Head, ...]:
    """The heads a model of these splits gets; each must be answered by some rows to learn from."""
    names = heads or (splits.scheme,)
    problems = wrong_heads(names)
    answered = sorted({scheme for example in splits.train for scheme in example.labels})
    said = f"(the rows answer: {', '.join(answered) or 'nothing'})"
    learnt = {name: _learnt(splits.train, name) for name in names}
    problems += [f"no row to train on has a {name} label {said}" for name in names if name in SCHEMES and not learnt[name]]
    for name in names[1:]:  # of the headline more is asked, once the rows are parted
        if learnt[name] and name in SCHEMES and _head(name).binary and len(learnt[name]) < 2:
            problems.append(f"all rows to train on that answer {name} say {learnt[name][0]}: there is nothing to tell apart")
    if problems:
        raise DataError(f"{splits.name}: the heads cannot be learnt", problems)
    return tuple(_offered(_head(name), learnt[name]) for name in names)


def wrong_heads(names: Sequence[str]) -> list[str]:
    """What is wrong with a choice of heads, whatever the data; the headline must be one of two labels."""
    problems = [f"there is no label scheme {name!r} ({did_you_mean(name, SCHEMES)})" for name in names if name not in SCHEMES]
    problems += [f"head {name!r} stands {names.count(name)} times" for name in dict.fromkeys(names) if names.count(name) > 1]
    if names and names[0] in SCHEMES and not _head(names[0]).binary:
        labels = len(SCHEMES[names[0]].labels)
        problems.append(f"the headline is {names[0]!r}, of {labels} labels; it must be one of two, as hate is")
    return problems


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers of all rows: for each head an index a row, or a 0/1 mark a label where many may hold."""

    by_head: tuple[Tensor, ...]

    def of(self, rows: Sequence[int]) -> tuple[Tensor, ...]:
        """The answers of some rows."""
        index = torch.tensor(rows)
        return tuple(answer[index] for answer in self.by_head)


def answers_of(examples: Sequence[Example], heads: Sequence[Head]) -> Answers:
    """The truth of examples for each head; `UNKNOWN` where the source does not say."""
    return Answers(by_head=tuple(_answers(examples, head) for head in heads))


def balanced_weights(truth: Answers, heads: Sequence[Head]) -> tuple[Tensor, ...]:
    """
    A weight for each answer, as scikit-learn's "balanced": rows / (answers * rows of the answer).

    For a head of many labels each label is a question of its own: first the weights of their "no", then of their "yes".
    """
    weights = []
    for head, answers in zip(heads, truth.by_head, strict=True):
        if head.many:
            known = answers[answers[:, 0] != UNKNOWN]
            counts, choices = torch.cat([(1 - known).sum(0), known.sum(0)]), 2
        else:
            known = answers[answers != UNKNOWN]
            counts, choices = torch.bincount(known, minlength=len(head.labels)), len(head.labels)
        weights.append(len(known) / (choices * counts.clamp(min=1)))
    return tuple(weights)


def _learnt(examples: Sequence[Example], name: str) -> tuple[str, ...]:
    """The labels of a scheme that any of the rows has."""
    found = {label for example in examples for label in example.labels.get(name, ())}
    return tuple(label for label in SCHEMES[name].labels if label in found) if name in SCHEMES else ()


def _offered(head: Head, learnt: tuple[str, ...]) -> Head:
    """Of a head of many labels those that can be learnt: the others would have a score that says nothing."""
    return replace(head, labels=learnt) if head.many else head


def _head(name: str) -> Head:
    scheme = SCHEMES[name]
    return Head(name=scheme.name, labels=scheme.labels, positive=scheme.positive, many=scheme.many)


def _answers(examples: Sequence[Example], head: Head) -> Tensor:
    if head.many:
        rows = [
            [float(label in example.labels[head.name]) for label in head.labels]
            if head.name in example.labels
            else [float(UNKNOWN)] * len(head.labels)
            for example in examples
        ]
        return torch.tensor(rows).reshape(len(examples), len(head.labels))
    found = [example.labels.get(head.name, ()) for example in examples]
    return torch.tensor([head.labels.index(labels[0]) if labels else UNKNOWN for labels in found], dtype=torch.long)
