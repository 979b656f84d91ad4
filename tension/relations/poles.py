"""An axis of the user's own, spanned by seed sentences or words at its two ends, and how much it hangs on each single seed.

The idea is Latent Semantic Scaling's (Watanabe 2021): a text is placed by its nearness to seeds. Here sentence embeddings are compared, not
word vectors, so "rejected the peace plan" is not near "peace plan" for its words alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tension.errors import InputError

Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True, slots=True)
class Poles:
    """Seeds of both ends with their embeddings, rows of unit length."""

    seeds: tuple[tuple[str, ...], tuple[str, ...]]
    vectors: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, seeds: Mapping[str, Sequence[str]], embed: Embed) -> "Poles":
        """Poles of seeds under "+" and "-", at least two each.

        Raises
        ------
        InputError
            If an end is missing, has fewer than two seeds, or shares a seed with the other.
        """
        if set(seeds) != {"+", "-"}:
            raise InputError(f'poles need the keys "+" and "-", each with a list of seeds; these have {sorted(seeds)}')
        ends = tuple(tuple(dict.fromkeys(seeds[end])) for end in "+-")
        for end, own in zip("+-", ends, strict=True):
            if len(own) < 2:
                raise InputError(f'the pole "{end}" has {len(own)} seed(s); give at least two, better five to ten')
        if both := set(ends[0]) & set(ends[1]):
            raise InputError(f"the seed {sorted(both)[0]!r} stands at both poles")
        return cls(ends, tuple(embed(own) for own in ends))

    def place(self, vectors: np.ndarray) -> pd.DataFrame:
        """Where sentence embeddings lie on the axis.

        Returns
        -------
        DataFrame
            `position`: half the difference of the cosines to the mean of the "+" seeds and to that of the "-" seeds, -1..1; `lower` and
            `upper`: its least and greatest value when any one seed is left out.
        """
        without = np.stack([vectors @ axis for _, _, axis in self._leaving_one_out()])
        return pd.DataFrame(
            {
                "position": vectors @ _axis(*self.vectors),
                "lower": without.min(axis=0),
                "upper": without.max(axis=0),
            }
        ).astype("float32")

    def stability(self) -> pd.DataFrame:
        """How far the axis turns without each seed: `pole`, `seed`, `cosine` (1 = the seed adds nothing; low = the axis hangs on it)."""
        whole = _axis(*self.vectors)
        rows = [(pole, seed, float(_cosine(whole, axis))) for pole, seed, axis in self._leaving_one_out()]
        return pd.DataFrame(rows, columns=["pole", "seed", "cosine"]).sort_values("cosine", ignore_index=True)

    def _leaving_one_out(self) -> list[tuple[str, str, np.ndarray]]:
        plus, minus = self.vectors
        return [
            *(("+", seed, _axis(np.delete(plus, i, axis=0), minus)) for i, seed in enumerate(self.seeds[0])),
            *(("-", seed, _axis(plus, np.delete(minus, i, axis=0))) for i, seed in enumerate(self.seeds[1])),
        ]


def _axis(plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
    return (_unit(plus.mean(axis=0)) - _unit(minus.mean(axis=0))) / 2


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return _unit(a) @ _unit(b)
