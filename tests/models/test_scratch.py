"""A fresh decoder of any size: the same seed gives the same weights, and nobody else's chance is touched."""

import pytest
import torch

from hatetinyllm.errors import ModelError
from hatetinyllm.models.readout import logits_of
from hatetinyllm.models.scratch import load, outline


def test_the_seed_alone_makes_the_weights() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, same, other = (load(2, layers=1, width=32, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(logits_of(one.net, [[5, 6]]), logits_of(same.net, [[5, 6]]))
    assert not torch.equal(logits_of(one.net, [[5, 6]]), logits_of(other.net, [[5, 6]]))


def test_its_size_is_what_was_asked() -> None:
    model = load(3, layers=3, width=48, heads=4, feed_forward=80, max_tokens=64)
    config = model.net.config
    assert (config.num_hidden_layers, config.hidden_size, config.intermediate_size, model.max_tokens) == (3, 48, 80, 64)
    assert model.net.score.weight.shape == (3, 48)
    assert config.vocab_size == model.tokenizer.get_vocab_size() == 4096
    assert model.base is None


@pytest.mark.parametrize(("width", "heads"), [(30, 4), (12, 4)])
def test_heads_that_do_not_divide_the_width_are_told(width: int, heads: int) -> None:
    with pytest.raises(ModelError, match=f"width {width} cannot be parted into {heads} heads"):
        load(2, width=width, heads=heads)


def test_its_outline_has_its_shape_and_no_numbers() -> None:
    options = {"layers": 2, "width": 48, "heads": 4}
    empty, made = outline(3, **options), load(3, **options).net
    assert {parameter.device.type for parameter in empty.parameters()} == {"meta"}
    assert [parameter.shape for parameter in empty.parameters()] == [parameter.shape for parameter in made.parameters()]
