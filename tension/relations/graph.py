"""A BERT encoder as an ONNX graph, for runtimes other than torch (`backends.py`).

The graph is drawn operator by operator from the encoder's own float32 parameters; nothing is traced, so that it depends on no exporter.
It computes what `bert.py` computes, zeros at the padding included; `tests/relations/test_backends.py` holds the two equal.
Query, key and value are one product: three, or the operator Attention of later opsets, were measured and are no faster in either runtime.
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from tension.errors import MissingExtraError
from tension.relations.bert import BertEncoder

if TYPE_CHECKING:
    import onnx

_OPSET = 20  # the first with an exact Gelu
_IR = 10  # the file format of that time, which runtimes since 2024 read
_FLOAT = 1  # onnx.TensorProto.FLOAT
_MASKED = np.float32(-1e9)  # lowers the likeness of a padded token until its weight is exactly zero


def encoder_graph(encoder: BertEncoder) -> "onnx.ModelProto":
    """The encoder as a graph: `ids` and `mask`, int64 (n, length), to `hidden`, float32 (n, length, dim).

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """
    drawing = Drawing(encoder)
    hidden, lowered = _embeddings(drawing), _lowered(drawing)
    for number in range(encoder.config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        hidden = drawing.norm(_attention(drawing, hidden, lowered, layer), hidden, f"{layer}.attention.output")
        hidden = drawing.norm(_feed_forward(drawing, hidden, layer), hidden, f"{layer}.output")
    return drawing.model(_without_padding(drawing, hidden))


def export(encoder: BertEncoder, path: str | Path) -> None:
    """Write the encoder to one ONNX file, its float32 weights inside.

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """
    Path(path).write_bytes(encoder_graph(encoder).SerializeToString())


def optional(package: str) -> ModuleType:
    """A package that only the extra `fast` brings.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtraError.of(package, "fast") from error


class Drawing:
    """A graph being drawn: every method adds operators and returns the name of what they give."""

    def __init__(self, encoder: BertEncoder):
        self._onnx = optional("onnx")
        self.dim, self.heads, self._eps = encoder.dim, encoder.heads, encoder.eps
        self._stored = {name: getattr(encoder, key).detach().cpu().numpy() for key, name in encoder.names.items()}
        self._nodes, self._constants = [], {}

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes) -> str | list[str]:
        """One operator on named tensors; a list of names where it has several outputs."""
        names = [f"{operator}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, names, name=names[0], **attributes))
        return names if outputs > 1 else names[0]

    def constant(self, name: str, values: np.ndarray) -> str:
        """An array as a named tensor; the same name again is the same tensor."""
        if name not in self._constants:
            self._constants[name] = self._onnx.numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def integers(self, *values: int) -> str:
        """A list of whole numbers as a named tensor."""
        return self.constant(f"integers_{'_'.join(map(str, values))}", np.array(values, dtype=np.int64))

    def weight(self, name: str) -> np.ndarray:
        """A parameter of the encoder by its name in `model.safetensors`."""
        return self._stored[name]

    def linear(self, x: str, *layers: str) -> str:
        """x W' + b, the results of several linear layers side by side."""
        weight, bias = (
            np.concatenate([self.weight(f"{name}.{kind}") for name in layers]) for kind in ("weight", "bias")
        )
        product = self.add("MatMul", x, self.constant(f"{layers[0]}.weight", weight.T))
        return self.add("Add", product, self.constant(f"{layers[0]}.bias", bias))

    def norm(self, x: str, residual: str, name: str) -> str:
        """The layer norm of a sum."""
        affine = [
            self.constant(f"{name}.LayerNorm.{kind}", self.weight(f"{name}.LayerNorm.{kind}"))
            for kind in ("weight", "bias")
        ]
        return self.add("LayerNormalization", self.add("Add", x, residual), *affine, axis=-1, epsilon=self._eps)

    def model(self, hidden: str) -> "onnx.ModelProto":
        """What was drawn, `hidden` its output."""
        helper, types = self._onnx.helper, self._onnx.TensorProto
        self._nodes.append(helper.make_node("Identity", [hidden], ["hidden"]))
        inputs = [helper.make_tensor_value_info(name, types.INT64, ("n", "length")) for name in ("ids", "mask")]
        output = helper.make_tensor_value_info("hidden", types.FLOAT, ("n", "length", self.dim))
        graph = helper.make_graph(self._nodes, "encoder", inputs, [output], [*self._constants.values()])
        return helper.make_model(
            graph, producer_name="tension", ir_version=_IR, opset_imports=[helper.make_opsetid("", _OPSET)]
        )


def _embeddings(drawing: Drawing) -> str:
    """Words plus positions, normed; the one token type there is counts as part of every position."""
    words = drawing.constant("words", drawing.weight("embeddings.word_embeddings.weight"))
    places = (
        drawing.weight("embeddings.position_embeddings.weight")
        + drawing.weight("embeddings.token_type_embeddings.weight")[0]
    )
    length = drawing.add("Shape", "ids", start=1, end=2)
    positions = drawing.add(
        "Slice", drawing.constant("positions", places), drawing.integers(0), length, drawing.integers(0)
    )
    return drawing.norm(drawing.add("Gather", words, "ids"), positions, "embeddings")


def _lowered(drawing: Drawing) -> str:
    """(n, 1, 1, length): zero at a sentence's tokens, far below zero at its padding."""
    absent = drawing.add("Sub", drawing.constant("one", np.float32(1)), drawing.add("Cast", "mask", to=_FLOAT))
    return drawing.add(
        "Unsqueeze", drawing.add("Mul", absent, drawing.constant("masked", _MASKED)), drawing.integers(1, 2)
    )


def _attention(drawing: Drawing, hidden: str, lowered: str, layer: str) -> str:
    """Scaled dot product attention of all heads and the linear layer behind it."""
    size = drawing.dim // drawing.heads
    qkv = drawing.linear(hidden, *(f"{layer}.attention.self.{part}" for part in ("query", "key", "value")))
    query, key, value = drawing.add("Split", qkv, outputs=3, axis=-1, num_outputs=3)
    split = drawing.integers(0, 0, drawing.heads, size)
    query, value = (
        drawing.add("Transpose", drawing.add("Reshape", x, split), perm=(0, 2, 1, 3)) for x in (query, value)
    )
    key = drawing.add("Transpose", drawing.add("Reshape", key, split), perm=(0, 2, 3, 1))
    likeness = drawing.add("Mul", drawing.add("MatMul", query, key), drawing.constant("scale", np.float32(size**-0.5)))
    weights = drawing.add("Softmax", drawing.add("Add", likeness, lowered), axis=-1)
    attended = drawing.add("Transpose", drawing.add("MatMul", weights, value), perm=(0, 2, 1, 3))
    return drawing.linear(
        drawing.add("Reshape", attended, drawing.integers(0, 0, drawing.dim)), f"{layer}.attention.output.dense"
    )


def _feed_forward(drawing: Drawing, hidden: str, layer: str) -> str:
    inner = drawing.add("Gelu", drawing.linear(hidden, f"{layer}.intermediate.dense"))
    return drawing.linear(inner, f"{layer}.output.dense")


def _without_padding(drawing: Drawing, hidden: str) -> str:
    """Zeros at the padding."""
    present = drawing.add("Unsqueeze", drawing.add("Cast", "mask", to=_FLOAT), drawing.integers(2))
    return drawing.add("Mul", hidden, present)
