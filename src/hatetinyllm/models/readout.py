"""
A decoder with a linear readout of its last token: the net of every model here.

The last token is found by the text's length, never by looking for a pad id: a text may contain the pad token, and then
the usual search reads the wrong place. Texts are padded on the right and no attention mask is given; in a causal
decoder no token sees what stands to its right, so padding changes nothing. The language-model head is never built.

The decoder hangs under the name its architecture gives it (`model`, `gpt_neox`) and the readout is `score`, so that
weights and adapters have the names of Transformers' own `...ForSequenceClassification`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hatetinyllm.models.batches import batches_by_length
from hatetinyllm.models.grid import hidden_of
from hatetinyllm.models.packing import Packing
from hatetinyllm.models.rows import Grid

READOUT_STD = 0.02  # as most decoders begin; their configurations disagree on the word for it
PAD_ID = 0  # any id will do: what stands there is never read

Window = Sequence[int] | NDArray[np.int32]  # token ids of a text, or of a piece of a long one
Lay = Callable[[Sequence[Window], torch.device], tuple[Any, ...]]  # makes of windows what a net is called with


class Readout(nn.Module):
    """Token ids and lengths in, logits out: all heads side by side."""

    def __init__(self, decoder: Any, n_labels: int, *, bias: bool = False) -> None:
        super().__init__()
        self.config: Any = decoder.config
        self.decoder_name = self.base_model_prefix = str(decoder.base_model_prefix)  # PEFT asks by the second name
        self.add_module(self.decoder_name, decoder)
        width = getattr(decoder.config, "word_embed_proj_dim", None) or decoder.config.hidden_size  # OPT's may differ
        self.score = nn.Linear(width, n_labels, bias=bias)
        nn.init.normal_(self.score.weight, std=READOUT_STD)

    @property
    def decoder(self) -> nn.Module:
        """The decoder without its language-model head."""
        return self.get_submodule(self.decoder_name)

    @property
    def device(self) -> torch.device:
        """Where the weights are, all of them in one place; PEFT asks for it."""
        return next(self.parameters()).device

    def take_rows(self, weight: Tensor, bias: Tensor | None) -> None:
        """Read by these rows, one a label, from now on."""
        n_labels, width = weight.shape
        score = nn.Linear(width, n_labels, bias=bias is not None, device="meta")
        score.weight = nn.Parameter(weight.detach().clone())
        if bias is not None:
            score.bias = nn.Parameter(bias.detach().clone())
        self.score = score

    def forward(self, ids: Tensor | Packing | Grid, lengths: Tensor | None = None) -> Tensor:
        """(texts, tokens) and (texts,), a packing, or rows -> (texts, labels)."""
        if isinstance(ids, Grid):
            last = self._last_in_rows(ids)
        else:
            last = self._last_packed(ids) if isinstance(ids, Packing) else self._last_padded(ids, lengths)  # (B, D)
        logits: Tensor = self.score(last)
        return logits.float()

    def _last_padded(self, ids: Tensor, lengths: Tensor | None) -> Tensor:
        assert lengths is not None, "a padded block comes with the lengths of its texts"
        hidden: Tensor = self.decoder(input_ids=ids, use_cache=False).last_hidden_state  # (B, T, D)
        return hidden[torch.arange(len(ids), device=hidden.device), lengths - 1]

    def _last_packed(self, packing: Packing) -> Tensor:
        """By a net that was made ready for it; its last block may have left out all but the last tokens."""
        hidden: Tensor = self.decoder(
            input_ids=packing.ids, position_ids=packing.positions, use_cache=False, packing=packing
        ).last_hidden_state  # (1, T or B, D)
        return hidden[0] if hidden.shape[1] == packing.texts else hidden[0, packing.last]

    def _last_in_rows(self, rows: Grid) -> Tensor:
        """By blocks of made code; in 16 bits where the caller's arithmetic is."""
        kind = rows.ids.device.type
        half = torch.is_autocast_enabled(kind)
        with torch.autocast(kind, enabled=False):
            hidden = hidden_of(self.decoder, rows.ids, rows.bars(), half=half)
        return hidden.flatten(0, 1)[rows.last]


def has_bias(names: Iterable[str]) -> bool:
    """Whether stored weights, a net's or an adapter's, are of a readout with a bias: one made of label words may have it."""
    return any(f".{name}".endswith(".score.bias") for name in names)


class Windows(Protocol):
    """Windows by their place; they need not be in memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Window: ...


def pad_right(windows: Sequence[Window], device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Token ids of unequal length as one block, and their lengths."""
    lengths = torch.tensor([len(window) for window in windows])
    ids = torch.full((len(windows), int(lengths.max())), PAD_ID, dtype=torch.long)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = torch.tensor(window)
    return ids.to(device), lengths.to(device)


@torch.inference_mode()
def logits_of(
    net: nn.Module,
    windows: Windows,
    *,
    batch_tokens: int = 8192,
    lay: Lay = pad_right,
) -> Tensor:
    """
    Logits of many windows, in their order; like lengths go together, so that little is padded.

    However many they are, no more than a batch of them is held beside what is returned. `lay` makes of some windows what the
    net is called with.
    """
    was_training = net.training
    net.eval()
    device = next(net.parameters()).device
    found = torch.empty(0)
    for batch in batches_by_length(map(len, map(windows.__getitem__, range(len(windows)))), batch_tokens):
        logits = net(*lay([windows[index] for index in batch.tolist()], device))
        found = found if len(found) else torch.empty(len(windows), logits.shape[1])
        found[torch.from_numpy(batch)] = logits.cpu()
    net.train(was_training)
    return found
