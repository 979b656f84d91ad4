"""What makes two sentences alike, taught to the pooling of the embedding.

The base encoder finds sentences alike that share words and names. Our own pairs, rated by two readers, and our own paraphrases, each
beside a sentence of nearly the same words that means something else, move the map a little way to what was done by whom.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from tension.relations.datasets import rows_of
from tension.relations.pooling import Pooling
from tension.resources import data_path

_STEPS, _RATE = 120, 3e-3
_SHARPNESS = 20.0  # by which cosines are multiplied before they compete
_RATED, _STAY = 0.2, 0.1  # weights of the ratings and of the distance from the map begun with, beside the paraphrases' 1


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pairs of sentences with their mean ratings, 0 to 5, and triples of a sentence, its paraphrase and a near miss."""

    pairs: tuple[tuple[str, str], ...]
    ratings: tuple[float, ...]
    triples: tuple[tuple[str, str, str], ...]

    @classmethod
    def load(cls) -> "Likeness":
        """Those under data/training/."""
        rated, triples = (rows_of(data_path("training", name)) for name in ("similar.jsonl", "paraphrases.jsonl"))
        return cls(
            tuple((row["first"], row["second"]) for row in rated),
            tuple(float(np.mean(row["ratings"])) for row in rated),
            tuple((row["sentence"], row["paraphrase"], row["near"]) for row in triples),
        )


def taught(pooling: Pooling, embed: Callable[[Sequence[str]], np.ndarray], likeness: Likeness) -> Pooling:
    """The map moved so that cosines follow the ratings and paraphrases find each other; `embed` gives vectors before the map."""
    rated = [_vectors(embed, side) for side in zip(*likeness.pairs, strict=True)]
    triples = [_vectors(embed, side) for side in zip(*likeness.triples, strict=True)]
    ratings = torch.tensor(likeness.ratings)
    above = ratings[:, None] > ratings[None, :]
    begun = torch.tensor(pooling.matrix)
    matrix = begun.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([matrix], lr=_RATE)
    for _ in range(_STEPS):
        loss = _misfound(matrix, *triples) + _RATED * _misordered(matrix, *rated, above)
        loss = loss + _STAY * (matrix - begun).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return Pooling(matrix.detach().numpy())


def _misordered(matrix: torch.Tensor, first: torch.Tensor, second: torch.Tensor, above: torch.Tensor) -> torch.Tensor:
    """How far pairs rated lower have the higher cosine (CoSENT)."""
    cosine = (_mapped(first, matrix) * _mapped(second, matrix)).sum(1)
    excess = _SHARPNESS * (cosine[None, :] - cosine[:, None])
    return functional.softplus(torch.logsumexp(excess[above], 0))


def _misfound(matrix: torch.Tensor, sentence: torch.Tensor, paraphrase: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of each sentence's paraphrase among all paraphrases and its own near miss."""
    sentence, paraphrase, near = (_mapped(side, matrix) for side in (sentence, paraphrase, near))
    cosine = torch.cat([sentence @ paraphrase.T, (sentence * near).sum(1, keepdim=True)], dim=1)
    return functional.cross_entropy(_SHARPNESS * cosine, torch.arange(len(sentence)))


def _mapped(vectors: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return functional.normalize(vectors @ matrix, dim=1)


def _vectors(embed: Callable[[Sequence[str]], np.ndarray], sentences: Sequence[str]) -> torch.Tensor:
    return torch.tensor(np.asarray(embed(sentences), dtype=np.float32))
