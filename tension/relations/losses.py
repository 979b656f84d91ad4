"""What training minimises: labels as sets of classes, statuses, what teachers say and their token vectors, distance from the base encoder's
sentence vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from tension.relations.examples import LabelledPair
from tension.relations.head import N_CLASSES, NONE
from tension.relations.teachers import Teaching


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of pairs: each a list of weighted sets of classes, and a status where it is known."""

    sets: torch.Tensor  # (pairs, sets, classes): 1 where the class is in the set
    weights: torch.Tensor  # (pairs, sets)
    statuses: torch.Tensor  # (pairs,), -1 where unknown


def targets_of(pairs: Sequence[LabelledPair], device: torch.device) -> Targets:
    """The labels of pairs as tensors."""
    most = max(len(pair.label) for pair in pairs)
    sets, weights = torch.zeros(len(pairs), most, N_CLASSES), torch.zeros(len(pairs), most)
    sets[:, :, 0] = 1  # an unused place holds some class and weighs nothing
    for i, pair in enumerate(pairs):
        for j, (classes, weight) in enumerate(pair.label):
            sets[i, j] = 0
            sets[i, j, sorted(classes)] = 1
            weights[i, j] = weight
    statuses = torch.tensor([-1 if pair.status is None else pair.status for pair in pairs])
    return Targets(sets.to(device), weights.to(device), statuses.to(device))


def act_loss(logits: torch.Tensor, targets: Targets) -> torch.Tensor:
    """Minus the log probability that falls in each label's set of classes, weighted; the mean over pairs."""
    log_p = logits.log_softmax(-1).unsqueeze(1)
    inside = torch.logsumexp(log_p.masked_fill(targets.sets == 0, -1e4), dim=-1)
    return -(inside * targets.weights).sum(1).mean()


def status_loss(logits: torch.Tensor, targets: Targets) -> torch.Tensor:
    """Cross-entropy of the statuses that are known; 0 where none is."""
    known = targets.statuses >= 0
    return functional.cross_entropy(logits[known], targets.statuses[known]) if known.any() else logits.sum() * 0


def taught_loss(acts: torch.Tensor, statuses: torch.Tensor, said: Teaching, status_weight: float) -> torch.Tensor:
    """Cross-entropy with what teachers say of the acts, and of the statuses as far as they see an event."""
    of_acts = -(said.acts * acts.log_softmax(-1)).sum(-1).mean()
    seen = 1 - said.acts[:, NONE]
    of_statuses = -(said.statuses * statuses.log_softmax(-1)).sum(-1)
    return of_acts + status_weight * (of_statuses * seen).sum() / seen.sum().clamp(min=1)


def vector_loss(hidden: torch.Tensor, taught: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Squared distance from a teacher's token vectors, as a share of their squared length."""
    seen = mask.unsqueeze(-1)
    return ((hidden - taught).square() * seen).sum() / (taught.square() * seen).sum()


def anchor_loss(vectors: torch.Tensor, anchors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Mean cosine distance from the base encoder's sentence vectors."""
    return (1 - (vectors * torch.stack(list(anchors))).sum(-1)).mean()
