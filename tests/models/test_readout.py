"""The readout reads the last token by length, whatever stands beside or behind it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, has_bias, logits_of, pad_right

KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
# The second text holds the pad id, inside and at its end: a search for pads would read the wrong token.
WINDOWS = [[3, 4, 5], [3, 0, 5, 6, 7, 0, 0], [8], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]]


@pytest.fixture(params=KINDS)
def net(request: pytest.FixtureRequest, checkpoint: Callable[[str], Path]) -> Readout:
    return load(2, id=str(checkpoint(request.param))).net.eval()


def test_a_text_alone_and_in_any_batch_has_the_same_logits(net: Readout) -> None:
    with torch.inference_mode():
        alone = torch.cat([net(*pad_right([window])) for window in WINDOWS])
        together = net(*pad_right(WINDOWS))
    assert together == pytest.approx(alone, abs=1e-6)
    assert logits_of(net, WINDOWS) == pytest.approx(alone, abs=1e-6)
    assert logits_of(net, WINDOWS, batch_tokens=1) == pytest.approx(alone, abs=1e-6)


def test_what_is_padded_with_does_not_matter(net: Readout) -> None:
    ids, lengths = pad_right(WINDOWS)
    other = ids.clone()
    for row, length in enumerate(lengths.tolist()):
        other[row, length:] = 13
    with torch.inference_mode():
        assert torch.equal(net(ids, lengths), net(other, lengths))


@pytest.mark.parametrize("kind", KINDS)
def test_the_logits_are_those_of_transformers_own_classifier(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = load(2, id=str(checkpoint(kind))).net.eval()
    theirs = AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2).eval()
    theirs.load_state_dict(net.state_dict())
    with torch.inference_mode():
        expected = theirs(input_ids=torch.tensor([[3, 4, 5, 6]])).logits
    assert logits_of(net, [[3, 4, 5, 6]]) == pytest.approx(expected, abs=1e-6)


def test_asking_does_not_leave_a_net_in_another_mode(net: Readout) -> None:
    net.train()
    logits_of(net, WINDOWS)
    assert net.training


def test_of_no_windows_there_are_no_logits(net: Readout) -> None:
    assert len(logits_of(net, [])) == 0


def test_rows_that_are_taken_are_read_by_and_stay_their_owners(net: Readout) -> None:
    rows, bias = torch.randn(3, 32), torch.tensor([1.0, 2.0, 3.0])
    with torch.inference_mode():
        last = net.decoder(input_ids=torch.tensor([[3, 4, 5]])).last_hidden_state[:, -1]
    net.take_rows(rows, bias)
    assert logits_of(net, [[3, 4, 5]]) == pytest.approx(last @ rows.T + bias, abs=1e-5)
    net.take_rows(rows, None)
    assert logits_of(net, [[3, 4, 5]]) == pytest.approx(last @ rows.T, abs=1e-5)
    net.score.weight.data.zero_()
    assert rows.abs().min() > 0
    assert [name for name, parameter in net.named_parameters() if name.startswith("score") and parameter.requires_grad] == [
        "score.weight"
    ]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["score.weight", "score.bias"], True),
        (["base_model.model.score.weight", "base_model.model.score.bias"], True),
        (["score.weight", "model.other_score.bias", "model.layers.0.bias"], False),
        ([], False),
    ],
)
def test_stored_names_tell_whether_a_readout_has_a_bias(names: list[str], found: bool) -> None:
    assert has_bias(names) == found
