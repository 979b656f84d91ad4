"""What keeps training from learning its lines by heart: dropout, hidden words, averaged weights."""

from collections.abc import Sequence

import torch
from torch import nn

from tension.relations.huggingface import HuggingFaceEncoder


class LockedDropout(nn.Module):
    """Dropout that drops a feature in all tokens of a sentence alike, at a fraction of the draws."""

    def __init__(self, p: float):
        super().__init__()
        self.keep = 1 - p

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return hidden
        shape = (hidden.shape[0], *[1] * (hidden.dim() - 2), hidden.shape[-1])
        return hidden * (torch.rand(shape, device=hidden.device) < self.keep).to(hidden.dtype) / self.keep


def make_quick(encoder: HuggingFaceEncoder) -> None:
    """Locked dropout of features and none of attention weights: drawing for every token took a fifth of the time."""
    for module in encoder.modules():
        if isinstance(getattr(module, "dropout", None), nn.Dropout):
            module.dropout = LockedDropout(module.dropout.p)
    for layer in encoder.model.encoder.layer:
        layer.attention.self.dropout = nn.Dropout(0.0)


class Average:
    """The running mean of weights over the last steps (Polyak averaging), each step weighing `decay` times the next."""

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float, every: int = 4):
        self._parameters = [p for p in parameters if p.requires_grad]
        self._means = [p.detach().clone() for p in self._parameters]
        self._decay, self._every, self._step = decay, every, 0

    @torch.no_grad()
    def update(self) -> None:
        self._step += 1
        if self._step % self._every == 0 or self._step < self._every:
            fresh = min(1.0, max(1 - self._decay**self._every, self._every / self._step))
            torch._foreach_lerp_(self._means, self._parameters, fresh)

    @torch.no_grad()
    def apply(self) -> None:
        """Give the parameters their means."""
        for parameter, mean in zip(self._parameters, self._means, strict=True):
            parameter.copy_(mean)


def hide_words(
    ids: torch.Tensor, mask: torch.Tensor, named: torch.Tensor, share: float, hidden_id: int, marks: Sequence[int]
) -> torch.Tensor:
    """Token ids (sentences, tokens) with a share of those that name no side and are no marks replaced by the mask token."""
    drawn = (torch.rand(ids.shape, device=ids.device) < share) & (named == 0) & (mask == 1)
    drawn &= ~torch.isin(ids, torch.tensor(marks, device=ids.device))
    return ids.masked_fill(drawn, hidden_id)
