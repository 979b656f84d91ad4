"""What an encoded sentence says about one ordered pair of actors.

The pair is read at its spans: a vector for the source, one for the target and one for the sentence, their products, and what the two
sides attend to in the sentence. A side that is not named there (it is known from context) has a learned vector of its own.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from tension.ontology import ACTS, STATUSES
from tension.records import Span

NONE = len(ACTS)
N_CLASSES = len(ACTS) + 1


class PairHead(nn.Module):
    """Logits of the acts (with "no event" last) and of the statuses, for each pair.

    Parameters
    ----------
    dim
        Width of the encoder's token vectors.
    width
        Width of the hidden layer.
    """

    def __init__(self, dim: int, width: int = 384, dropout: float = 0.1):
        super().__init__()
        self.config = {"dim": dim, "width": width, "dropout": dropout}
        self.absent = nn.Parameter(torch.randn(2, dim) * 0.02)
        self.query = nn.Linear(3 * dim, dim)
        self.hidden = nn.Sequential(nn.Dropout(dropout), nn.Linear(6 * dim, width), nn.GELU(), nn.Dropout(dropout))
        self.acts = nn.Linear(width, N_CLASSES)
        self.statuses = nn.Linear(width, len(STATUSES))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor, row: torch.Tensor, source: torch.Tensor,
                target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits from token vectors.

        Parameters
        ----------
        hidden, mask
            (sentences, tokens, dim) and (sentences, tokens).
        row
            (pairs,): the sentence of each pair.
        source, target
            (pairs, tokens): 1 where a token belongs to the side, all 0 where the side is not named.

        Returns
        -------
        tuple of Tensor
            (pairs, acts + 1) and (pairs, statuses).
        """
        tokens = mask.to(hidden.dtype)
        sentence = masked_mean(hidden, tokens)[row]
        of_pair = hidden[row]
        sides = [torch.where(side.any(1, keepdim=True), masked_mean(of_pair, side.to(hidden.dtype)), self.absent[i].to(hidden.dtype))
                 for i, side in enumerate((source, target))]
        query = self.query(torch.cat([*sides, sentence], dim=-1))
        scores = torch.einsum("pd,pld->pl", query, of_pair) / hidden.shape[-1] ** 0.5
        weights = scores.masked_fill(tokens[row] == 0, torch.finfo(scores.dtype).min).softmax(-1)
        attended = torch.einsum("pl,pld->pd", weights, of_pair)
        features = self.hidden(torch.cat([sentence, *sides, sides[0] * sides[1], attended, sides[0] - sides[1]], dim=-1))
        return self.acts(features), self.statuses(features)


def masked_mean(vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the tokens where the mask is 1: (n, tokens, dim), (n, tokens) -> (n, dim); zeros where it is 0 throughout."""
    return torch.einsum("nld,nl->nd", vectors, mask) / mask.sum(1, keepdim=True).clamp(min=1)


def sentence_vectors(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Sentence embeddings of unit length: the mean of the token vectors."""
    return functional.normalize(masked_mean(hidden, mask.to(hidden.dtype)), dim=-1)


def span_mask(offsets: Sequence[tuple[int, int]], spans: Sequence[Span], length: int) -> torch.Tensor:
    """1 at the tokens that overlap any of the character spans, out of `length` padded tokens."""
    mask = torch.zeros(length)
    for i, (start, end) in enumerate(offsets):
        if end > start and any(start < b and a < end for a, b in spans):
            mask[i] = 1
    return mask
