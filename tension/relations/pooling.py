"""The sentence embedding, pooled apart from the judgement.

Training on acts bends the token vectors away from what makes sentences alike. A linear map, fitted once after training, takes the mean of
the token vectors to where the base encoder put the same sentence; `likeness.py` then moves it a little further.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from tension.errors import ModelDamagedError

POOLING = "pooling.safetensors"
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Pooling:
    """A (dim, dim) map of sentence vectors."""

    matrix: np.ndarray

    @classmethod
    def fit(cls, own: np.ndarray, base: np.ndarray) -> "Pooling":
        """The map from our sentence vectors to the base encoder's, both (n, dim) and of unit length, by ridge regression."""
        gram = own.T @ own + _RIDGE * np.eye(own.shape[1])
        return cls(np.linalg.solve(gram.astype(float), (own.T @ base).astype(float)).astype(np.float32))

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Mapped vectors of unit length."""
        factors = (torch.from_numpy(factor.astype(np.float32, copy=False)) for factor in (vectors, self.matrix))
        mapped = torch.matmul(*factors).numpy()  # numpy's threads would fight for the cores with those of the encoder
        return mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12)

    def save(self, folder: Path) -> None:
        """Write the map beside the model, in half precision."""
        save_file({"matrix": self.matrix.astype(np.float16)}, folder / POOLING)

    @classmethod
    def load(cls, folder: Path) -> "Pooling | None":
        """The map of a model folder; None where it has none."""
        if not (folder / POOLING).is_file():
            return None
        try:
            return cls(load_file(folder / POOLING)["matrix"].astype(np.float32))
        except (OSError, KeyError, SafetensorError) as error:
            raise ModelDamagedError(f"{folder / POOLING} is damaged: {error}") from error
