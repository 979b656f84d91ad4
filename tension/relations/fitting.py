"""What is fitted after the weights: temperatures, the offset of "no event", the event threshold, and the pooling of the embedding."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tension.ontology import STATUSES
from tension.relations.asking import Pair
from tension.relations.calibration import expected_calibration_error, fit_offset, fit_temperature, with_offset
from tension.relations.examples import Example
from tension.relations.head import N_CLASSES, NONE
from tension.relations.likeness import Likeness, taught
from tension.relations.model import RelationModel
from tension.relations.pooling import Pooling

_AS_GOOD = 0.005  # F1 of event thresholds is flat near its top: of those within this of the best, the one that counts right is taken


def settle(examples: Sequence[Example], model: RelationModel) -> list[Example]:
    """Of the clauses that may tell a line's event, the one where the model finds it likeliest is taken to tell it."""
    asked = [(i, j, pair) for i, example in enumerate(examples) for j, pair in enumerate(example.pairs) if pair.bag]
    if not asked:
        return list(examples)
    rows = {i: row for row, i in enumerate(dict.fromkeys(i for i, _, _ in asked))}
    judged = model.judge(
        [examples[i].text for i in rows], [Pair(rows[i], p.source, p.target, p.judged) for i, _, p in asked]
    )
    best: dict[tuple[str, ...], tuple[float, int, int]] = {}
    for (i, j, pair), p in zip(asked, judged.acts, strict=True):
        told = sum(weight * p[sorted(classes - {NONE})].sum() for classes, weight in pair.if_told[0])
        best[pair.bag] = max(best.get(pair.bag, (-1.0, 0, 0)), (float(told), i, j))
    settled = list(examples)
    for _, i, j in best.values():
        pairs = list(settled[i].pairs)
        label, status = pairs[j].if_told
        pairs[j] = replace(pairs[j], label=label, status=status)
        settled[i] = replace(settled[i], pairs=tuple(pairs))
    return settled


def truth_of(examples: Sequence[Example]) -> tuple[list[str], list[Pair], np.ndarray, np.ndarray]:
    """Sentences, pairs, class probabilities and statuses of the named pairs whose label is certain: acts or none, nothing optional."""
    texts, pairs, truth, statuses = [], [], [], []
    for example in examples:
        texts.append(example.text)
        for p in example.pairs:
            if (p.source or p.target) and all(len(classes) == 1 for classes, _ in p.label):
                pairs.append(Pair(len(texts) - 1, p.source, p.target, p.judged))
                row = np.zeros(N_CLASSES)
                for classes, weight in p.label:
                    row[next(iter(classes))] += weight
                truth.append(row)
                statuses.append(-1 if p.status is None else p.status)
    return texts, pairs, np.array(truth).reshape(-1, N_CLASSES), np.array(statuses)


def calibrate(model: RelationModel, held_out: Sequence[Example]) -> tuple[RelationModel, dict]:
    """Fit temperatures and the event threshold on held-out examples; return the model with them, and what was measured."""
    texts, pairs, truth, statuses = truth_of(settle(held_out, model))
    acts, status_logits = model.logits(texts, pairs)
    known = statuses >= 0
    temperature, none_offset = fit_offset(acts, truth)
    status_temperature = fit_temperature(status_logits[known], np.eye(len(STATUSES))[statuses[known]])
    p = with_offset(acts, temperature, none_offset)
    event = truth[:, NONE] < 0.5
    grid = np.linspace(0.2, 0.8, 61)
    found = 1 - p[:, NONE] >= grid[:, None]
    f1 = np.array([_f1(events, event) for events in found])
    miscounted = np.where(f1 >= f1.max() - _AS_GOOD, np.abs(found.sum(1) - event.sum()), np.inf)
    threshold = round(float(grid[miscounted.argmin()]), 2)
    settings = replace(
        model.settings,
        temperature=temperature,
        none_offset=none_offset,
        status_temperature=status_temperature,
        min_probability=threshold,
    )
    measured = {
        "n_pairs": len(pairs),
        "n_events": int(event.sum()),
        "event_f1": round(100 * _f1(1 - p[:, NONE] >= threshold, event), 1),
        "root_accuracy_given_event": round(
            100 * float((p[event, :NONE].argmax(1) == truth[event, :NONE].argmax(1)).mean()), 1
        ),
        "status_accuracy": round(100 * float((status_logits[known].argmax(1) == statuses[known]).mean()), 1),
        "calibration_error": round(expected_calibration_error(p.max(1), truth[np.arange(len(p)), p.argmax(1)]), 4),
    }
    return RelationModel(model.encoder, model.head, settings), measured


def _f1(predicted: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((predicted & truth).sum()) / max(1, int(predicted.sum() + truth.sum()))


def pooled_apart(model: RelationModel, base: RelationModel, sentences: Sequence[str]) -> RelationModel:
    """The model with its sentence embedding mapped back to the base encoder's space, by these sentences, and taught what is alike."""
    plain = RelationModel(model.encoder, model.head, model.settings)
    pooling = taught(Pooling.fit(plain.embed(sentences), base.embed(sentences)), plain.embed, Likeness.load())
    return RelationModel(model.encoder, model.head, model.settings, pooling=pooling)
