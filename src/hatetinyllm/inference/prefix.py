"""
What many prompts have in common at their beginning is read once, and its keys and values serve all of them.

Rows that follow a shared beginning are padded on the right and get no attention mask, as everywhere here; positions go
on from the beginning's length by themselves. To read on behind rows of unequal length, they are moved to end together and
get a mask for what lies before them: a hole between a row and what follows would count in a sliding window. The cache
holds every key of the beginning, for layers with such a window too: Transformers' own drops what has left the window, and
a row that begins later would miss some of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache
from transformers.cache_utils import Cache, DynamicLayer

from hatetinyllm.errors import ModelError
from hatetinyllm.models.readout import pad_right

ALLOWED = {torch.float32: 1e-3, torch.bfloat16: 0.1}  # share of the largest number by which both ways may differ
Pairs = tuple[tuple[Tensor, Tensor], ...]  # keys and values of each layer: (rows, heads, tokens, size)


class _SharedLayer(DynamicLayer):
    """Keys and values of a beginning that all rows share; what the rows add stands apart, and only if it is asked for."""

    def __init__(self, keys: Tensor | None = None, values: Tensor | None = None, *, keep: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys, self.values = keys, values
        self.is_initialized = keys is not None
        self.keep = keep
        self.own: tuple[Tensor, Tensor] | None = None

    def update(self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object) -> tuple[Tensor, Tensor]:
        """What the rows attend to: the beginning and their own."""
        if self.keep:
            self.own = (key_states, value_states)
        if self.keys is None or self.values is None:
            return key_states, value_states
        return _behind(self.keys, key_states), _behind(self.values, value_states)


class _Layer(DynamicLayer):
    """Keys and values that further ones are added to, taken over as they are."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys, self.values = keys, values
        self.is_initialized = True


@dataclass(kw_only=True)
class Group:
    """Some rows and all they have read, set so that every row ends at the last place: whatever is read on follows it."""

    rows: Tensor
    cache: Cache
    places: Tensor  # of the next token of each row
    mask: Tensor | None  # of what was read; None where the rows are equally long


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The last hidden state of every row, those of what was read behind it, and what is needed to read on."""

    last: Tensor  # (rows, size)
    behind: Tensor  # (rows, tokens, size)
    lengths: Tensor
    beginning: Pairs
    own: Pairs

    def groups(self, room: int) -> Iterator[Group]:
        """The rows in groups of about so many tokens, with caches of their own."""
        shared = self.beginning[0][0].shape[2] if self.beginning else 0
        order = self.lengths.argsort(stable=True)
        for rows in torch.split(order, max(1, room // (shared + int(self.lengths.max())))):
            yield self._group(rows, shared)

    def _group(self, rows: Tensor, shared: int) -> Group:
        lengths = self.lengths[rows]  # ascending
        void = lengths.max() - lengths  # places before a row's beginning that hold nothing
        beginning = self.beginning or ((None, None),) * len(self.own)
        layers: list[Any] = [
            _Layer(*(_aligned(first, then, rows, lengths) for first, then in zip(whole, own, strict=True)))
            for whole, own in zip(beginning, self.own, strict=True)
        ]
        places = torch.arange(shared + int(lengths.max()), device=rows.device)
        mask = (places >= void[:, None]).long() if void.any() else None
        return Group(rows=rows, cache=Cache(layers=layers), places=shared + lengths, mask=mask)


class Beginning:
    """The shared beginning of many prompts, read once; it may be empty."""

    @torch.inference_mode()
    def __init__(self, decoder: nn.Module, ids: Sequence[int]) -> None:
        self.length = len(ids)
        self._decoder = decoder
        self._placed = "position_ids" in signature(decoder.forward).parameters
        self._pairs: Pairs = ()
        if self.length:
            cache: Any = DynamicCache()  # without a configuration: layers that forget nothing
            decoder(input_ids=torch.tensor([list(ids)], device=_device(decoder)), past_key_values=cache, use_cache=True)
            self._pairs = tuple((layer.keys, layer.values) for layer in cache.layers)

    @torch.inference_mode()
    def read(self, tails: Sequence[Sequence[int]], *, behind: Sequence[int] = (), keep: bool = False) -> Reading:
        """Read what follows the beginning, a row each, and the same tokens behind all; `keep` what is needed to read on."""
        ids, lengths = pad_right([[*tail, *behind] for tail in tails], _device(self._decoder))
        cache = self._cache(keep=keep)
        hidden = self._decoder(input_ids=ids, past_key_values=cache, use_cache=True).last_hidden_state  # (B, T, D)
        lengths = lengths - len(behind)
        places = lengths[:, None] - 1 + torch.arange(1 + len(behind), device=hidden.device)
        read = hidden[torch.arange(len(ids), device=hidden.device)[:, None], places]
        own = tuple(layer.own for layer in cache.layers) if keep else ()
        return Reading(last=read[:, 0], behind=read[:, 1:], lengths=lengths, beginning=self._pairs, own=own)

    @torch.inference_mode()
    def read_on(self, group: Group, ids: Tensor) -> Tensor:
        """Read further tokens (rows, tokens) of a group, and add them to it: (rows, tokens, size)."""
        more: dict[str, Tensor] = {}
        if group.mask is not None:
            group.mask = torch.cat([group.mask, torch.ones_like(ids)], dim=1)
            more["attention_mask"] = group.mask
            if self._placed:
                more["position_ids"] = group.places[:, None] + torch.arange(ids.shape[1], device=ids.device)
        group.places = group.places + ids.shape[1]
        hidden: Tensor = self._decoder(input_ids=ids, past_key_values=group.cache, use_cache=True, **more).last_hidden_state
        return hidden

    def _cache(self, *, keep: bool) -> Any:
        if not self._pairs:
            layer: Any = partial(_SharedLayer, keep=keep)
            return Cache(layer_class_to_replicate=layer)
        return Cache(layers=[_SharedLayer(keys, values, keep=keep) for keys, values in self._pairs])


def shared_length(prompts: Sequence[Sequence[int]]) -> int:
    """How many tokens all prompts begin with; one at least is left to each."""
    if not prompts:
        return 0
    first, last = min(prompts, key=list), max(prompts, key=list)  # what these two share, all share
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return min(same, min(map(len, prompts)) - 1)


@torch.inference_mode()
def require_reuse(decoder: nn.Module, ids: Sequence[int]) -> None:
    """Refuse a net that reads a prompt otherwise when it is read in parts: one that is recurrent, for example."""
    kind = getattr(decoder.config, "model_type", "model of its kind")
    first, second = len(ids) // 3, 2 * len(ids) // 3
    given = torch.tensor([list(ids)], device=_device(decoder))
    try:
        whole = decoder(input_ids=given, use_cache=False).last_hidden_state[0, -2:].flip(0)
        beginning = Beginning(decoder, ids[:first])
        # Two rows, the second a token shorter, so that what is read on stands behind unequal lengths.
        (group,) = beginning.read([ids[first:second], ids[first : second - 1]], keep=True).groups(room=2 * len(ids))
        rows = torch.cat([given[:, second:], given[:, second - 1 : -1]])
        parted = beginning.read_on(group, rows[group.rows])[:, -1][group.rows.argsort()]
        layers = len(group.cache.layers)
    except Exception as error:  # each kind of net fails in its own way where it has no keys and values
        raise ModelError(f"a {kind} cannot read a prompt in parts: {error}") from error
    if not layers:
        raise ModelError(f"a {kind} keeps no keys and values, so that it cannot read a prompt in parts")
    differ = float((whole - parted).abs().max() / whole.abs().max())
    if not differ <= ALLOWED.get(whole.dtype, ALLOWED[torch.bfloat16]):
        raise ModelError(f"a {kind} reads a prompt otherwise in parts: by {differ:.2g} of its largest number")


def _aligned(first: Tensor | None, then: Tensor, rows: Tensor, lengths: Tensor) -> Tensor:
    """The beginning and the own tokens of some rows, all ending together; nothing stands before those that are shorter."""
    shared, width = 0 if first is None else first.shape[2], int(lengths.max())
    made = then.new_zeros(len(rows), then.shape[1], shared + width, then.shape[3])
    for length in sorted(set(lengths.tolist())):
        alike, start = (lengths == length).nonzero()[:, 0], width - length
        if first is not None:
            made[alike, :, start : start + shared] = first
        made[alike, :, start + shared :] = then[rows[alike], :, :length]
    return made


def _behind(first: Tensor, then: Tensor) -> Tensor:
    """(1, heads, tokens, size) for every row, and behind it the row's own."""
    return torch.cat([first.expand(len(then), -1, -1, -1), then], dim=-2)


def _device(decoder: nn.Module) -> torch.device:
    return next(decoder.parameters()).device
