"""The relation model on named pairs of real lines it has not seen: event or none, pole, root, intensity, calibration.

    python benchmarks/judgement.py --shared ../shared [--half dev]

A pair counts where both states are named in the clause and the label is certain (nothing optional); where it stands in several clauses of
a line that tells its event, the model is asked about the one where it finds it likeliest, as in training. Pole, root and intensity are
those of the most probable act supposing there is an event, on the pairs that truly have one. Calibration is also shown for the lines kept
out of training, crosswise: a temperature, a temperature with an offset, or isotonic regression fitted on one half, measured on the other.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
from common import RESULTS, write_result
from scipy.optimize import isotonic_regression
from scipy.stats import spearmanr

from tension.ontology import ACTS, intensities
from tension.relations.asking import default_finder
from tension.relations.calibration import expected_calibration_error, fit_offset, fit_temperature, softmax, with_offset
from tension.relations.datasets import is_held_out
from tension.relations.examples import Example, LabelledPair, annotated_lines
from tension.relations.fitting import settle, truth_of
from tension.relations.head import NONE
from tension.relations.model import RelationModel

ANNOTATIONS = Path(__file__).resolve().parent.parent / "data" / "annotations"


def named_only(examples: list[Example]) -> list[Example]:
    """Examples with the pairs both of whose sides are named in what is judged."""
    kept = ((e, tuple(filter(names_both, e.pairs))) for e in examples)
    return [replace(e, pairs=pairs) for e, pairs in kept if pairs]


def names_both(pair: LabelledPair) -> bool:
    begins = pair.judged[0] if pair.judged else 0
    sides = pair.source, pair.target
    return all(side and all(start >= begins for start, _ in side) for side in sides) and pair.source != pair.target


def judged(model: RelationModel, examples: list[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits and truth of the certain pairs, both (n, acts + 1), and in which half of the lines each lies."""
    texts, pairs, truth, _ = truth_of(settle(examples, model))
    half = np.array([crc32(examples[p.row].uid.encode()) % 2 == 0 for p in pairs])
    return model.logits(texts, pairs)[0], truth, half


def event_figures(p: np.ndarray, truth: np.ndarray, threshold: float) -> dict:
    event, found = truth[:, NONE] < 0.5, 1 - p[:, NONE] >= threshold
    hit = int((event & found).sum())
    coop = np.array([act.cooperative for act in ACTS])
    best, right = p[event, :NONE].argmax(1), truth[event, :NONE].argmax(1)
    scale = np.asarray(intensities("plover"))
    expected = p[event, :NONE] @ scale / p[event, :NONE].sum(1)
    return {
        "pairs": len(p),
        "events": int(event.sum()),
        "event_precision": round(100 * hit / max(1, found.sum()), 1),
        "event_recall": round(100 * hit / max(1, event.sum()), 1),
        "event_f1": round(200 * hit / max(1, found.sum() + event.sum()), 1),
        "pole_given_event": round(100 * float((coop[best] == coop[right]).mean()), 1),
        "root_given_event": round(100 * float((best == right).mean()), 1),
        "root_macro_f1": round(100 * macro_f1(best, right), 1),
        "intensity_spearman": round(float(spearmanr(expected, scale[right]).statistic), 3),
        "calibration_error": round(top_class_error(p, truth), 4),
        "calibration_error_event": round(expected_calibration_error(1 - p[:, NONE], event.astype(float)), 4),
    }


def macro_f1(best: np.ndarray, right: np.ndarray) -> float:
    """Mean F1 over the roots that occur; the two kinds of REQUEST are one root."""
    root = np.array([act.root for act in ACTS])
    said, true = root[best], root[right]
    return float(
        np.mean([2 * ((said == r) & (true == r)).sum() / ((said == r).sum() + (true == r).sum()) for r in set(true)])
    )


def top_class_error(p: np.ndarray, truth: np.ndarray) -> float:
    return expected_calibration_error(p.max(1), truth[np.arange(len(p)), p.argmax(1)])


def crosswise(logits: np.ndarray, truth: np.ndarray, halves: np.ndarray) -> dict[str, float]:
    """Calibration error of the event probability by each method, fitted on one half and measured on the other, both ways."""
    errors: dict[str, list[float]] = {"temperature": [], "offset": [], "isotonic": []}
    for fit in (halves, ~halves):
        event = truth[~fit, NONE] < 0.5
        by_temperature = 1 - softmax(logits, fit_temperature(logits[fit], truth[fit]))[:, NONE]
        by_offset = 1 - with_offset(logits, *fit_offset(logits[fit], truth[fit]))[:, NONE]
        raw = 1 - softmax(logits)[:, NONE]
        order = np.argsort(raw[fit])
        steps = isotonic_regression((truth[fit, NONE] < 0.5).astype(float)[order]).x
        by_steps = np.interp(raw, raw[fit][order], steps)
        for name, p in (("temperature", by_temperature), ("offset", by_offset), ("isotonic", by_steps)):
            errors[name].append(expected_calibration_error(p[~fit], event.astype(float)))
    return {name: round(float(np.mean(values)), 4) for name, values in errors.items()}


def reliability_diagram(p: np.ndarray, truth: np.ndarray, path: Path, n_bins: int = 10) -> None:
    """Share of events against the probability of an event, in equally filled bins."""
    import matplotlib.pyplot as plt

    event, said = truth[:, NONE] < 0.5, 1 - p[:, NONE]
    bins = np.array_split(np.argsort(said), n_bins)
    figure, axes = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([said[b].mean() for b in bins], [event[b].mean() for b in bins], "o-", color="#c4572b")
    axes.set(xlabel="probability of an event", ylabel="share of events", xlim=(0, 1), ylim=(0, 1))
    axes.set_title(f"{len(p)} named pairs of unseen lines", fontsize=10)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    model, finder = RelationModel.from_pretrained(arguments.model), default_finder()
    corpus = arguments.shared / "corpora" / "current_events.jsonl.gz"
    logits, truth, _ = judged(
        model, named_only(list(annotated_lines(ANNOTATIONS / f"gold_{arguments.half}.jsonl", corpus, finder)))
    )
    p = model.probabilities(logits)
    figures = event_figures(p, truth, model.settings.min_probability)
    lines = [e for e in annotated_lines(ANNOTATIONS / "train.jsonl", corpus, finder) if is_held_out(e.uid)]
    lines += annotated_lines(ANNOTATIONS / "validation.jsonl", corpus, finder)
    figures["held_out_calibration_error"] = crosswise(*judged(model, lines))
    for name, value in figures.items():
        print(f"{name:28s} {value}")
    if not arguments.model:
        write_result(f"judgement_{arguments.half}", figures)
        reliability_diagram(p, truth, RESULTS / f"reliability_{arguments.half}.png")


if __name__ == "__main__":
    main()
