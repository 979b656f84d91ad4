"""A BERT encoder run by another runtime than torch, on the processor: `with_backend(encoder, "openvino")`.

The graph of `graph.py` is compiled at first use, for as many threads as torch has then. One call of a runtime holds sentences of one token
count: without padding there is nothing in a call that a sentence's vectors could depend on. For 1,500 clauses of news that is 106 calls
instead of 45; the fastest passes take the same time (median of the passes: up to a fifth more, on a machine that was not quiet).
"""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Literal, get_args

import numpy as np
import torch

from tension.errors import ModelError, OptionError
from tension.relations.bert import BertEncoder
from tension.relations.encoder import Encoder, Tokens
from tension.relations.graph import encoder_graph, optional
from tension.relations.layers import Making

Backend = Literal["auto", "torch", "openvino", "onnxruntime"]
Run = Callable[
    [np.ndarray, np.ndarray, np.ndarray], None
]  # ids and mask, (n, length), and where to put (n, length, dim)


class RuntimeEncoder(Making, Encoder):
    """A BERT encoder whose sentences another runtime reads; a subclass says which.

    Parameters
    ----------
    encoder
        The encoder in torch, on the processor. It keeps the tokenizer and the parameters, and is what `save_pretrained` writes.

    Raises
    ------
    MissingExtraError
        If the runtime or onnx is not installed.
    OptionError
        If the encoder is not on the processor.
    """

    package: str
    dtype: torch.dtype = torch.float32
    _made: Run | None = None

    def __init__(self, encoder: BertEncoder):
        super().__init__()
        for package in ("onnx", self.package):
            optional(package)
        self._check(encoder.device)
        self.encoder, self.tokenizer = encoder, encoder.tokenizer
        self.dim, self.longest, self.pad = encoder.dim, encoder.longest, encoder.pad

    def compiled(self) -> Run:
        """The graph, ready to run in the chosen precision."""
        raise NotImplementedError

    @property
    def streams(self) -> int:
        """One: a runtime shares the processors out by itself."""
        return 1

    def tokenise(self, sentences: list[str]) -> tuple[Tokens, Tokens]:
        return self.encoder.tokenise(sentences)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled() and any(parameter.requires_grad for parameter in self.parameters()):
            raise ModelError(
                f"no gradients flow through {self.package}: fine-tune with backend='torch', and choose {self.package} afterwards"
            )
        if self._made is None:
            self._made = self.compiled()
        hidden, first = torch.zeros(*ids.shape, self.dim), 0
        for length, run in groupby(mask.sum(1).tolist()):
            rows = slice(first, first := first + len(list(run)))
            arrays = (tensor[rows, :length].contiguous().numpy() for tensor in (ids, mask))
            self._made(*arrays, hidden[rows, :length].numpy())
        return hidden

    def save_pretrained(self, folder: Path) -> None:
        self.encoder.save_pretrained(folder)

    def _check(self, device: torch.device) -> None:
        if device.type != "cpu":
            raise OptionError(f"backend={self.package!r} runs on the processor only; use device='cpu'")

    def _apply(self, fn, recurse: bool = True):
        self._check(fn(torch.empty(0)).device)
        return super()._apply(fn, recurse)


class OnnxRuntimeEncoder(RuntimeEncoder):
    """An encoder in ONNX Runtime, which on processors multiplies in float32 whatever precision is asked for."""

    package = "onnxruntime"

    def compiled(self) -> Run:
        runtime = optional("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = torch.get_num_threads(), 1
        options.enable_mem_pattern = False  # a plan of the memory for every shape, and no two calls have the same
        graph = encoder_graph(self.encoder).SerializeToString()
        session = runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

        def run(ids: np.ndarray, mask: np.ndarray, hidden: np.ndarray) -> None:
            hidden[:] = session.run(["hidden"], {"ids": ids, "mask": mask})[0]

        return run


class OpenVinoEncoder(RuntimeEncoder):
    """An encoder in OpenVINO, in float32 or bfloat16."""

    package = "openvino"

    def use(self, dtype: torch.dtype) -> None:
        known = dtype if dtype is torch.bfloat16 else torch.float32
        if known is not self.dtype:
            self.dtype, self._made = known, None

    def compiled(self) -> Run:
        runtime = optional("openvino")
        core, graph = runtime.Core(), encoder_graph(self.encoder).SerializeToString()
        model = core.compile_model(core.read_model(graph), "CPU", self._settings())
        request, alone = model.create_infer_request(), Lock()

        def run(ids: np.ndarray, mask: np.ndarray, hidden: np.ndarray) -> None:
            # Fresh tensors: a request keeps those that it is given as arrays, and fails when they grow.
            with alone:
                request.infer({"ids": runtime.Tensor(ids), "mask": runtime.Tensor(mask)})
                hidden[:] = request.get_output_tensor().data

        return run

    def _settings(self) -> dict[str, str | int | bool]:
        """No pinning of threads: several processes would be pinned to the same processors."""
        return {
            "INFERENCE_PRECISION_HINT": "bf16" if self.dtype is torch.bfloat16 else "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }


def with_backend(encoder: Encoder, backend: Backend) -> Encoder:
    """The same encoder, run by a backend; `torch` gives back the one a runtime's encoder was made from.

    `auto` is torch: with bfloat16 in hardware it was as fast as OpenVINO where both were measured (benchmarks/throughput.py), without it
    as fast as either, and it starts a second sooner.

    Raises
    ------
    OptionError
        If the name is unknown, or the encoder is not on the processor.
    MissingExtraError
        If the runtime is not installed.
    ModelError
        If the encoder is not BERT.
    """
    if backend not in get_args(Backend):
        raise OptionError.of("backend", backend, get_args(Backend))
    plain = encoder.encoder if isinstance(encoder, RuntimeEncoder) else encoder
    if backend in ("auto", "torch"):
        return plain
    if not isinstance(plain, BertEncoder):
        raise ModelError(
            f"only BERT encoders can be exported, and this one is a {type(plain).__name__}; use backend='torch'"
        )
    return {"openvino": OpenVinoEncoder, "onnxruntime": OnnxRuntimeEncoder}[backend](plain)
