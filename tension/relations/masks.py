"""Which tokens of its text belong to a pair's two sides, which to what is judged, and which are read with that."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike

from tension.records import Span
from tension.relations.asking import Pair
from tension.relations.encoder import Batch
from tension.relations.head import JUDGED, READ

_MOST_READ = 240  # characters of what was said before; with 360 as right, and long articles an eighth slower


class Sided(Protocol):
    """A pair with the character spans of its two sides, and the one that is judged (None: all)."""

    source: Sequence[Span]
    target: Sequence[Span]
    judged: Span | None


def pair_inputs(batch: Batch, pairs: Sequence[Pair]) -> tuple[torch.Tensor, ...]:
    """For pairs of a batch's sentences what `PairHead.features` asks: the place of each in the batch, and its masks."""
    place = {row: i for i, row in enumerate(batch.rows)}
    places = [place[pair.row] for pair in pairs]
    masks = pair_masks(batch.offsets, places, pairs, batch.hidden.shape[1])
    inputs = (torch.tensor(places), *(masks if any(pair.judged for pair in pairs) else masks[:2]))
    return tuple(tensor.to(batch.hidden.device) for tensor in inputs)


def pair_masks(
    offsets: Sequence[ArrayLike], places: Sequence[int], pairs: Sequence[Sided], length: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """For each pair, 1 at the tokens that overlap its source, and at those of its target; and how its tokens are read.

    Those of what is judged are `JUDGED`. Where a side is told before it, those of what was said last are `READ` with it, because who acted
    on whom may stand there. The others are 0.

    Parameters
    ----------
    offsets
        The characters of each sentence's tokens, of which there are at most `length`.
    places
        The sentence of each pair.

    Returns
    -------
    three Tensors
        (pairs, length).
    """
    starts, ends = _characters(offsets, length)
    at = np.asarray(places, dtype=np.int64)
    sides = (_overlapping([getattr(pair, side) for pair in pairs], starts, ends, at) for side in ("source", "target"))
    judged, told = (_overlapping(list(map(of, pairs)), starts, ends, at) for of in (_judged, _told))
    judged[[pair.judged is None for pair in pairs]] = 1
    return *map(torch.from_numpy, sides), torch.from_numpy(np.maximum(JUDGED * judged, READ * told))


def _judged(pair: Sided) -> list[Span]:
    return [pair.judged] if pair.judged else []


def _told(pair: Sided) -> list[Span]:
    """What was said last before what is judged, where a side is told before it."""
    if pair.judged and any(start < pair.judged[0] for start, _ in (*pair.source, *pair.target)):
        return [(max(0, pair.judged[0] - _MOST_READ), pair.judged[0])]
    return []


def _overlapping(spans: Sequence[Sequence[Span]], starts: np.ndarray, ends: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each pair, 1 at the tokens of its sentence that overlap one of its spans."""
    mask = np.zeros((len(spans), starts.shape[1]), dtype=np.float32)
    flat = np.array([(n, a, b) for n, own in enumerate(spans) for a, b in own], dtype=np.int64).reshape(-1, 3)
    of, first, last = flat[:, 0], flat[:, 1:2], flat[:, 2:3]
    begin, end = starts[at[of]], ends[at[of]]
    pairs, firsts = np.unique(of, return_index=True)
    if len(pairs):
        mask[pairs] = np.maximum.reduceat((begin < last) & (first < end) & (begin < end), firsts)
    return mask


def _characters(offsets: Sequence[ArrayLike], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each token starts and ends: (sentences, length) twice, 0 where there is none."""
    starts, ends = np.zeros((2, len(offsets), length), dtype=np.int64)
    for i, tokens in enumerate(offsets):
        starts[i, : len(tokens)], ends[i, : len(tokens)] = np.array(tokens, dtype=np.int64).reshape(-1, 2).T
    return starts, ends
