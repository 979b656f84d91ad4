"""The relation model: an encoder, a pair head and its calibration, in one folder.

A folder holds what Hugging Face expects (`config.json`, `model.safetensors`, the tokenizer's files) and beside it `head.safetensors`,
`tension.json` (head shape, temperatures, threshold, version) and `checksums.json`.
"""

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from tension.errors import ModelDamagedError, ModelError
from tension.ontology import ACTS, STATUSES
from tension.records import Span
from tension.relations.calibration import softmax
from tension.relations.encoder import BATCH_TOKENS, MAX_TOKENS, Batch, Device, Encoder, resolve_device
from tension.relations.head import NONE, PairHead, sentence_vectors, span_mask
from tension.relations.loading import load_encoder
from tension.resources import model_path, verify_checksums, write_checksums

SETTINGS = "tension.json"
HEAD = "head.safetensors"


@dataclass(frozen=True, slots=True)
class Pair:
    """An ordered pair to judge: the sentence's row, and the spans of each side (none: not named there)."""

    row: int
    source: tuple[Span, ...] = ()
    target: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is fitted after the weights: temperatures, and the probability from which a relation counts as an event."""

    name: str
    version: str
    temperature: float = 1.0
    status_temperature: float = 1.0
    min_probability: float = 0.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """Calibrated probabilities of n pairs: `acts` is (n, 18) with "no event" last, `statuses` is (n, 5)."""

    acts: np.ndarray
    statuses: np.ndarray

    def p_none(self) -> np.ndarray:
        return self.acts[:, NONE]

    def p_cooperation(self) -> np.ndarray:
        return self.acts[:, [i for i, act in enumerate(ACTS) if act.cooperative]].sum(axis=1)

    def p_conflict(self) -> np.ndarray:
        return self.acts[:, [i for i, act in enumerate(ACTS) if not act.cooperative]].sum(axis=1)

    def best_act(self) -> np.ndarray:
        """Index of the most probable act supposing there is an event."""
        return self.acts[:, :NONE].argmax(axis=1)

    def best_status(self) -> np.ndarray:
        return np.asarray(STATUSES)[self.statuses.argmax(axis=1)]


class RelationModel:
    """Judges what one state does to another in a sentence.

    Examples
    --------
    >>> model = RelationModel.from_pretrained()
    >>> text = "Chinese coast guard ships entered Japanese waters."
    >>> judged = model.judge([text], [Pair(0, ((0, 7),), ((34, 42),))])
    >>> float(judged.p_conflict()[0]) > 0.5
    True
    """

    def __init__(self, encoder: Encoder, head: PairHead | None, settings: Settings):
        self.encoder = encoder
        self.head = head
        self.settings = settings
        self.encoder_calls = 0

    @property
    def label(self) -> str:
        """Name and version, as stamped on events."""
        return f"{self.settings.name} {self.settings.version}"

    @classmethod
    def from_pretrained(cls, model: str | Path | None = None, device: Device = "auto") -> "RelationModel":
        """Load a model: the shipped default, a shipped name, or a folder.

        A plain Hugging Face encoder folder loads too; it embeds, and must be trained before it judges.

        Raises
        ------
        ModelNotFoundError, ModelDamagedError
            If the folder or a file is missing, or a checksum differs.
        """
        folder = model_path(model)
        verify_checksums(folder)
        encoder = load_encoder(folder)
        head, settings = _read_head(folder, encoder.dim)
        return cls(encoder, head, settings).to(device)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the model to a folder that `from_pretrained` reads, weights in half precision, with checksums."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.save_pretrained(folder)
        settings = {name: getattr(self.settings, name) for name in self.settings.__slots__}
        if self.head is not None:
            save_file(
                {name: tensor.half().contiguous().cpu() for name, tensor in self.head.state_dict().items()},
                folder / HEAD,
            )
            settings["head"] = self.head.config
            settings["acts"] = [act.name for act in ACTS]
            settings["statuses"] = list(STATUSES)
        (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        write_checksums(folder)

    def to(self, device: Device) -> "RelationModel":
        """The same model on another device."""
        place = resolve_device(device)
        self.encoder.to(place)
        if self.head is not None:
            self.head.to(place)
        return self

    def embed(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentence embeddings: (n, dim) float32, rows of unit length."""
        result = np.zeros((len(sentences), self.encoder.dim), dtype=np.float32)
        with torch.inference_mode():
            for batch in self._encode(sentences):
                result[batch.rows] = sentence_vectors(batch.hidden, batch.mask).float().cpu().numpy()
        return result

    def judge(self, sentences: Sequence[str], pairs: Sequence[Pair]) -> Judgement:
        """Calibrated probabilities of each pair, in the order of `pairs`; every sentence is encoded once."""
        acts, statuses = self.logits(sentences, pairs)
        return Judgement(softmax(acts, self.settings.temperature), softmax(statuses, self.settings.status_temperature))

    def logits(self, sentences: Sequence[str], pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
        """Uncalibrated logits: (n, 18) of the acts and (n, 5) of the statuses."""
        if self.head is None:
            raise ModelError(
                f"{self.settings.name} is an encoder without a relation head: it can embed; train it to classify or score"
            )
        acts = np.zeros((len(pairs), len(ACTS) + 1), dtype=np.float64)
        statuses = np.zeros((len(pairs), len(STATUSES)), dtype=np.float64)
        of_row: dict[int, list[int]] = {}
        for number, pair in enumerate(pairs):
            of_row.setdefault(pair.row, []).append(number)
        with torch.inference_mode():
            for batch in self._encode(sentences):
                numbers = [number for row in batch.rows for number in of_row.get(row, ())]
                size = max(1, BATCH_TOKENS // batch.hidden.shape[1])
                for chunk in (numbers[i : i + size] for i in range(0, len(numbers), size)):
                    found = self.head(
                        batch.hidden, batch.mask, *pair_inputs(batch, [pairs[number] for number in chunk])
                    )
                    acts[chunk], statuses[chunk] = (logits.float().cpu().numpy() for logits in found)
        return acts, statuses

    def _encode(self, sentences: Sequence[str]) -> Iterator[Batch]:
        self.encoder_calls += len(sentences)
        before = self.encoder.truncated
        yield from self.encoder.encode(sentences) if len(sentences) else ()
        if cut := self.encoder.truncated - before:
            warnings.warn(
                f"{cut} sentence(s) are longer than {MAX_TOKENS} tokens and were read only up to there", stacklevel=4
            )


def pair_inputs(batch: Batch, pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """For pairs of a batch's sentences: each pair's place in the batch, and the masks of its source and target tokens."""
    place = {row: i for i, row in enumerate(batch.rows)}
    places, length = [place[pair.row] for pair in pairs], batch.hidden.shape[1]
    sides = [
        torch.stack(
            [span_mask(batch.offsets[i], getattr(pair, side), length) for i, pair in zip(places, pairs, strict=True)]
        )
        for side in ("source", "target")
    ]
    return tuple(tensor.to(batch.hidden.device) for tensor in (torch.tensor(places), *sides))


def _read_head(folder: Path, dim: int) -> tuple[PairHead | None, Settings]:
    path = folder / SETTINGS
    if not path.is_file():
        return None, Settings(folder.name, "0")
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        settings = Settings(**{name: stored[name] for name in Settings.__slots__})
        if "head" not in stored:
            return None, settings
        if (
            stored["acts"] != [act.name for act in ACTS]
            or stored["statuses"] != list(STATUSES)
            or stored["head"]["dim"] != dim
        ):
            raise ModelDamagedError(
                f"{path} was written for another ontology or encoder; train the model again with this version"
            )
        head = PairHead(**stored["head"])
        head.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / HEAD).items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if isinstance(error, ModelDamagedError):
            raise
        raise ModelDamagedError(f"{folder} has a damaged {HEAD} or {SETTINGS}: {error}") from error
    return head.eval(), settings
