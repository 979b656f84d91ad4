"""Full fine-tuning on a user's own labels: encoder and head learn the classes, and keep what they said about acts."""

import copy
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from tension.relations.asking import Pair
from tension.relations.masks import pair_inputs

if TYPE_CHECKING:
    from tension.relations.model import RelationModel

_BATCH = 16
_RATES = {"encoder": 3e-5, "head": 2e-4}


def fine_tuned(
    model: "RelationModel",
    sentences: Sequence[str],
    pairs: Sequence[Pair],
    labels: Sequence[str],
    epochs: int,
    seed: int,
) -> "RelationModel":
    """A copy of a model, all of its weights trained on the labels, while its acts are held to those of the original (distillation)."""
    torch.manual_seed(seed)
    rng, before = random.Random(seed), torch.tensor(model.logits(sentences, pairs)[0]).float().softmax(-1)
    student = copy.deepcopy(model)
    for parameter in student.parameters():
        parameter.requires_grad_(True)
    classes = sorted(set(labels))
    truth = torch.tensor([classes.index(label) for label in labels])
    output = nn.Linear(student.head.config["width"], len(classes))
    optimiser = torch.optim.AdamW(
        [
            {"params": student.encoder.parameters(), "lr": _RATES["encoder"]},
            {"params": [*student.head.parameters(), *output.parameters()], "lr": _RATES["head"]},
        ]
    )
    student.head.train()
    order = list(range(len(pairs)))
    for _ in range(epochs):
        rng.shuffle(order)
        for rows in (order[i : i + _BATCH] for i in range(0, len(order), _BATCH)):
            features = _features(student, [sentences[pairs[i].row] for i in rows], [pairs[i] for i in rows])
            acts = student.head.acts(features).log_softmax(-1).cpu()
            loss = functional.cross_entropy(output(features.cpu()), truth[rows])
            loss = loss + functional.kl_div(acts, before[rows], reduction="batchmean")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    student.head.eval()
    for parameter in student.parameters():
        parameter.requires_grad_(False)
    return student


def _features(model: "RelationModel", sentences: list[str], pairs: list[Pair]) -> torch.Tensor:
    """The head's features with their gradients, one sentence for each pair."""
    batch = model.encoder.batch(list(range(len(sentences))), *model.encoder.tokenise(sentences))
    own = [replace(pair, row=row) for row, pair in enumerate(pairs)]
    return model.head.features(batch.hidden, batch.mask, *pair_inputs(batch, own))
