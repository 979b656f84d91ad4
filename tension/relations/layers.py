"""One transformer layer, as BERT and the pair head have it, and its matrix products in a chosen precision.

What passes from layer to layer stays in float32; only the factors of the products are rounded. Weights are laid out once for the
processor's kernels where torch can do so. Little is spent on padding, and no sentence's vectors depend on its batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from threading import Lock

import torch
from torch import Tensor
from torch.nn import functional

_FILL, _FILL_FEW = 128, 32
_ROWS = 1024  # tokens of a usual batch, for which the kernels lay the weights out
_FEWER = (32, 128, 384, 640)
_SUMMED = 384  # features
_KEYS = 16
_MAKING = Lock()  # batches run in several threads
Affine = tuple[Tensor, Tensor]
Runs = tuple[tuple[int, int, int], ...]  # how many sentences of which length follow one another, and how many first tokens look around


class Linear:
    """x W' + b with GELU on request, in a precision, (rows, features) -> (rows, features); for inference.

    The kernels of some processors add more features than `_SUMMED` in an order that depends on the number of rows, and rounded sums would
    depend on a sentence's batch. Such rows are filled up with zeros to a number that is summed like `_ROWS`, see `rows_summed_alike`.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype):
        self._dtype = dtype
        self._is_laid_out = weight.device.type == "cpu" and torch.backends.mkldnn.is_available()
        self._is_long = self._is_laid_out and dtype != torch.float32 and weight.shape[1] > _SUMMED
        rounded = weight.detach().to(dtype).contiguous()
        self._weight = _laid_out(rounded) if self._is_laid_out else rounded
        self._bias, self._features = bias.detach().to(dtype), len(bias)

    def __call__(self, x: Tensor, gelu: bool = False) -> Tensor:
        x = x.to(self._dtype)
        if not self._is_laid_out:
            return plain_linear(x, self._weight, self._bias, gelu)
        if not self._is_long:
            return _product(x, self._weight, self._bias, gelu)
        numbers = rows_summed_alike(self._features, x.shape[1], self._dtype, torch.get_num_threads())
        filled = (_filled(part, numbers) for part in x.split(_ROWS))
        parts = [_product(part, self._weight, self._bias, gelu) for part in filled]
        return (torch.cat(parts) if len(parts) > 1 else parts[0])[: len(x)]


def _laid_out(weight: Tensor) -> Tensor:
    return torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)


def _product(x: Tensor, laid_out: Tensor, bias: Tensor, gelu: bool = False) -> Tensor:
    act = ("gelu", [], "none") if gelu else ("none", [], "")
    return torch.ops.mkldnn._linear_pointwise(x, laid_out, bias, *act)


@cache
def rows_summed_alike(features: int, summed: int, dtype: torch.dtype, threads: int) -> tuple[int, ...]:
    """Numbers of rows, least first, whose products this processor sums as it sums those of `_ROWS` rows; found by trying."""
    random = torch.Generator().manual_seed(0)
    weight, rows = (torch.randn(n, summed, generator=random).to(dtype) for n in (features, _ROWS))
    laid_out, bias = _laid_out(weight), weight.new_zeros(features)
    whole = _product(rows, laid_out, bias)
    return (*(n for n in _FEWER if torch.equal(_product(rows[:n], laid_out, bias), whole[:n])), _ROWS)


def _filled(x: Tensor, numbers: tuple[int, ...]) -> Tensor:
    """At most `_ROWS` rows, with zeros up to the next of these numbers."""
    more = next(n for n in numbers if n >= len(x)) - len(x)
    return functional.pad(x, (0, 0, 0, more)) if more else x


def plain_linear(x: Tensor, weight: Tensor, bias: Tensor, gelu: bool = False) -> Tensor:
    """The same in the precision of its arguments, through which gradients flow."""
    result = functional.linear(x, weight, bias)
    return functional.gelu(result) if gelu else result


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters of a post-norm layer: query, key and value in one, the attention's output, the two dense layers, the norms."""

    qkv: Affine
    attended: Affine
    inner: Affine
    outer: Affine
    first_norm: Affine
    last_norm: Affine


class Layer:
    """A post-norm transformer layer with GELU (Devlin et al. 2019).

    Parameters
    ----------
    weights
        Its parameters.
    heads, eps
        Number of attention heads; the norms' epsilon.
    dtype
        Precision of the matrix products; None leaves the parameters as they are, for training.
    """

    def __init__(self, weights: Weights, heads: int, eps: float, dtype: torch.dtype | None):
        self._heads, self._eps = heads, eps
        self._qkv, self._attended, self._inner, self._outer = (
            _linear(part, dtype) for part in (weights.qkv, weights.attended, weights.inner, weights.outer)
        )
        self._norms = weights.first_norm, weights.last_norm

    def __call__(self, hidden: Tensor, runs: Runs) -> Tensor:
        """Token vectors of sentences one after another, (tokens, dim), to the same."""
        return self.changed(hidden, self.attention(self.projected(hidden), runs))

    def projected(self, hidden: Tensor) -> Tensor:
        """Query, key and value of each token, (tokens, dim) -> (tokens, 3 dim)."""
        return self._qkv(hidden)

    def changed(self, hidden: Tensor, found: Tensor) -> Tensor:
        """Token vectors after what attention found for each, (tokens, dim) both."""
        hidden = self._norm(0, hidden, self._attended(found))
        return self._norm(1, hidden, self._outer(self._inner(hidden, gelu=True)))

    def attention(self, qkv: Tensor, runs: Runs) -> Tensor:
        """What the tokens that look around find in their sentence, (tokens, 3 dim) -> (tokens that look around and filling, dim)."""
        found, first = [], 0
        for n, length, looking in runs:
            own = qkv[first : first + n * length].view(n, length, 3, self._heads, -1)
            found.append(_attend(own, looking).transpose(1, 2).reshape(n * looking, -1))
            first += n * length
        if more := lacking(sum(map(len, found))):
            found.append(qkv.new_zeros(more, qkv.shape[1] // 3))
        return torch.cat(found) if len(found) > 1 else found[0]

    def _norm(self, which: int, hidden: Tensor, change: Tensor) -> Tensor:
        """The residual stream, in float32 whatever the precision of the products, with what a part of the layer adds."""
        return functional.layer_norm(change.float().add_(hidden), hidden.shape[-1:], *self._norms[which], self._eps)


def _attend(qkv: Tensor, looking: int) -> Tensor:
    """Scaled dot product attention of the first tokens, (n, length, 3, heads, dim) -> (n, heads, looking, dim).

    On processors the kernel reads sixteen keys at a time, and what is left over one by one: more than three are filled up with some that
    nobody sees.
    """
    length, seen = qkv.shape[1], None
    query, keys = qkv[:, :looking, 0], qkv[:, :, 1:]
    if qkv.device.type == "cpu" and 0 < (more := -length % _KEYS) < _KEYS - 3:
        keys = functional.pad(keys, (0, 0, 0, 0, 0, 0, 0, more))
        seen = query.new_zeros(1, 1, 1, length + more)
        seen[..., length:] = float("-inf")
    parts = (part.transpose(1, 2) for part in (query, *keys.unbind(2)))
    return functional.scaled_dot_product_attention(*parts, attn_mask=seen)


def lacking(tokens: int) -> int:
    """Rows to fill up with to a multiple of 128, of 32 where there are few: kernels are made anew, and kept, for each number of them."""
    return -tokens % (_FILL if tokens > _FILL else _FILL_FEW)


class Packing:
    """Sentences of a padded batch laid one after another, without the padding: (n, length, dim) <-> (tokens, dim).

    Zeros fill up to a number of rows that the kernels know (`lacking`). Where only the first tokens of each sentence are to look around,
    `looking`, (n,), says how many.
    """

    def __init__(self, mask: Tensor, looking: Tensor | None = None):
        self.mask, self._places = mask, mask.reshape(-1).nonzero().squeeze(1)
        self._filled = lacking(len(self._places))
        lengths = mask.sum(1)
        sizes = zip(lengths.tolist(), (lengths if looking is None else looking).tolist(), strict=True)
        self.runs = tuple((len(list(run)), *size) for size, run in groupby(sizes))

    def pack(self, padded: Tensor) -> Tensor:
        packed = padded.reshape(-1, *padded.shape[2:]).index_select(0, self._places)
        return torch.cat([packed, packed.new_zeros(self._filled, *packed.shape[1:])]) if self._filled else packed

    def unpack(self, packed: Tensor) -> Tensor:
        """Padded again, zeros at the padding."""
        padded = packed.new_zeros(self.mask.numel(), packed.shape[1])
        return padded.index_copy(0, self._places, packed[: len(self._places)]).view(*self.mask.shape, -1)


def _linear(parameters: Affine, dtype: torch.dtype | None) -> Callable[..., Tensor]:
    if dtype is not None:
        return Linear(*parameters, dtype)
    return lambda x, gelu=False: plain_linear(x, *parameters, gelu)


class Making(torch.nn.Module):
    """A module that makes something of its parameters for inference, once, and anew wherever they may have changed."""

    _made: object = None

    def _apply(self, fn, recurse: bool = True):
        self._made = None
        return super()._apply(fn, recurse)

    def train(self, mode: bool = True):
        self._made = None
        return super().train(mode)

    def requires_grad_(self, requires_grad: bool = True):
        self._made = None
        return super().requires_grad_(requires_grad)

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_made": None}


class Prepared(Making):
    """A module whose layers are made once for inference, in a precision, from parameters that stay as they are."""

    dtype: torch.dtype = torch.float32
    _made: "list[Layer] | None" = None

    def make_layers(self, dtype: torch.dtype | None) -> list[Layer]:
        """The layers, their products in a precision, or with the parameters themselves where it is None."""
        raise NotImplementedError

    def layers(self) -> list[Layer]:
        """The layers to run now: those made for inference, or such that gradients flow through."""
        if not torch.is_inference_mode_enabled():
            return self.make_layers(None)
        with _MAKING:
            if self._made is None:
                self._made = self.make_layers(self.dtype)
            return self._made

    def use(self, dtype: torch.dtype) -> None:
        """Choose the precision of inference."""
        self.dtype, self._made = dtype, None
