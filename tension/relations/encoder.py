"""Sentences -> token vectors, in batches by token count.

One pass per distinct sentence. Batches hold sentences of similar length, so little is spent on padding, and no vector depends on the
other sentences of its batch. `bert.py` and `huggingface.py` are the two ways to get an encoder from a folder.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import torch

from tension.errors import OptionError
from tension.relations.streams import in_streams
from tension.tally import Tally

MAX_TOKENS = 256
BATCH_TOKENS = 1024
Device = Literal["auto", "cpu", "cuda"] | str
Tokens = list[np.ndarray]  # of each sentence: ids, (tokens,), or the characters that tokens stand for, (tokens, 2)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded sentences: `rows` are their places in the input, `hidden` is (n, length, dim)."""

    rows: list[int]
    hidden: torch.Tensor
    mask: torch.Tensor
    offsets: Tokens


class Encoder(torch.nn.Module):
    """Turns sentences into token vectors; a subclass says how to tokenise them and how to run a batch."""

    dim: int
    longest: int
    pad: int = 0

    def tokenise(self, sentences: list[str]) -> tuple[Tokens, Tokens]:
        """Ids of each sentence's tokens, at most `longest`, and the characters they stand for."""
        raise NotImplementedError

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(n, length) ids and mask -> (n, length, dim)."""
        raise NotImplementedError

    def use(self, dtype: torch.dtype) -> None:
        """Choose the precision of inference; an encoder that knows only float32 stays in it."""

    def save_pretrained(self, folder: Path) -> None:
        """Write a Hugging Face folder, weights in bfloat16."""
        raise NotImplementedError

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def encode(self, sentences: Sequence[str], tally: Tally) -> Iterator[Batch]:
        """Token vectors of sentences, batch by batch, shortest first; `rows` tells which sentences a batch holds."""
        return self.each(sentences, tally, lambda batch, _: batch)

    def each(self, sentences: Sequence[str], tally: Tally, work: Callable[[Batch, Tally], Result]) -> Iterator[Result]:
        """What `work` makes of the token vectors of each batch; on a processor several batches at once, each by one thread."""
        with tally.timed("tokenise"):
            ids, offsets = self.tokenise(list(sentences))
        lengths = [len(tokens) for tokens in ids]
        tally.tokens += sum(lengths)
        tally.truncated += sum(
            int(spans[-2, 1]) < len(text.rstrip())
            for spans, text in zip(offsets, sentences, strict=True)
            if len(spans) == self.longest
        )

        def done(rows: list[int]) -> tuple[Result, Tally]:
            spent = Tally()
            with spent.timed("encode"):
                batch = self.batch(rows, ids, offsets)
            return work(batch, spent), spent

        threads = self.streams if torch.is_inference_mode_enabled() else 1
        with tally.shared() as parts:
            for result, spent in in_streams(done, list(length_batches(lengths, budget_of(lengths, threads))), threads):
                parts.append(spent)
                yield result

    @property
    def streams(self) -> int:
        """How many batches may run at once."""
        return torch.get_num_threads() if self.device.type == "cpu" else 1

    def batch(self, rows: list[int], ids: Tokens, offsets: Tokens) -> Batch:
        """Token vectors of the tokenised sentences at `rows`, run together."""
        padded, mask = _padded([ids[row] for row in rows], self.pad)
        padded, mask = padded.to(self.device), mask.to(self.device)
        return Batch(rows, self(padded, mask), mask, [offsets[row] for row in rows])


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


def budget_of(lengths: Sequence[int], streams: int) -> int:
    """How many tokens a batch holds: so many that a few batches go evenly into the streams."""
    batches = -(-sum(lengths) // BATCH_TOKENS)
    if not 1 < batches <= 2 * streams:
        return BATCH_TOKENS
    return min(BATCH_TOKENS, sum(lengths) // (-(-batches // streams) * streams) + max(lengths))


def length_batches(lengths: Sequence[int], budget: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Rows grouped by length so that a batch holds at most `budget` tokens, twice that with padding."""
    rows: list[int] = []
    tokens = 0
    for row in np.argsort(lengths, kind="stable").tolist():
        if rows and (tokens + lengths[row] > budget or (len(rows) + 1) * lengths[row] > 2 * budget):
            yield rows
            rows, tokens = [], 0
        rows.append(row)
        tokens += lengths[row]
    if rows:
        yield rows


def _padded(ids: Tokens, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, ids))
    padded = torch.full((len(ids), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(ids), longest), dtype=torch.long)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = torch.from_numpy(tokens)
        mask[row, : len(tokens)] = 1
    return padded, mask
