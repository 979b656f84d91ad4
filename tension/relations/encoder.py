"""Sentences -> token vectors: a Hugging Face encoder, run in batches by token count.

One pass per distinct sentence. Batches hold sentences of similar length, so little is spent on padding, and no vector depends on the
other sentences of its batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from tension.errors import ModelDamagedError, ModelNotFoundError, OptionError

MAX_TOKENS = 256
BATCH_TOKENS = 4096
Device = Literal["auto", "cpu", "cuda"] | str


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded sentences: `rows` are their places in the input, `hidden` is (n, length, dim), `offsets` the characters of each token."""

    rows: list[int]
    hidden: torch.Tensor
    mask: torch.Tensor
    offsets: list[list[tuple[int, int]]]


def resolve_device(device: Device) -> torch.device:
    """The torch device of a name; `auto` takes CUDA where it is."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except RuntimeError as error:
        raise OptionError.of("device", device, ("auto", "cpu", "cuda", "cuda:0")) from error
    if found.type == "cuda" and not torch.cuda.is_available():
        raise OptionError("device='cuda' was asked for and torch finds no CUDA device here; use device='cpu' or 'auto'")
    return found


class HuggingFaceEncoder(torch.nn.Module):
    """A transformer encoder and its fast tokenizer, read from a local folder.

    Parameters
    ----------
    model, tokenizer
        As `transformers` gives them.
    """

    def __init__(self, model: torch.nn.Module, tokenizer):
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer
        self.dim: int = model.config.hidden_size
        self.truncated = 0

    @classmethod
    def from_pretrained(cls, folder: Path) -> "HuggingFaceEncoder":
        """Read an encoder from a folder, without network, in single precision."""
        if not (folder / "config.json").is_file():
            raise ModelNotFoundError(f"{folder} is not a Hugging Face model folder: it has no config.json")
        if not (folder / "model.safetensors").is_file():
            raise ModelNotFoundError(f"{folder} has no model.safetensors; other weight formats are not read")
        verbosity = transformers_logging.get_verbosity()
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        try:
            model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=torch.float32)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # safetensors and transformers raise many kinds for a broken file
            raise ModelDamagedError(f"{folder} cannot be read as a Hugging Face model: {error}") from error
        finally:
            transformers_logging.set_verbosity(verbosity)
        if not tokenizer.is_fast:
            raise ModelDamagedError(
                f"{folder} has no fast tokenizer (tokenizer.json), which gives the characters of each token"
            )
        return cls(model.eval(), tokenizer)

    def save_pretrained(self, folder: Path) -> None:
        """Write encoder and tokenizer in half precision."""
        weights = {
            name: tensor.half() if tensor.is_floating_point() else tensor
            for name, tensor in self.model.state_dict().items()
        }
        self.model.save_pretrained(folder, state_dict=weights, safe_serialization=True)
        self.tokenizer.save_pretrained(folder)

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def encode(self, sentences: Sequence[str]) -> Iterator[Batch]:
        """Token vectors of sentences, batch by batch, shortest first; `rows` tells which sentences a batch holds."""
        encodings = self.tokenizer(
            list(sentences), truncation=True, max_length=self._longest, return_offsets_mapping=True
        )
        lengths = [len(ids) for ids in encodings["input_ids"]]
        self.truncated += sum(
            offsets[-2][1] < len(text.rstrip())
            for offsets, text in zip(encodings["offset_mapping"], sentences, strict=True)
            if len(offsets) == self._longest
        )
        for rows in length_batches(lengths):
            ids, mask = _padded([encodings["input_ids"][row] for row in rows], self.tokenizer.pad_token_id or 0)
            yield Batch(
                rows, self.forward(ids, mask), mask.to(self.device), [encodings["offset_mapping"][row] for row in rows]
            )

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=ids.to(self.device), attention_mask=mask.to(self.device)).last_hidden_state

    @property
    def _longest(self) -> int:
        return min(MAX_TOKENS, getattr(self.model.config, "max_position_embeddings", MAX_TOKENS))


def length_batches(lengths: Sequence[int], budget: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Rows grouped by length so that no batch holds more than `budget` tokens, padding included."""
    rows: list[int] = []
    for row in np.argsort(lengths, kind="stable").tolist():
        if rows and (len(rows) + 1) * lengths[row] > budget:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _padded(ids: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, ids))
    padded = torch.full((len(ids), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(ids), longest), dtype=torch.long)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return padded, mask
