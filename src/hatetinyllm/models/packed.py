"""
A net made ready to read texts packed into one row, and the proof that it may.

Before anything is trained the net itself is asked: no text may see its neighbour (no gradient at all may flow from one to the
other, which is exact), and packed texts must get the logits they get alone. A net that fails reads padded blocks as before,
and the reason is told. The last block is worked for the last tokens only, and blocks by hand, where that changes nothing either.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from hatetinyllm.models import attention
from hatetinyllm.models.fused import fused
from hatetinyllm.models.last_tokens import attention_within, blocks_of, last_tokens_only
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.models.readout import Readout, Window, pad_right
from hatetinyllm.models.rows import Grid, lay_in_rows

PROBE_LENGTHS = (5, 1, 19, 33, 3)  # of texts in several buckets; shorter ones where the model's positions end before
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 5e-2, torch.float16: 1e-2}  # of a logit, by the coarsest numbers
SLOWER = "texts are padded to the longest of a batch instead: slower, and as right"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How texts are laid before a net."""

    attention: str = ""  # by which packed texts are parted; empty for texts that are padded
    last_only: bool = False  # the last block is worked for the last tokens alone
    by_hand: bool = False  # blocks are worked by fused.py
    in_rows: bool = False  # texts are laid in rows, and blocks are worked on the grid
    notes: tuple[str, ...] = ()  # what its user must be told

    def given(
        self, windows: Sequence[Window], device: torch.device | str = "cpu"
    ) -> tuple[Packing] | tuple[Grid] | tuple[Tensor, Tensor]:
        """Texts as the net is to be called with them."""
        if self.in_rows:
            return (lay_in_rows(windows, device),)
        return (pack(windows, device),) if self.attention else pad_right(windows, device)


@contextmanager
def packed(net: nn.Module, *, virtual_tokens: int = 0) -> Iterator[Layout]:
    """
    While open, a readout takes packings if it proves that it may; afterwards it is as it was before.

    What is proved is the net as it is called here: open this once its arithmetic and its place are settled.
    """
    assert isinstance(net, Readout)
    attention.register()
    modes = [(part, part.training) for part in net.modules()]
    with ExitStack() as undo:
        undo.callback(setattr, net.config, "_attn_implementation", net.config._attn_implementation)
        net.eval()
        try:
            layout = _proved(net, _probe_texts(net, virtual_tokens), undo)
        finally:
            for part, training in modes:
                part.training = training
        yield layout


def _proved(net: Readout, texts: Sequence[Sequence[int]], undo: ExitStack) -> Layout:
    """The first way to pack that proves right, and the net is set to it; else the net is left as it was."""
    with torch.no_grad():
        alone = torch.cat([net(*pad_right([text], net.device)) for text in texts])
    before, failed = net.config._attn_implementation, list[str]()
    for name in (attention.VARLEN, attention.SEGMENTS) if net.device.type == "cuda" else (attention.SEGMENTS,):
        net.config._attn_implementation = name
        if not (problem := _wrong(net, texts, alone)):
            last_only = _work_last_only(net, texts, alone, undo)
            by_hand = _work_by_hand(net, texts, alone, undo, last_only=last_only)
            return Layout(attention=name, last_only=last_only, by_hand=by_hand, notes=tuple(failed))
        failed.append(f"texts cannot be packed by {name}: {problem}")
    net.config._attn_implementation = before
    return Layout(notes=(*failed, SLOWER))


def _work_last_only(net: Readout, texts: Sequence[Sequence[int]], alone: Tensor, undo: ExitStack) -> bool:
    """Have the last block worked for the last tokens alone, if the net shows that this changes nothing."""
    blocks = blocks_of(net.decoder)
    part = attention_within(blocks[-1]) if blocks else None
    if blocks is None or part is None:
        return False
    for spread in (False, True):
        with ExitStack() as tried:
            tried.enter_context(last_tokens_only(blocks[-1], part, spread=spread))
            if not _wrong(net, texts, alone):
                undo.push(tried.pop_all())
                return True
    return False


def _work_by_hand(net: Readout, texts: Sequence[Sequence[int]], alone: Tensor, undo: ExitStack, *, last_only: bool) -> bool:
    """Have the blocks worked by hand on a CPU, if they are of the kind and the net shows that this changes nothing."""
    blocks = blocks_of(net.decoder)
    if blocks is None or net.device.type != "cpu":
        return False
    with ExitStack() as tried:
        if tried.enter_context(fused(blocks, last_only=last_only)) and not _wrong(net, texts, alone):
            undo.push(tried.pop_all())
            return True
    return False


def _probe_texts(net: Readout, virtual_tokens: int) -> list[list[int]]:
    """Texts of made-up tokens, always the same ones; they fit the model's positions, beside a prefix if there is one."""
    positions = getattr(net.config, "max_position_embeddings", None) or 2 * max(PROBE_LENGTHS) + virtual_tokens
    longest = max(1, min(positions // 2, positions - virtual_tokens))
    chance = torch.Generator().manual_seed(0)
    vocabulary = net.config.vocab_size
    return [torch.randint(vocabulary, (min(length, longest),), generator=chance).tolist() for length in PROBE_LENGTHS]


def _wrong(net: Readout, texts: Sequence[Sequence[int]], alone: Tensor) -> str:
    """What is wrong with this net's answers to packed texts; empty where they are right."""
    packing, embedded, kinds = pack(texts, net.device), list[Tensor](), {parameter.dtype for parameter in net.parameters()}
    embeddings: Any = net.decoder.get_input_embeddings()  # type: ignore[operator]
    with ExitStack() as hooks:
        hooks.enter_context(_noted(embeddings, lambda made: embedded.append(made.requires_grad_())))
        hooks.enter_context(_noted(net.score, lambda made: kinds.add(made.dtype)))  # 16 bits under autocast
        try:
            with torch.enable_grad():
                logits = net(packing)
                flows = [torch.autograd.grad(row.sum(), embedded[0], retain_graph=True)[0] for row in logits]
        except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError, AttributeError) as error:
            return (str(error).strip() or type(error).__name__).splitlines()[0]
    for (first, end), flow in zip(pairwise(packing.ends.tolist()), flows, strict=True):
        if flow[0, :first].any() or flow[0, end:].any():
            return "a text sees its neighbours"
    change = float((logits.detach() - alone).abs().max() / alone.abs().max().clamp(min=1))
    allowed = max(TOLERANCE.get(kind, 0.0) for kind in kinds)
    return "" if change <= allowed else f"logits change by {change:.2g}, allowed is {allowed:g}"


@contextmanager
def _noted(module: nn.Module, note: Callable[[Tensor], object]) -> Iterator[None]:
    """While open, what a module makes is shown to another."""

    def show(module: nn.Module, given: Any, made: Tensor) -> None:
        note(made)

    hook = module.register_forward_hook(show)
    try:
        yield
    finally:
        hook.remove()
