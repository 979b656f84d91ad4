"""Transformer layers while they learn: in the precision of what they read, gradients through them, sentences padded.

Weights cast once a step, and bfloat16 from layer to layer, take two thirds of the time of torch's own modules under autocast on a
processor. Dropout drops a feature in all tokens of a sentence alike: drawing for every token took a fifth of the time.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tension.relations.layers import Weights

PADDED_TO = 8  # tokens: kernels are made anew for each shape, so there should be few
_CLOSED = -1e4


def learning_layer(hidden: Tensor, closed: Tensor, weights: Weights, heads: int, eps: float, dropped: float) -> Tensor:
    """A post-norm layer with GELU (Devlin et al. 2019), as it is trained.

    Parameters
    ----------
    hidden
        (sentences, tokens, dim), in the precision to compute in.
    closed
        What `closed_to` says of the sentences' padding.
    weights, heads, eps
        As in `Layer`; the parameters may be of another precision.
    dropped
        Share of features dropped.
    """
    n, length, dim = hidden.shape

    def linear(x: Tensor, part: tuple[Tensor, Tensor]) -> Tensor:
        return functional.linear(x, *(parameter.to(x.dtype) for parameter in part))

    def norm(x: Tensor, part: tuple[Tensor, Tensor]) -> Tensor:
        return functional.layer_norm(x, (dim,), *(parameter.to(x.dtype) for parameter in part), eps)

    flat = hidden.reshape(n * length, dim)
    qkv = linear(flat, weights.qkv).view(n, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
    query, key, value = qkv.reshape(3, n * heads, length, -1).unbind(0)
    likeness = torch.baddbmm(closed, query, key.transpose(1, 2), alpha=(dim // heads) ** -0.5).softmax(-1)
    found = torch.bmm(likeness, value).view(n, heads, length, -1).transpose(1, 2).reshape(n * length, dim)
    flat = norm(flat + drop(linear(found, weights.attended), n, dropped), weights.first_norm)
    inner = functional.gelu(linear(flat, weights.inner))
    return norm(flat + drop(linear(inner, weights.outer), n, dropped), weights.last_norm).view(n, length, dim)


def closed_to(mask: Tensor, heads: int, dtype: torch.dtype) -> Tensor:
    """What is added to tokens' likeness before the softmax, (sentences * heads, 1, tokens): 0, and very little where there is padding."""
    return ((mask == 0).unsqueeze(1) * _CLOSED).to(dtype).repeat_interleave(heads, 0)


def drop(flat: Tensor, sentences: int, share: float) -> Tensor:
    """Token vectors, (sentences * tokens, dim), with a share of the features at zero, the same in all tokens of a sentence."""
    if not share:
        return flat
    kept = torch.rand(sentences, 1, flat.shape[-1], device=flat.device) >= share
    return (flat.view(sentences, -1, flat.shape[-1]) * (kept.to(flat.dtype) / (1 - share))).view(flat.shape)


def encode(model: nn.Module, ids: Tensor, mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Token vectors of a Hugging Face BERT while it learns, (sentences, tokens, dim), its embeddings left as they are."""
    config, parts = model.config, model.embeddings
    heads = config.num_attention_heads
    share = config.hidden_dropout_prob if model.training else 0.0
    with torch.no_grad():
        first = parts.word_embeddings.weight[ids] + parts.position_embeddings.weight[: ids.shape[1]]
        first = parts.LayerNorm(first + parts.token_type_embeddings.weight[0])
    hidden = drop(first.flatten(0, 1), len(ids), share).view(first.shape).to(dtype)
    closed = closed_to(mask, heads, dtype)
    for layer in model.encoder.layer:
        hidden = learning_layer(hidden, closed, weights_of(layer), heads, config.layer_norm_eps, share)
    return hidden


def weights_of(layer: nn.Module) -> Weights:
    """The parameters of a Hugging Face BERT layer."""
    attention, output = layer.attention, layer.output
    qkv = (attention.self.query, attention.self.key, attention.self.value)
    return Weights(
        (torch.cat([part.weight for part in qkv]), torch.cat([part.bias for part in qkv])),
        *(
            (part.weight, part.bias)
            for part in (
                attention.output.dense,
                layer.intermediate.dense,
                output.dense,
                attention.output.LayerNorm,
                output.LayerNorm,
            )
        ),
    )
