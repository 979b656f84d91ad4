"""What trained models say together of labelled pairs, for one model to learn beside the labels (distillation, Hinton et al. 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from tension.relations.asking import Pair
from tension.relations.calibration import softmax
from tension.relations.encoder import Encoder
from tension.relations.examples import Example, LabelledPair
from tension.relations.model import RelationModel


@dataclass(frozen=True, slots=True)
class Teaching:
    """Probabilities that several models give together, a row for each numbered pair; and whose token vectors are learned, if any are."""

    acts: torch.Tensor  # (pairs, classes)
    statuses: torch.Tensor  # (pairs, statuses)
    encoder: Encoder | None = None

    def about(self, pairs: Sequence[LabelledPair], device: torch.device) -> "Teaching":
        """What is said of these pairs, by their numbers."""
        rows = torch.tensor([pair.number for pair in pairs])
        return Teaching(self.acts[rows].to(device), self.statuses[rows].to(device))

    def vectors(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The encoder's token vectors, (n, length, dim), as constants."""
        with torch.inference_mode():
            hidden = self.encoder(ids, mask)
        return hidden.float().clone()


def taught_by(models: Sequence[RelationModel], examples: Sequence[Example]) -> tuple[list[Example], Teaching]:
    """The examples, their pairs numbered, and what the models say of each: the mean of their logits, each by its temperature."""
    numbered, pairs = [], []
    for row, example in enumerate(examples):
        own = tuple(replace(pair, number=len(pairs) + i) for i, pair in enumerate(example.pairs))
        numbered.append(replace(example, pairs=own))
        pairs += [Pair(row, pair.source, pair.target, pair.judged) for pair in own]
    texts, acts, statuses = [example.text for example in examples], [], []
    for model in models:
        of_acts, of_statuses = model.logits(texts, pairs)
        acts.append(of_acts / model.settings.temperature)
        statuses.append(of_statuses / model.settings.status_temperature)
    said = (torch.from_numpy(softmax(np.mean(logits, axis=0))).float() for logits in (acts, statuses))
    return numbered, Teaching(*said)
