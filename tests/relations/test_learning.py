"""Layers while they learn give what the same layers give when they judge."""

import torch

from tension.relations.learning import drop, encode
from tension.relations.train import base_encoder

SENTENCES = [
    "Ghana thanked Togo.",
    "Togo, which had closed the border in May, let eleven Ghanaian drivers go on Friday.",
]


def encoded():
    encoder = base_encoder()
    batch = encoder.tokenizer(SENTENCES, padding=True, pad_to_multiple_of=8, return_tensors="pt")
    return encoder, batch["input_ids"], batch["attention_mask"]


def test_the_encoder_that_learns_is_the_encoder_that_judges():
    encoder, ids, mask = encoded()
    with torch.no_grad():
        judged, learning = encoder(ids, mask), encode(encoder.model, ids, mask, torch.float32)
    assert (judged - learning)[mask == 1].abs().max() < 1e-4


def test_gradients_reach_every_layer_and_leave_the_embeddings():
    encoder, ids, mask = encoded()
    encode(encoder.model.train(), ids, mask, torch.bfloat16).float().square().mean().backward()
    assert all(layer.output.dense.weight.grad.abs().sum() > 0 for layer in encoder.model.encoder.layer)
    assert all(p.grad is None for p in encoder.model.embeddings.parameters())


def test_a_feature_is_dropped_in_all_tokens_of_a_sentence():
    torch.manual_seed(0)
    dropped = drop(torch.ones(3 * 5, 400), 3, 0.25).view(3, 5, 400)
    assert (dropped == dropped[:, :1]).all()
    assert not (dropped[0] == dropped[1]).all()
    assert 0.2 < (dropped == 0).float().mean() < 0.3
    assert torch.isclose(dropped.max(), torch.tensor(1 / 0.75))
