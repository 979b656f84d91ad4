"""The relation model: an encoder, a pair head and its calibration, in one folder.

A folder holds what Hugging Face expects (`config.json`, `model.safetensors`, the tokenizer's files) and beside it `head.safetensors`,
`tension.json` (head shape, temperatures, threshold, version), `pooling.safetensors` where the sentence embedding is pooled apart,
`labels.safetensors` where a user's labels were fitted, and `checksums.json`.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from tension.errors import InputError, ModelDamagedError, ModelError
from tension.ontology import ACTS, STATUSES
from tension.records import require_columns
from tension.relations.asking import Pair, ask, default_finder
from tension.relations.backends import Backend, RuntimeEncoder, with_backend
from tension.relations.calibration import softmax, with_offset
from tension.relations.encoder import BATCH_TOKENS, MAX_TOKENS, Batch, Device, Encoder, Result, resolve_device
from tension.relations.finetune import fine_tuned
from tension.relations.head import NONE, PairHead, sentence_vectors
from tension.relations.labels import OwnLabels, scores
from tension.relations.loading import load_encoder
from tension.relations.masks import pair_inputs
from tension.relations.pooling import POOLING, Pooling
from tension.relations.precision import Precision, resolve_precision
from tension.resources import SETTINGS, model_path, verify_checksums, write_checksums
from tension.tally import Tally

HEAD = "head.safetensors"
LABELS = "labels.safetensors"
_CERTAIN = 30.0  # a logit
_READ_TOKENS = 4 * BATCH_TOKENS  # that the head reads at once: a sentence has several pairs


@dataclass(frozen=True, slots=True)
class Settings:
    """What is fitted after the weights: temperatures, the offset of "no event", and the probability from which a relation is an event."""

    name: str
    version: str
    temperature: float = 1.0
    none_offset: float = 0.0
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

    def __init__(
        self,
        encoder: Encoder,
        head: PairHead | None,
        settings: Settings,
        labels: Mapping[str, OwnLabels] | None = None,
        pooling: Pooling | None = None,
    ):
        self.encoder = encoder
        self.head = head
        self.settings = settings
        self.labels = dict(labels or {})
        self.pooling = pooling
        self.encoder_calls = 0

    @property
    def label(self) -> str:
        """Name and version, as stamped on events."""
        return f"{self.settings.name} {self.settings.version}"

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path | None = None,
        device: Device = "auto",
        precision: Precision = "auto",
        backend: Backend = "auto",
    ) -> "RelationModel":
        """Load a model: the shipped default, a shipped name, or a folder.

        A plain Hugging Face encoder folder loads too; it embeds, and must be trained before it judges. `precision` and `backend` choose
        how matrices are multiplied and what runs the encoder, see `Scorer`.

        Raises
        ------
        ModelNotFoundError, ModelDamagedError
            If the folder or a file is missing, or a checksum differs.
        """
        folder = model_path(model)
        verify_checksums(folder)
        encoder = with_backend(load_encoder(folder), backend)
        if isinstance(encoder, RuntimeEncoder) and device == "auto":
            device = "cpu"
        head, settings = _read_head(folder, encoder.dim)
        return cls(encoder, head, settings, _read_labels(folder), Pooling.load(folder)).to(device, precision)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the model to a folder that `from_pretrained` reads, weights in bfloat16, with checksums."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.save_pretrained(folder)
        settings = {name: getattr(self.settings, name) for name in self.settings.__slots__}
        if self.head is not None:
            save_file(
                {name: tensor.bfloat16().contiguous().cpu() for name, tensor in self.head.state_dict().items()},
                folder / HEAD,
            )
            settings["head"] = self.head.config
            settings["acts"] = [act.name for act in ACTS]
            settings["statuses"] = list(STATUSES)
        _write_labels(folder, self.labels)
        (folder / POOLING).unlink(missing_ok=True)
        if self.pooling:
            self.pooling.save(folder)
        (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        write_checksums(folder)

    def to(self, device: Device, precision: Precision = "auto") -> "RelationModel":
        """The same model on another device, or in another precision."""
        place = resolve_device(device)
        dtype = resolve_precision(precision, place)
        for part in (self.encoder, self.head):
            if part is not None:
                part.to(place).use(dtype)
        return self

    def parameters(self) -> list[torch.nn.Parameter]:
        """All weights: the encoder's, then the head's."""
        return [p for part in (self.encoder, self.head) if part is not None for p in part.parameters()]

    def embed(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentence embeddings: (n, dim) float32, rows of unit length."""
        result = np.zeros((len(sentences), self.encoder.dim), dtype=np.float32)
        with torch.inference_mode():
            for rows, vectors in self._each(sentences, Tally(), _embedded):
                result[rows] = vectors.float().cpu().numpy()
        return self.pooling(result) if self.pooling and len(sentences) else result

    def judge(self, sentences: Sequence[str], pairs: Sequence[Pair], tally: Tally | None = None) -> Judgement:
        """Calibrated probabilities of each pair, in the order of `pairs`; every sentence is encoded once.

        `tally` takes note of the tokens encoded, the sentences cut short, and the time of each stage.
        """
        acts, statuses = self.logits(sentences, pairs, tally)
        return Judgement(self.probabilities(acts), softmax(statuses, self.settings.status_temperature))

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of logits of the acts, (n, 18)."""
        return with_offset(logits, self.settings.temperature, self.settings.none_offset)

    def logits(
        self, sentences: Sequence[str], pairs: Sequence[Pair], tally: Tally | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Uncalibrated logits: (n, 18) of the acts and (n, 5) of the statuses.

        Where what is judged stands wholly behind what was read of a sentence (`MAX_TOKENS`), there is no event.
        """
        acts = np.zeros((len(pairs), len(ACTS) + 1), dtype=np.float64)
        acts[:, NONE] = _CERTAIN
        statuses = np.zeros((len(pairs), len(STATUSES)), dtype=np.float64)
        with torch.inference_mode():
            for numbers, features in self._features(sentences, pairs, tally or Tally()):
                acts[numbers] = self.head.acts(features).float().cpu().numpy()
                statuses[numbers] = self.head.statuses(features).float().cpu().numpy()
        return acts, statuses

    def features(self, sentences: Sequence[str], pairs: Sequence[Pair]) -> np.ndarray:
        """What the head makes of each pair before it judges: (n, width) float32."""
        parts = np.zeros((len(pairs), self.head.config["width"] if self.head else 0), dtype=np.float32)
        with torch.inference_mode():
            for numbers, features in self._features(sentences, pairs, Tally()):
                parts[numbers] = features.float().cpu().numpy()
        return parts

    def _features(
        self, sentences: Sequence[str], pairs: Sequence[Pair], tally: Tally
    ) -> Iterator[tuple[list[int], torch.Tensor]]:
        if self.head is None:
            raise ModelError(
                f"{self.settings.name} is an encoder without a relation head: it can embed; train it to classify or score"
            )
        of_row: dict[int, list[int]] = {}
        for number, pair in enumerate(pairs):
            of_row.setdefault(pair.row, []).append(number)

        def read(batch: Batch, spent: Tally) -> list[tuple[list[int], torch.Tensor]]:
            ends = dict(zip(batch.rows, (int(spans[:, 1].max(initial=0)) for spans in batch.offsets), strict=True))
            numbers = [n for row in batch.rows for n in of_row.get(row, ()) if _is_read(pairs[n], ends[row])]
            size = max(1, 2 * _READ_TOKENS // batch.hidden.shape[1])  # both directions of a pair share one reading
            chunks = [numbers[i : i + size] for i in range(0, len(numbers), size)]
            with spent.timed("judge"):
                inputs = [pair_inputs(batch, [pairs[number] for number in chunk]) for chunk in chunks]
                return [
                    (chunk, self.head.features(batch.hidden, batch.mask, *asked))
                    for chunk, asked in zip(chunks, inputs, strict=True)
                ]

        for found in self._each(sentences, tally, read):
            yield from found

    def fit(
        self, frame: pd.DataFrame, name: str = "labels", *, fine_tune: bool = False, epochs: int = 4, seed: int = 0
    ) -> "RelationModel":
        """A model that also tells a user's own classes; the same name again replaces them.

        Parameters
        ----------
        frame
            Columns `text` and `label`, and optionally `source` and `target`: words of the text that name the two sides.
        name
            What the classes are called together, for `predict` and `evaluate`.
        fine_tune
            False fits a classifier on what the model makes of each pair, in seconds. True trains the whole model for `epochs` passes,
            holding what it said about acts before (distillation), and takes minutes for a thousand sentences.

        Returns
        -------
        RelationModel
            A new model; this one stays as it is. A fine-tuned one has the name of the labels in its version.

        Raises
        ------
        MissingColumnError, InputError
            If a column is missing, a label is empty, there are fewer than two classes, or a side is not in its sentence.
        """
        require_columns(frame, ("text", "label"), "a frame of labels")
        if frame["label"].isna().any():
            raise InputError(f"row {int(frame['label'].isna().argmax())} has no label")
        sentences, pairs, labels = *_asked(frame), [str(label) for label in frame["label"]]
        model = RelationModel(self.encoder, self.head, self.settings, self.labels, self.pooling)
        if fine_tune:
            model = fine_tuned(model, sentences, pairs, labels, epochs, seed)
            model.settings = replace(model.settings, version=f"{model.settings.version}+{name}")
        model.labels[name] = OwnLabels.fit(model.features(sentences, pairs), labels)
        return model

    def predict(self, frame: pd.DataFrame, name: str = "labels") -> pd.DataFrame:
        """A user's own classes of sentences: `label`, the most probable one, and a column with the probability of each class.

        `frame` has the column `text` and, where the classes were fitted on pairs, `source` and `target`.
        """
        require_columns(frame, ("text",), "a frame of sentences")
        own = self._own(name)
        p = own.probabilities(self.features(*_asked(frame)))
        columns = {"label": np.asarray(own.classes)[p.argmax(axis=1)], **dict(zip(own.classes, p.T, strict=True))}
        return pd.DataFrame(columns, index=frame.index)

    def evaluate(self, frame: pd.DataFrame, name: str = "labels") -> pd.DataFrame:
        """Precision, recall, F1 and n of each class on labelled sentences the model was not fitted to.

        The row "all" holds the accuracy as precision and as recall, the mean F1 and n; `attrs` holds `accuracy`, `macro_f1`,
        `calibration_error` and `n`.
        """
        require_columns(frame, ("text", "label"), "a frame of labels")
        own = self._own(name)
        truth = [str(label) for label in frame["label"]]
        if unknown := set(truth) - set(own.classes):
            raise InputError(f"the label {sorted(unknown)[0]!r} is none of those fitted: {', '.join(own.classes)}")
        return scores(own.probabilities(self.features(*_asked(frame))), truth, own.classes)

    def _own(self, name: str) -> OwnLabels:
        if name not in self.labels:
            raise ModelError(
                f"no labels called {name!r} were fitted; there are {', '.join(self.labels) or 'none'}; fit returns a new model"
            )
        return self.labels[name]

    def _each(self, sentences: Sequence[str], tally: Tally, work: Callable[[Batch, Tally], Result]) -> Iterator[Result]:
        """What `work` makes of the token vectors of each batch of sentences."""
        self.encoder_calls += len(sentences)
        if len(sentences):
            yield from self.encoder.each(sentences, tally, work)
        if tally.truncated:
            warnings.warn(
                f"{tally.truncated} sentence(s) are longer than {MAX_TOKENS} tokens and were read only up to there",
                stacklevel=4,
            )


def _is_read(pair: Pair, end: int) -> bool:
    """Whether any of what is judged stands before the last character that was read."""
    return pair.judged is None or pair.judged[0] < end


def _embedded(batch: Batch, _: Tally) -> tuple[list[int], torch.Tensor]:
    return batch.rows, sentence_vectors(batch.hidden, batch.mask)


def _asked(frame: pd.DataFrame) -> tuple[list[str], list[Pair]]:
    source, target = (frame[side].tolist() if side in frame.columns else None for side in ("source", "target"))
    return ask(frame["text"].tolist(), source, target, default_finder())


def _write_labels(folder: Path, labels: Mapping[str, OwnLabels]) -> None:
    (folder / LABELS).unlink(missing_ok=True)
    if labels:
        tensors = {
            f"{name}.{part}": torch.tensor(getattr(own, part))
            for name, own in labels.items()
            for part in ("weight", "bias")
        }
        classes = {name: json.dumps(own.classes) for name, own in labels.items()}
        save_file(tensors, folder / LABELS, metadata=classes)


def _read_labels(folder: Path) -> dict[str, OwnLabels]:
    if not (folder / LABELS).is_file():
        return {}
    try:
        with safe_open(folder / LABELS, "np") as file:
            return {
                name: OwnLabels(
                    tuple(json.loads(classes)), file.get_tensor(f"{name}.weight"), file.get_tensor(f"{name}.bias")
                )
                for name, classes in (file.metadata() or {}).items()
            }
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelDamagedError(f"{folder / LABELS} is damaged: {error}") from error


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
