"""A user's own labels: a multinomial logistic classifier on what the pair head makes of a sentence and its two sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from tension.errors import InputError
from tension.relations.calibration import expected_calibration_error, softmax

_STEPS = 200


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """Classes with their weights: `weight` is (classes, width), `bias` is (classes,)."""

    classes: tuple[str, ...]
    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, labels: Sequence[str], ridge: float = 1e-2) -> "OwnLabels":
        """Fit by L-BFGS, with a ridge penalty on the weights; the same data give the same classifier.

        Raises
        ------
        InputError
            If there are fewer than two classes.
        """
        classes = tuple(sorted(set(labels)))
        if len(classes) < 2:
            raise InputError(f"labels need at least two classes; these have {', '.join(classes) or 'none'}")
        x = torch.tensor(features, dtype=torch.float64)
        centre, spread = x.mean(0), x.std(0).clamp(min=1e-6)
        x, y = (x - centre) / spread, torch.tensor([classes.index(label) for label in labels])
        weight = torch.zeros(len(classes), x.shape[1], dtype=torch.float64, requires_grad=True)
        bias = torch.zeros(len(classes), dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimiser.zero_grad()
            value = functional.cross_entropy(x @ weight.T + bias, y) + ridge * weight.square().sum()
            value.backward()
            return value

        optimiser.step(loss)
        own = (weight / spread).detach()
        return cls(classes, own.numpy(), (bias.detach() - own @ centre).numpy())

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n, classes) from (n, width) features."""
        return softmax(features @ self.weight.T + self.bias)


def scores(predicted: np.ndarray, truth: Sequence[str], classes: Sequence[str]) -> pd.DataFrame:
    """Quality of predicted probabilities.

    Returns
    -------
    DataFrame
        A row per class with `precision`, `recall`, `f1` and `n`, and a last row "all" with the accuracy as precision and recall, the mean
        F1 over the classes, and in `attrs` the `accuracy`, `macro_f1`, `calibration_error` and `n`.
    """
    best = np.asarray(classes)[predicted.argmax(axis=1)]
    truth = np.asarray(truth)
    rows = {}
    for name in classes:
        hit, said, there = (int(mask.sum()) for mask in ((best == name) & (truth == name), best == name, truth == name))
        rows[name] = (hit / said if said else 0.0, hit / there if there else 0.0, 2 * hit / max(1, said + there), there)
    accuracy = float((best == truth).mean())
    macro = float(np.mean([f1 for _, _, f1, n in rows.values() if n]))
    rows["all"] = (accuracy, accuracy, macro, len(truth))
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["precision", "recall", "f1", "n"])
    error = expected_calibration_error(predicted.max(axis=1), (best == truth).astype(float))
    frame.attrs = {"accuracy": accuracy, "macro_f1": macro, "calibration_error": error, "n": len(truth)}
    return frame
