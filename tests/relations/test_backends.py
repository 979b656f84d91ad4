import copy
import pickle
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import torch

from tension.errors import MissingExtraError, ModelError, OptionError
from tension.relations.backends import OnnxRuntimeEncoder, OpenVinoEncoder, with_backend
from tension.relations.bert import BertEncoder
from tension.relations.encoder import Encoder
from tension.relations.graph import encoder_graph, export
from tension.relations.model import RelationModel
from tension.resources import model_path
from tension.tally import Tally

# Two float32 passes whose sums are in another order; seen: 5e-6.
ROUNDING = 1e-4
# The same sums on the same numbers; seen: 0 in both precisions.
SAME = {torch.float32: 1e-6, torch.bfloat16: 1e-4}
# Eight bits of mantissa through six layers; seen: 0.03.
BFLOAT16 = 0.1
SENTENCES = [
    "",
    "Peru.",
    "Chad",
    "Talks?",
    "China condemned Japan.",
    "Ghana thanked Togo.",
    "Kenya and Uganda signed a treaty.",
    "Mali expelled the French ambassador.",
    "Norway recalled its envoy from Minsk on Friday.",
    "Cuba asked Mexico for oil, and Mexico said yes.",
    "The two presidents did not meet in Geneva after all.",
    "Turkey shelled positions across the Syrian border overnight.",
    "Poland will send fourteen tanks to Ukraine, its president announced.",
    "India's foreign minister called the Pakistani statement “baseless” and “absurd”.",
    "Ethiopian and Sudanese troops exchanged fire near al-Fashaga, a spokesman in Khartoum said.",
    "Ghana and Togo signed a trade agreement in Accra after two years of talks about fishing rights.",
    "Armenia accused Azerbaijan of breaking the ceasefire; Baku said that Armenian forces had fired first.",
    "São Tomé and Príncipe joined Côte d'Ivoire in asking for an extraordinary session of the union's assembly.",
    "Chile returned to Bolivia three customs officers whom it had held since March, a gesture both capitals called overdue.",
    "Chinese coast guard ships entered Japanese territorial waters near the Senkaku Islands for the third day in a row, officials said.",
    "Iran would consider inspections if sanctions were lifted, its chief negotiator told reporters in Vienna, but not before.",
    *(f"Lebanon and Israel {'again ' * n}agreed on a line at sea." for n in (1, 1, 2, 7, 12, 40)),
    "日本は中国に抗議した。",
    "2,500 tonnes of wheat, 40 % of them a gift, left Odesa for Djibouti (via Port Said) at 04:30 GMT.",
    "Egypt warned Ethiopia about the dam. " * 25,
    "Egypt warned Ethiopia about the dam. " * 60,
]


@pytest.fixture(scope="module")
def bert() -> BertEncoder:
    return BertEncoder(model_path(None)).eval()


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def encoder(bert, request) -> Encoder:
    return with_backend(bert, request.param)


def vectors(encoder: Encoder, sentences: list[str]) -> list[np.ndarray]:
    """Token vectors of each sentence, without padding."""
    found = [np.empty(0)] * len(sentences)
    with torch.inference_mode():
        for batch in encoder.encode(sentences, Tally()):
            for row, hidden, mask in zip(batch.rows, batch.hidden, batch.mask, strict=True):
                found[row] = hidden[: int(mask.sum())].numpy()
    return found


def furthest(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    return max(np.abs(a - b).max() for a, b in zip(some, others, strict=True))


def padded(encoder: Encoder, sentences: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of one batch, whatever the lengths."""
    ids = encoder.tokenise(sentences)[0]
    rows = [torch.from_numpy(tokens) for tokens in ids]
    mask = [torch.ones_like(row) for row in rows]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True, padding_value=encoder.pad), pad(mask, batch_first=True)


def test_a_runtime_gives_the_vectors_of_torch(bert, encoder):
    assert furthest(vectors(encoder, SENTENCES), vectors(bert, SENTENCES)) < ROUNDING


def test_a_padded_batch_in_any_order_gives_the_vectors_of_torch(bert, encoder):
    ids, mask = padded(bert, SENTENCES[:25][::-1] + SENTENCES[:25])
    with torch.inference_mode():
        assert torch.allclose(encoder(ids, mask), bert(ids, mask), atol=ROUNDING)


def test_one_token(bert, encoder):
    ids = torch.tensor([[2006]])
    with torch.inference_mode():
        assert torch.allclose(encoder(ids, torch.ones_like(ids)), bert(ids, torch.ones_like(ids)), atol=ROUNDING)


def test_bfloat16_is_chosen_in_openvino_and_no_further_off_than_its_rounding(bert):
    encoder = OpenVinoEncoder(bert)
    encoder.use(torch.bfloat16)
    assert "bf16" in encoder._settings().values()
    assert furthest(vectors(encoder, SENTENCES), vectors(bert, SENTENCES)) < BFLOAT16
    encoder.use(torch.float32)
    assert furthest(vectors(encoder, SENTENCES), vectors(bert, SENTENCES)) < ROUNDING


def test_onnxruntime_stays_in_float32(bert):
    encoder = OnnxRuntimeEncoder(bert)
    encoder.use(torch.bfloat16)
    assert furthest(vectors(encoder, SENTENCES), vectors(bert, SENTENCES)) < ROUNDING


@pytest.mark.parametrize("dtype", SAME, ids=str)
@pytest.mark.parametrize("kind", [OpenVinoEncoder, OnnxRuntimeEncoder])
def test_vectors_do_not_depend_on_the_batch(bert, kind, dtype):
    encoder = kind(bert)
    encoder.use(dtype)
    alone = [vectors(encoder, [sentence])[0] for sentence in SENTENCES]
    together, repeated = vectors(encoder, SENTENCES), vectors(encoder, SENTENCES[::-1] * 3)
    assert furthest(alone, together) < SAME[dtype]
    assert furthest(alone * 3, repeated[::-1]) < SAME[dtype]


def test_what_is_not_computed_is_passed_through(bert, encoder, tmp_path):
    assert (encoder.dim, encoder.longest, encoder.pad) == (bert.dim, bert.longest, bert.pad)
    assert encoder.device == torch.device("cpu")
    for ours, theirs in zip(encoder.tokenise(SENTENCES), bert.tokenise(SENTENCES), strict=True):
        assert all(map(np.array_equal, ours, theirs))
    for one, name in ((encoder, "runtime"), (bert, "torch")):
        (tmp_path / name).mkdir()
        one.save_pretrained(tmp_path / name)
    ours, theirs = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("runtime", "torch")
    )
    assert ours == theirs


def test_a_copy_and_a_changed_encoder_are_compiled_anew(bert, encoder):
    changed = copy.deepcopy(encoder)
    before = vectors(changed, SENTENCES[:5])
    assert furthest(before, vectors(encoder, SENTENCES[:5])) < SAME[torch.float32]
    changed.encoder.embeddings_LayerNorm_bias.data += 1
    changed.requires_grad_(False)
    assert furthest(before, vectors(changed, SENTENCES[:5])) > ROUNDING
    assert furthest(vectors(changed, SENTENCES[:5]), vectors(changed.encoder, SENTENCES[:5])) < ROUNDING
    assert pickle.loads(pickle.dumps(encoder))._made is None


def test_gradients_are_refused(bert, encoder):
    trained = copy.deepcopy(encoder)
    for parameter in trained.parameters():
        parameter.requires_grad_(True)
    with pytest.raises(ModelError, match="backend='torch'"):
        trained(*padded(bert, SENTENCES[:3]))
    assert len(vectors(trained, SENTENCES[:3])) == 3


def test_only_the_processor(bert, encoder):
    with pytest.raises(OptionError, match="device='cpu'"):
        encoder.to("meta")
    assert encoder.to("cpu") is encoder
    with pytest.raises(OptionError, match="device='cpu'"):
        with_backend(copy.deepcopy(bert).to("meta"), "openvino")


def test_torch_is_the_encoder_itself(bert, encoder):
    assert with_backend(bert, "torch") is bert
    assert with_backend(encoder, "torch") is bert
    assert with_backend(encoder, "openvino").encoder is bert


def test_an_unknown_backend_names_those_there_are(bert):
    with pytest.raises(OptionError, match=r"backend='tensorrt'.*torch, openvino, onnxruntime"):
        with_backend(bert, "tensorrt")


def test_only_bert_is_exported():
    with pytest.raises(ModelError, match="only BERT encoders can be exported"):
        with_backend(Encoder(), "onnxruntime")


@pytest.mark.parametrize(
    ("backend", "package"), [("openvino", "openvino"), ("openvino", "onnx"), ("onnxruntime", "onnxruntime")]
)
def test_a_missing_package_names_the_extra(bert, monkeypatch, backend, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"{package}.*tension\[fast\]"):
        with_backend(bert, backend)


def test_nothing_is_imported_unless_asked_for():
    code = "import sys, tension.relations.backends; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"onnx", "onnxruntime", "openvino"} & set(loaded)


def test_the_graph_keeps_to_the_standard(bert):
    graph = encoder_graph(bert)
    onnx.checker.check_model(graph, full_check=True)
    assert {node.domain for node in graph.graph.node} == {""}


def test_an_exported_file_gives_the_vectors_of_torch(bert, tmp_path):
    path = tmp_path / "encoder.onnx"
    export(bert, path)
    assert path.stat().st_size < 100e6
    assert [file.name for file in tmp_path.iterdir()] == ["encoder.onnx"]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    shapes = {tensor.name: (tensor.type, tensor.shape) for tensor in (*session.get_inputs(), *session.get_outputs())}
    tokens = ("tensor(int64)", ["n", "length"])
    assert shapes == {"ids": tokens, "mask": tokens, "hidden": ("tensor(float)", ["n", "length", bert.dim])}
    ids, mask = padded(bert, SENTENCES[:25])
    with torch.inference_mode():
        hidden = torch.from_numpy(session.run(None, {"ids": ids.numpy(), "mask": mask.numpy()})[0])
        assert torch.allclose(hidden, bert(ids, mask), atol=ROUNDING)


def test_a_model_with_a_backend_judges_the_same_and_cannot_be_fine_tuned():
    model = RelationModel.from_pretrained(backend="onnxruntime")
    frame = pd.DataFrame({"text": ["Kenya thanked Norway.", "Norway condemned Kenya."], "label": ["good", "bad"]})
    exact = RelationModel.from_pretrained(precision="float32")
    assert np.allclose(model.embed(frame["text"]), exact.embed(frame["text"]), atol=1e-4)
    with pytest.raises(ModelError, match="backend='torch'"):
        model.fit(frame, fine_tune=True)
