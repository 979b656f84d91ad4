"""The layers made for inference: their numbers, in both precisions, whatever they are batched with."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional

from tension.errors import OptionError
from tension.relations.asking import Pair
from tension.relations.layers import Linear, Packing
from tension.relations.model import RelationModel
from tension.relations.precision import has_bfloat16, resolve_precision

CPU = torch.device("cpu")
SENTENCES = [
    "Kenya thanked Norway.",
    "Norway and Kenya signed a fisheries agreement in Mombasa on Tuesday after four years of talks.",
    "Peru.",
    "Kenya, which had recalled its envoy in May, accused Norway of arming poachers, and Norway rejected the charge as absurd.",
    "Norway warned Kenya.",
] * 3
PAIRS = [Pair(row, ((0, 5),), ((14, 20),)) for row in range(len(SENTENCES))]


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def model(request) -> RelationModel:
    return RelationModel.from_pretrained(device="cpu", precision=request.param)


def test_padding_is_dropped_and_put_back():
    mask = torch.tensor([[1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0]])
    padded = torch.arange(24.0).view(4, 3, 2)
    packing = Packing(mask)
    assert packing.runs == ((2, 2, 2), (1, 3, 3), (1, 1, 1))
    assert packing.pack(padded).shape == (32, 2)
    assert torch.equal(packing.unpack(packing.pack(padded)), padded * mask.unsqueeze(-1))


def test_scores_do_not_depend_on_the_batch(model):
    together = model.judge(SENTENCES, PAIRS)
    for row, text in enumerate(SENTENCES):
        alone = model.judge([text], [Pair(0, PAIRS[row].source, PAIRS[row].target)])
        assert np.abs(alone.acts[0] - together.acts[row]).max() < 1e-5


@pytest.mark.parametrize("rows", [1, 15, 33, 128, 256, 384, 1000, 1152])
def test_a_long_sum_does_not_depend_on_the_number_of_rows(rows):
    torch.manual_seed(0)
    weight, bias, x = torch.randn(384, 1536) * 0.05, torch.randn(384), torch.randn(2048, 1536)
    long = Linear(weight, bias, torch.bfloat16)
    with torch.inference_mode():
        together = long(x)
        assert torch.equal(long(x[:rows]), together[:rows])
        assert (together - functional.linear(x, weight, bias)).abs().max() < 0.1


def test_bfloat16_is_near_float32():
    exact, near = (
        RelationModel.from_pretrained(device="cpu", precision=p).judge(SENTENCES, PAIRS)
        for p in ("float32", "bfloat16")
    )
    assert 0 < np.abs(exact.acts - near.acts).max() < 0.01


def test_layers_for_inference_say_what_those_for_training_say():
    model = RelationModel.from_pretrained(device="cpu", precision="float32")
    ids, mask = torch.randint(1000, 20000, (3, 9)), torch.tensor([[1] * 9, [1] * 4 + [0] * 5, [1] * 9])
    live = model.encoder(ids, mask) * mask.unsqueeze(-1)
    with torch.inference_mode():
        assert (model.encoder(ids, mask) - live).abs().max() < 1e-4


def test_layers_are_made_anew_after_a_copy_a_move_and_another_precision(model):
    model.judge(SENTENCES[:1], PAIRS[:1])
    assert model.encoder._made
    assert copy.deepcopy(model).encoder._made is None
    model.to("cpu", str(model.encoder.dtype).removeprefix("torch."))
    assert model.encoder._made is None


def test_layers_are_made_anew_after_training():
    model = RelationModel.from_pretrained(device="cpu", precision="float32")
    before = model.judge(SENTENCES, PAIRS)
    model.head.train()
    with torch.no_grad():
        model.head.layer.linear2.weight.zero_()
    model.head.eval()
    assert np.abs(model.judge(SENTENCES, PAIRS).acts - before.acts).max() > 0.01


def test_precisions_are_known_by_name():
    assert resolve_precision("float32", CPU) == torch.float32
    assert resolve_precision("bfloat16", CPU) == torch.bfloat16
    assert resolve_precision("auto", CPU) == (torch.bfloat16 if has_bfloat16(CPU) else torch.float32)
    with pytest.raises(OptionError, match="bfloat16"):
        resolve_precision("float8", CPU)
