"""What keeps training from learning its lines by heart, besides dropout: hidden words, averaged weights."""

from collections.abc import Sequence

import torch
from torch import nn


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


@torch.no_grad()
def meet(parameters: Sequence[nn.Parameter], *others: Sequence[torch.Tensor], shares: Sequence[float] = ()) -> None:
    """Give the parameters the mean of theirs and of others of the same model trained apart (Wortsman et al. 2022), equal or by shares."""
    weights = torch.tensor(shares or [1.0] * (1 + len(others)))
    weights = weights / weights.sum()
    for parameter, *rest in zip(parameters, *others, strict=True):
        parameter.copy_(torch.tensordot(weights.to(parameter), torch.stack([parameter, *rest]), dims=1))


def hide_words(
    ids: torch.Tensor, mask: torch.Tensor, named: torch.Tensor, share: float, hidden_id: int, marks: Sequence[int]
) -> torch.Tensor:
    """Token ids (sentences, tokens) with a share of those that name no side and are no marks replaced by the mask token."""
    drawn = (torch.rand(ids.shape, device=ids.device) < share) & (named == 0) & (mask == 1)
    drawn &= ~torch.isin(ids, torch.tensor(marks, device=ids.device))
    return ids.masked_fill(drawn, hidden_id)
