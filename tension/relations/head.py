"""What an encoded sentence says about one ordered pair of actors.

The pair is read from the sentence's token vectors at its spans. The tokens of both sides are marked, and one small transformer layer
reads the sentence again in the light of whom it is asked about: in a sentence with two clauses about two pairs, each pair looks to its
own clause. This reading serves both directions; which side's vector stands first tells them apart. Asked about a sentence as a whole, each
side has a learned vector of its own.
"""

import torch
from torch import nn
from torch.nn import functional

from tension.ontology import ACTS, STATUSES
from tension.relations.layers import Layer, Packing, Prepared, Weights
from tension.relations.learning import closed_to, learning_layer, weights_of

NONE = len(ACTS)
N_CLASSES = len(ACTS) + 1


class PairHead(Prepared):
    """Logits of the acts (with "no event" last) and of the statuses, for each pair.

    Parameters
    ----------
    dim
        Width of the encoder's token vectors.
    width
        Width of the inner layers.
    heads
        Attention heads of the pair's own layer.
    """

    def __init__(self, dim: int, width: int = 384, heads: int = 12, dropout: float = 0.1):
        super().__init__()
        self.config = {"dim": dim, "width": width, "heads": heads, "dropout": dropout}
        self.mark = nn.Parameter(torch.randn(dim) * 0.02)
        self.absent = nn.Parameter(torch.randn(2, dim) * 0.02)
        self.layer = nn.TransformerEncoderLayer(dim, heads, width, dropout, activation="gelu", batch_first=True)
        self.hidden = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * dim, width), nn.GELU(), nn.Dropout(dropout))
        self.acts = nn.Linear(width, N_CLASSES)
        self.statuses = nn.Linear(width, len(STATUSES))

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of the acts and of the statuses, (pairs, acts + 1) and (pairs, statuses); the arguments are those of `features`."""
        features = self.features(*inputs)
        return self.acts(features), self.statuses(features)

    def features(
        self,
        hidden: torch.Tensor,
        mask: torch.Tensor,
        row: torch.Tensor,
        source: torch.Tensor,
        target: torch.Tensor,
        own: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """What the sentence says about each pair, from token vectors.

        Parameters
        ----------
        hidden, mask
            (sentences, tokens, dim) and (sentences, tokens).
        row
            (pairs,): the sentence of each pair.
        source, target
            (pairs, tokens): 1 where a token belongs to the side, all 0 where the side is not named.
        own
            (pairs, tokens): 1 where a token belongs to what is judged and not to what the article said before; None where all do.

        Returns
        -------
        Tensor
            (pairs, width).
        """
        both = ((source + target) > 0).long()
        asked, reading = torch.unique(torch.cat([row.unsqueeze(1), both], dim=1), dim=0, return_inverse=True)
        rows, marked, length = asked[:, :1], asked[:, 1:].to(hidden.dtype), hidden.shape[1]
        packing, column = Packing(mask[rows.squeeze(1)]), torch.arange(length, device=row.device)
        tokens = hidden.flatten(0, 1).index_select(0, packing.pack(rows * length + column))
        read = self._read(tokens + packing.pack(marked).unsqueeze(-1) * self.mark.to(hidden.dtype), packing)
        judged = packing.mask if own is None else packing.mask * own.new_zeros(marked.shape).index_copy_(0, reading, own)
        at = packing.at()
        sentence = means(read, at, judged)[reading]
        of_source, of_target = (
            torch.where(side.any(1, keepdim=True), means(read, at[reading], side), absent.to(read.dtype))
            for side, absent in zip((source, target), self.absent, strict=True)
        )
        return self.hidden(torch.cat([sentence, of_source, of_target, of_source * of_target], dim=-1))

    def _read(self, tokens: torch.Tensor, packing: Packing) -> torch.Tensor:
        """The pair's own layer, (tokens, dim) -> (tokens, dim): as it learns, or made for inference."""
        if torch.is_inference_mode_enabled():
            return self.layers()[0](tokens, packing.runs)
        heads, eps, dropped = self.config["heads"], self.layer.norm1.eps, self.config["dropout"] * self.training
        padded, closed = packing.unpack(tokens), closed_to(packing.mask, heads, tokens.dtype)
        return packing.pack(learning_layer(padded, closed, self._weights(), heads, eps, dropped))

    def make_layers(self, dtype: torch.dtype | None) -> list[Layer]:
        return [Layer(self._weights(), self.config["heads"], self.layer.norm1.eps, dtype)]

    def _weights(self) -> Weights:
        own = self.layer
        return Weights(
            (own.self_attn.in_proj_weight, own.self_attn.in_proj_bias),
            *(
                (part.weight, part.bias)
                for part in (own.self_attn.out_proj, own.linear1, own.linear2, own.norm1, own.norm2)
            ),
        )

    def attend_like(self, layer: nn.Module) -> None:
        """Start the pair's layer from the attention of a Hugging Face BERT layer of the same width."""
        own, theirs = self._weights(), weights_of(layer)
        with torch.no_grad():
            for mine, other in zip((*own.qkv, *own.attended), (*theirs.qkv, *theirs.attended), strict=True):
                mine.copy_(other)


def means(vectors: torch.Tensor, places: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Means of vectors, (tokens, dim), at the places where each row of a mask is not 0, both (n, length): (n, dim); zeros where all are."""
    chosen = mask > 0
    numbers = chosen.sum(1)
    return functional.embedding_bag(places[chosen], vectors, numbers.cumsum(0) - numbers, mode="mean")


def sentence_vectors(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Sentence embeddings of unit length: the mean of the token vectors."""
    chosen = mask.to(hidden.dtype).unsqueeze(1)
    return functional.normalize((chosen @ hidden).squeeze(1), dim=-1)
