"""What an encoded sentence says about one ordered pair of actors.

The pair is read from the sentence's token vectors at its spans. The tokens of both sides are marked, and one small transformer layer
reads what is judged again, the sides wherever they stand, and what was said before where it tells a side, in the light of whom it is
asked about: in a sentence with two clauses about two pairs, each pair looks to its own clause. This reading serves both directions;
which side's vector stands first tells them apart. Asked about a sentence as a whole, each side has a learned vector of its own.
"""

import torch
from torch import nn
from torch.nn import functional

from tension.ontology import ACTS, STATUSES
from tension.relations.layers import Layer, Packing, Prepared, Weights, lacking
from tension.relations.learning import closed_to, learning_layer, weights_of

NONE = len(ACTS)
N_CLASSES = len(ACTS) + 1
READ, JUDGED = 1, 2  # how a token is read for a pair: only with what is judged, or as part of it
_SIDE, _OWN, _SEEN = 1, 2, 4


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
        read: torch.Tensor | None = None,
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
        read
            (pairs, tokens): `JUDGED` where a token belongs to what is judged, `READ` where it is only read with that, 0 where neither;
            None where all are judged.

        Returns
        -------
        Tensor
            (pairs, width).
        """
        rows, column, packing, kinds, reading = _readings(mask, row, (source + target) > 0, read)
        places, wanted = packing.pack(rows * hidden.shape[1] + column), (kinds > _SEEN).long()
        vectors = self._read(hidden.flatten(0, 1), places, packing, packing.pack(kinds))
        at = wanted.reshape(-1).cumsum(0).sub(1).view(wanted.shape)
        sentence = means(vectors, at, kinds & _OWN)[reading]
        sides = (side.gather(1, column[reading]) * packing.mask[reading] for side in (source, target))
        of_source, of_target = (
            torch.where(side.any(1, keepdim=True), means(vectors, at[reading], side), absent.to(vectors.dtype))
            for side, absent in zip(sides, self.absent, strict=True)
        )
        return self.hidden(torch.cat([sentence, of_source, of_target, of_source * of_target], dim=-1))

    def _read(self, hidden: torch.Tensor, places: torch.Tensor, packing: Packing, kinds: torch.Tensor) -> torch.Tensor:
        """Vectors of the tokens that are wanted, one after another, by the pair's own layer: as it learns, or made for inference.

        Readings of a sentence differ only by the mark, so query, key and value are made once for each of its tokens, with the mark's own
        share added; what follows attention is made only for tokens that are wanted.
        """
        mark, marked = self.mark.to(hidden.dtype), (kinds & _SIDE).unsqueeze(-1)
        wanted = _filled((kinds > _SEEN).nonzero()[:, 0])
        if not torch.is_inference_mode_enabled():
            return self._learn(hidden.index_select(0, places) + marked * mark, packing).index_select(0, wanted)
        layer, (used, again) = self.layers()[0], places.unique(return_inverse=True)
        qkv = layer.projected(hidden.index_select(0, _filled(used))).index_select(0, again)
        sides = marked.nonzero()[:, 0]
        qkv[sides] = (qkv[sides] + functional.linear(self.mark, self._weights().qkv[0])).to(qkv.dtype)
        tokens = hidden.index_select(0, places[wanted]) + marked[wanted] * mark
        return layer.changed(tokens, layer.attention(qkv, packing.runs))

    def _learn(self, tokens: torch.Tensor, packing: Packing) -> torch.Tensor:
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


def _readings(
    mask: torch.Tensor, row: torch.Tensor, marked: torch.Tensor, read: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, Packing, torch.Tensor, torch.Tensor]:
    """What is read for pairs, once for both directions: tokens of what is judged, of what is read with it and of the two sides.

    Returns
    -------
    rows, column
        (readings, 1) and (readings, tokens): the sentence of each reading, and where in it the tokens read stand, those that are wanted
        first: of a side, or of what is judged.
    packing
        Of the tokens read.
    kinds
        (readings, tokens): whether they are of a side, of what is judged, and read, as bits; more than `_SEEN` where they are wanted.
    reading
        (pairs,): which reading is a pair's.
    """
    read = mask[row] * JUDGED if read is None else read
    own, seen = read == JUDGED, ((read > 0) | marked) & (mask[row] > 0)
    number, wanted = (part.sum(1, keepdim=True) for part in (seen, seen & (own | marked)))
    kinds = seen * (marked * _SIDE + own * _OWN + _SEEN)  # below, numbers first, so that readings of one size follow one another
    asked, reading = torch.unique(torch.cat([number, wanted, row.unsqueeze(1), kinds], dim=1), dim=0, return_inverse=True)
    number, wanted, rows, kinds = asked[:, :1], asked[:, 1], asked[:, 2:3], asked[:, 3:]
    column = kinds.clamp(max=_SEEN + 1).argsort(dim=1, descending=True, stable=True)[:, : int(number.max())]
    packing = Packing((torch.arange(column.shape[1], device=row.device) < number).long(), wanted)
    return rows, column, packing, kinds.gather(1, column), reading


def _filled(numbers: torch.Tensor) -> torch.Tensor:
    """Row numbers, with first rows after them up to a number of rows that the kernels know."""
    return functional.pad(numbers, (0, lacking(len(numbers))))


def means(vectors: torch.Tensor, places: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Means of vectors, (tokens, dim), at the places where each row of a mask is not 0, both (n, length): (n, dim); zeros where all are."""
    chosen = mask > 0
    numbers = chosen.sum(1)
    return functional.embedding_bag(places[chosen], vectors, numbers.cumsum(0) - numbers, mode="mean")


def sentence_vectors(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Sentence embeddings of unit length: the mean of the token vectors."""
    chosen = mask.to(hidden.dtype).unsqueeze(1)
    return functional.normalize((chosen @ hidden).squeeze(1), dim=-1)
