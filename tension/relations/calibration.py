"""Probabilities that mean what they say: temperature, an offset for the last class, and the calibration error."""

import numpy as np


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Row-wise softmax of logits divided by a temperature."""
    scaled = logits / temperature
    shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def with_offset(logits: np.ndarray, temperature: float, offset: float) -> np.ndarray:
    """Row-wise softmax of logits divided by a temperature, the last class ("no event") raised by an offset."""
    scaled = logits / temperature
    scaled[:, -1] += offset
    return softmax(scaled)


def fit_offset(logits: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The temperature and offset of `with_offset` that minimise the held-out negative log likelihood; `truth` as in `fit_temperature`.

    A temperature alone leaves events that are rarer or commoner than in training mispriced; the offset moves them all alike.
    """
    from scipy.optimize import minimize  # a seventh of the time to the first score, which fits nothing

    def loss(parameters: np.ndarray) -> float:
        p = with_offset(logits, float(np.exp(parameters[0])), float(parameters[1]))
        return float(-(truth * np.log(p + 1e-12)).sum(axis=1).mean())

    best = minimize(loss, [0.0, 0.0], method="Nelder-Mead").x
    return float(np.exp(best[0])), float(best[1])


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that minimises the held-out negative log likelihood (Guo et al. 2017).

    Parameters
    ----------
    logits
        (n, classes).
    truth
        (n, classes): the probability of each class, rows summing to 1; a single class is a row with one 1.
    """
    grid = np.exp(np.linspace(np.log(0.25), np.log(4.0), 161))
    losses = [-(truth * np.log(softmax(logits, t) + 1e-12)).sum(axis=1).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over equally filled bins, 0 (calibrated) to 1."""
    order = np.argsort(confidence)
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(len(p) * abs(confidence[p].mean() - correct[p].mean()) for p in parts) / len(order))
