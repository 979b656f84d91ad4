import json
import shutil

import numpy as np
import pytest
import torch

import tension
from tension.errors import ModelDamagedError, ModelError, ModelNotFoundError, OptionError
from tension.ontology import ACTS
from tension.relations.calibration import expected_calibration_error, fit_temperature, softmax
from tension.relations.encoder import length_batches
from tension.relations.head import JUDGED, NONE, READ, PairHead
from tension.relations.masks import pair_masks
from tension.relations.model import Pair, RelationModel
from tension.resources import model_path, verify_checksums

# Two float32 passes that differ in padding agree to rounding; seen: 3e-6 in logits.
ROUNDING = 1e-4
SENTENCES = [
    "China condemned Japan.",
    "Chinese coast guard ships entered Japanese territorial waters near the Senkaku Islands for the third day in a row, officials said.",
    "Ghana and Togo signed a trade agreement in Accra after two years of talks.",
    "Peru.",
]


@pytest.fixture(scope="module")
def model() -> RelationModel:
    return RelationModel.from_pretrained(device="cpu")


def test_rows_of_embeddings_have_unit_length(model):
    vectors = model.embed(SENTENCES)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_to_embed_or_judge(model):
    assert model.embed([]).shape == (0, 384)
    assert model.judge([], []).acts.shape == (0, len(ACTS) + 1)


def test_a_judgement_does_not_depend_on_its_batch(model):
    pairs = [Pair(0, ((0, 5),), ((16, 21),)), Pair(1, ((0, 7),), ((33, 41),)), Pair(2, ((0, 5),), ((10, 14),)), Pair(3)]
    together = model.logits(SENTENCES, pairs)[0]
    alone = np.vstack([model.logits([SENTENCES[p.row]], [Pair(0, p.source, p.target)])[0] for p in pairs])
    assert np.abs(together - alone).max() < ROUNDING


def test_a_judgement_after_what_was_said_does_not_depend_on_its_batch(model):
    text = "Norway; Kenya: Norway accused Kenya of spying. [SEP] The charge was denied."
    denied = Pair(4, ((8, 13), (30, 35)), ((0, 6), (15, 21)), (text.index("The charge"), len(text)))
    pairs = [denied, Pair(0, ((0, 5),), ((16, 21),)), Pair(4, denied.target, denied.source, denied.judged)]
    together = model.logits([*SENTENCES, text], pairs)[0]
    alone = model.logits([text], [Pair(0, denied.source, denied.target, denied.judged)])[0]
    assert np.abs(together[0] - alone[0]).max() < ROUNDING
    assert np.abs(together[0] - together[2]).max() > 0.1


def test_a_sentence_that_is_cut_off_is_reported(model):
    with pytest.warns(UserWarning, match=r"1 sentence.*256 tokens"):
        model.embed(["China condemned Japan. " * 100, "Short."])


def test_pairs_come_back_in_their_order(model):
    pairs = [Pair(2, ((0, 5),), ((10, 14),)), Pair(0, ((0, 5),), ((16, 21),)), Pair(2, ((10, 14),), ((0, 5),))]
    forward, backward = model.logits(SENTENCES, pairs)[0], model.logits(SENTENCES, pairs[::-1])[0][::-1]
    assert np.abs(forward - backward).max() < ROUNDING


def test_probabilities_add_up_and_direction_matters(model):
    judged = model.judge([SENTENCES[0]], [Pair(0, ((0, 5),), ((16, 21),)), Pair(0, ((16, 21),), ((0, 5),))])
    assert np.allclose(judged.p_none() + judged.p_cooperation() + judged.p_conflict(), 1)
    assert judged.p_conflict()[0] > 0.5 > judged.p_conflict()[1]


def test_one_encoder_pass_for_each_sentence_however_many_pairs(model):
    before = model.encoder_calls
    model.judge([SENTENCES[0]], [Pair(0, ((0, 5),), ((16, 21),))] * 30)
    assert model.encoder_calls - before == 1


def test_save_and_load_give_the_same_model(model, tmp_path):
    model.save_pretrained(tmp_path / "first")
    model = RelationModel.from_pretrained(tmp_path / "first", device="cpu")  # in bfloat16, whatever it was before
    model.save_pretrained(tmp_path / "copy")
    again = RelationModel.from_pretrained(tmp_path / "copy", device="cpu")
    assert again.label == model.label
    assert np.allclose(again.embed(SENTENCES), model.embed(SENTENCES), atol=1e-6)
    pairs = [Pair(0, ((0, 5),), ((16, 21),))]
    assert np.allclose(again.judge(SENTENCES, pairs).acts, model.judge(SENTENCES, pairs).acts, atol=1e-6)


def _copy_of_default(tmp_path):
    return shutil.copytree(model_path(), tmp_path / "model")


def test_a_missing_model_lists_the_shipped_ones():
    with pytest.raises(ModelNotFoundError, match="tension-minilm"):
        RelationModel.from_pretrained("no-such-model")


@pytest.mark.parametrize("name", ["model.safetensors", "head.safetensors", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named(name, tmp_path):
    folder = _copy_of_default(tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelNotFoundError, match=name):
        RelationModel.from_pretrained(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "head.safetensors"])
def test_a_damaged_file_is_named_with_its_checksum(name, tmp_path):
    folder = _copy_of_default(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / name).write_bytes(content)
    expected = json.loads((folder / "checksums.json").read_text())[name]
    with pytest.raises(ModelDamagedError, match=rf"{name}.*SHA-256.*{expected}"):
        RelationModel.from_pretrained(folder)


def test_a_truncated_file_without_checksums_is_reported_too(tmp_path):
    folder = _copy_of_default(tmp_path)
    (folder / "checksums.json").unlink()
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelDamagedError, match="cannot be read"):
        RelationModel.from_pretrained(folder)


def test_the_shipped_model_is_small_and_intact():
    folder = model_path()
    verify_checksums(folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 50e6
    assert not [path for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pkl"}]


def test_a_plain_encoder_embeds_but_does_not_judge(tmp_path):
    folder = _copy_of_default(tmp_path)
    for name in ("tension.json", "head.safetensors", "checksums.json"):
        (folder / name).unlink()
    scorer = tension.Scorer(folder)
    assert scorer.embed(["A sentence."]).shape == (1, 384)
    with pytest.raises(ModelError, match="train"):
        scorer.classify(["A sentence."])


def test_the_shipped_folder_gives_the_same_vectors_through_transformers():
    from tension.relations.huggingface import HuggingFaceEncoder

    model = RelationModel.from_pretrained(device="cpu", precision="float32")
    encoder = HuggingFaceEncoder.from_pretrained(model_path())
    reference = RelationModel(encoder, model.head, model.settings, pooling=model.pooling)
    assert np.abs(reference.embed(SENTENCES) - model.embed(SENTENCES)).max() < ROUNDING
    pairs = [Pair(1, ((0, 7),), ((33, 41),))]
    assert np.abs(reference.logits(SENTENCES, pairs)[0] - model.logits(SENTENCES, pairs)[0]).max() < 10 * ROUNDING


def test_unknown_devices_are_refused():
    with pytest.raises(OptionError, match="cpu"):
        RelationModel.from_pretrained(device="abacus")


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [5, 200, 7, 7, 31, 256, 3]
    batches = list(length_batches(lengths, budget=256))
    assert sorted(row for rows in batches for row in rows) == list(range(7))
    assert all(sum(lengths[row] for row in rows) <= 256 for rows in batches)
    assert all(len(rows) * max(lengths[row] for row in rows) <= 512 for rows in batches)


def test_a_span_covers_the_tokens_it_overlaps():
    offsets = [(0, 0), (0, 5), (6, 15), (16, 21), (0, 0)]
    source, target, _ = pair_masks([offsets], [0], [Pair(0, ((0, 5), (17, 18)))], 6)
    assert not target.any()
    assert source[0].tolist() == [0, 1, 0, 1, 0, 0]


def test_what_was_said_before_is_read_where_it_tells_a_side():
    offsets = [(0, 0), (0, 5), (6, 15), (16, 21), (0, 0)]
    asked = [Pair(0, judged=(6, 21)), Pair(0), Pair(0, ((6, 15),), judged=(6, 21)), Pair(0, ((0, 5),), judged=(6, 21))]
    *_, read = pair_masks([offsets], [0] * 4, asked, 6)
    told = [0, 0, JUDGED, JUDGED, 0, 0]
    assert read.tolist() == [told, [JUDGED] * 6, told, [0, READ, JUDGED, JUDGED, 0, 0]]


def test_what_was_said_long_before_is_not_read():
    offsets = [(0, 5), (300, 305), (500, 505)]
    *_, read = pair_masks([offsets], [0], [Pair(0, ((0, 5),), judged=(500, 505))], 3)
    assert read.tolist() == [[0, READ, JUDGED]]


def test_what_is_said_around_it_is_not_what_is_told():
    head, hidden, mask, row, side = _one_pair()
    with torch.inference_mode():
        plain = head.features(hidden, mask, row, side, side)
        whole = head.features(hidden, mask, row, side, side, torch.full((1, 5), JUDGED))
        last = head.features(hidden, mask, row, side, side, torch.tensor([[0, 0, JUDGED, JUDGED, 0]]))
    assert torch.allclose(plain, whole, atol=1e-5)
    assert not torch.allclose(plain, last, atol=1e-3)


def test_a_pair_reads_what_is_judged_what_is_read_with_it_and_its_sides():
    head, hidden, mask, row, side = _one_pair()
    read = torch.tensor([[0, 0, JUDGED, READ, 0]])
    with torch.inference_mode():
        found, unread, unsided, unheard = (
            head.features(_without(hidden, *places), mask, row, side, side, read)
            for places in ((), (0, 4), (0, 1, 4), (0, 3, 4))
        )
    assert torch.allclose(found, unread, atol=1e-6)
    assert not torch.allclose(found, unsided, atol=1e-3)
    assert not torch.allclose(found, unheard, atol=1e-3)


@pytest.mark.filterwarnings("ignore:.*read only up to there")
@pytest.mark.parametrize("sides", [((), ()), (((0, 5),), ((14, 19),))])
def test_what_stands_behind_what_is_read_tells_no_event(model, sides):
    text = "Japan accused China. " + "x1y2 " * 150
    read, unread = (0, 20), (len(text), len(text) + 20)
    asked = [Pair(0, ((0, 5),), ((14, 19),), read), Pair(0, *sides, unread)]
    judged = model.judge([text + "The charge was denied."], asked)
    assert judged.p_none()[0] < 0.2
    assert judged.p_none()[1] > 0.999


def test_a_pair_is_read_for_inference_as_it_is_learned():
    torch.manual_seed(0)
    head, hidden, mask = PairHead(24, width=24, heads=2).eval(), torch.randn(3, 7, 24), torch.ones(3, 7, dtype=torch.long)
    mask[1, 5:] = 0
    row, (source, target) = torch.tensor([2, 0, 0, 1, 2]), torch.zeros(2, 5, 7)
    source[[0, 1, 2, 4], [0, 1, 1, 3]], target[[0, 1, 3, 4], [3, 6, 2, 0]] = 1, 1
    read = torch.tensor([[READ, READ, JUDGED, JUDGED, 0, 0, 0], [JUDGED] * 7, [0, 0, 0, JUDGED, JUDGED, 0, 0]])[[0, 1, 2, 1, 0]]
    learned = head.features(hidden, mask, row, source, target, read)
    with torch.inference_mode():
        found = head.features(hidden, mask, row, source, target, read)
    assert torch.allclose(learned, found, atol=1e-5)


def _one_pair():
    """A small head, and one text of five tokens, of which the second is both sides of a pair."""
    torch.manual_seed(0)
    head, hidden = PairHead(24, width=24, heads=2).eval(), torch.randn(1, 5, 24)
    return head, hidden, torch.ones(1, 5, dtype=torch.long), torch.tensor([0]), torch.tensor([[0.0, 1, 0, 0, 0]])


def _without(hidden, *places):
    left = hidden.clone()
    left[:, list(places)] = 0
    return left


def test_a_pair_does_not_see_the_padding():
    torch.manual_seed(0)
    head = PairHead(24, width=24, heads=2).eval()
    hidden, mask = torch.randn(1, 5, 24), torch.ones(1, 5, dtype=torch.long)
    padded, padded_mask = (
        torch.cat([hidden, torch.randn(1, 3, 24)], 1),
        torch.cat([mask, torch.zeros(1, 3, dtype=torch.long)], 1),
    )
    side = torch.tensor([[0.0, 1, 0, 0, 0]])
    padded_side = torch.cat([side, torch.zeros(1, 3)], 1)
    row = torch.tensor([0])
    with torch.inference_mode():
        short = head(hidden, mask, row, side, side)[0]
        long = head(padded, padded_mask, row, padded_side, padded_side)[0]
    assert torch.allclose(short, long, atol=1e-5)


def test_temperature_undoes_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3))
    truth = np.array([rng.multinomial(1, p) for p in softmax(logits)])
    assert fit_temperature(3 * logits, truth) == pytest.approx(3, rel=0.1)
    p = softmax(logits)
    calibrated = expected_calibration_error(p.max(1), truth[np.arange(4000), p.argmax(1)])
    sharp = softmax(3 * logits)
    assert calibrated < 0.03 < expected_calibration_error(sharp.max(1), truth[np.arange(4000), sharp.argmax(1)])


def test_no_event_is_the_last_class():
    assert NONE == len(ACTS) == 17
