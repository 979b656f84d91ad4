"""What training adds around the loop: calibration, pooling, hidden words, averaged weights; and that the loop runs."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import golden
from torch import nn

from tension.errors import ModelDamagedError, ModelError, OptionError
from tension.relations.asking import Pair, default_finder
from tension.relations.averaging import _with_share, mean_of
from tension.relations.calibration import fit_offset, softmax, with_offset
from tension.relations.examples import (
    NO_EVENT,
    Example,
    LabelledPair,
    authored_pairs,
    authored_sentences,
    plain_articles,
)
from tension.relations.head import N_CLASSES, NONE, PairHead
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.likeness import Likeness, taught
from tension.relations.losses import act_loss, targets_of, taught_loss, vector_loss
from tension.relations.model import RelationModel, Settings
from tension.relations.pooling import POOLING, Pooling
from tension.relations.regularise import Average, hide_words, meet
from tension.relations.teachers import taught_by
from tension.relations.train import Recipe, base_encoder, train
from tension.resources import model_path


def test_the_offset_reprices_an_event_that_became_rare():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 5))
    shifted = logits.copy()
    shifted[:, -1] += 1.2
    truth = np.array([rng.multinomial(1, p) for p in softmax(shifted)])
    temperature, offset = fit_offset(2 * logits, truth)
    assert (temperature, offset) == (pytest.approx(2, rel=0.15), pytest.approx(1.2, abs=0.15))
    before = logits.copy()
    assert np.allclose(with_offset(logits, 1.0, 0.0), softmax(logits))
    assert np.array_equal(before, logits)


def test_pooling_finds_the_map_and_survives_a_file(tmp_path):
    rng = np.random.default_rng(1)
    own = rng.normal(size=(500, 8)).astype(np.float32)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    base = own @ np.linalg.qr(rng.normal(size=(8, 8)))[0].astype(np.float32)
    pooling = Pooling.fit(own, base)
    assert (pooling(own) * base).sum(1).min() > 0.99
    pooling.save(tmp_path)
    assert np.allclose(Pooling.load(tmp_path)(own), pooling(own), atol=2e-3)
    (tmp_path / POOLING).write_bytes(b"broken")
    with pytest.raises(ModelDamagedError, match="pooling"):
        Pooling.load(tmp_path)
    assert Pooling.load(tmp_path / "nowhere") is None


def test_words_are_hidden_outside_the_sides_only():
    ids = torch.arange(200).reshape(2, 100) + 1000
    ids[:, 0] = ids[:, 60] = 102
    mask = torch.ones_like(ids)
    mask[:, 90:] = 0
    named = torch.zeros_like(ids)
    named[:, 5:40] = 1
    hidden = hide_words(ids, mask, named, 0.5, 103, [101, 102])
    changed = hidden != ids
    assert not changed[:, 5:40].any()
    assert not changed[:, 90:].any()
    assert not changed[:, [0, 60]].any()
    assert (hidden[changed] == 103).all()
    assert 0.3 < changed[:, 40:90].float().mean() < 0.7
    assert torch.equal(hide_words(ids, mask, named, 0.0, 103, [101, 102]), ids)


def test_averaged_weights_are_the_mean_of_the_last_steps():
    weight = nn.Parameter(torch.zeros(1))
    average = Average([weight], decay=0.5, every=1)
    for value in (8.0, 8.0, 8.0, 0.0):
        with torch.no_grad():
            weight.fill_(value)
        average.update()
    average.apply()
    assert weight.item() == pytest.approx(4.0)


def test_a_sentence_about_any_actors_is_one_pair_of_words(tmp_path):
    path = tmp_path / "pairs_0.jsonl"
    row = {
        "text": "The dockers met the port's owners in Peru.",
        "date": "2001-02-03",
        "source": "The dockers",
        "target": "owners",
    }
    rows = [row | {"root": "REQUEST", "status": "planned"}, row | {"root": "NONE", "status": "occurred"}]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    asked, none = authored_pairs(path, default_finder())
    (pair,) = asked.pairs
    assert [asked.text[slice(*s)] for s in (*pair.source, *pair.target)] == ["The dockers", "owners"]
    assert len(pair.label[0][0]) == 2  # a demand or an appeal
    assert pair.status == 1
    assert none.pairs[0].label[0][0] == {NONE}


def _plain_examples(path):
    rows = [
        {"text": f"{a} {verb} {b}.", "date": "2001-02-03", "events": [f"{x}>{y} {root} occurred"]}
        for a, x, b, y in (("Kenya", "KEN", "Oman", "OMN"), ("Chad", "TCD", "Peru", "PER"))
        for verb, root in (("bombed", "ASSAULT"), ("thanked", "SUPPORT"), ("expelled an envoy of", "SANCTION"))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(authored_sentences(path, default_finder()))


def _trained(examples, **options):
    losses: list[str] = []
    model = train(examples, base_encoder(), Recipe(epochs=8, batch=3, averaged=0.5), "cpu", losses.append, **options)
    return model, [float(line.split("loss ")[1].split()[0]) for line in losses]


def test_the_training_loop_learns(tmp_path):
    model, losses = _trained(_plain_examples(tmp_path / "authored_0.jsonl"))
    assert isinstance(model, RelationModel)
    assert losses[-1] < 0.6 * losses[0]


def test_a_pupil_believes_its_teachers_as_much_as_its_labels(tmp_path):
    examples = _plain_examples(tmp_path / "authored_0.jsonl")
    mislabelled = [replace(e, pairs=tuple(replace(pair, label=NO_EVENT) for pair in e.pairs)) for e in examples]
    numbered, teaching = taught_by([RelationModel.from_pretrained(device="cpu")], mislabelled)
    texts, pairs = [e.text for e in examples], [Pair(i, *_sides(e)) for i, e in enumerate(examples)]
    alone, _ = _trained(mislabelled)
    taught_too, _ = _trained(numbered, teaching=teaching)
    of_events = [1 - model.judge(texts, pairs).acts[:, NONE].mean() for model in (alone, taught_too)]
    assert of_events[0] < 0.2
    assert of_events[1] > of_events[0] + 0.2


def _sides(example):
    """The sides of the first pair of which the sentence tells an event."""
    pair = next(pair for pair in example.pairs if pair.label != NO_EVENT)
    return pair.source, pair.target


def _models_of_one_mind_each():
    """Two models: what they say of a pair is told by its row, the second twice as sure at twice the temperature."""
    sure = np.zeros((3, N_CLASSES))
    sure[[0, 1, 2], [4, 9, NONE]] = 5.0
    statuses = np.zeros((3, 5))
    statuses[:, 1] = 3.0
    for scale in (1.0, 2.0):
        model = RelationModel(None, None, Settings("m", "1", temperature=scale, status_temperature=scale))
        model.logits = lambda texts, pairs, scale=scale: (scale * sure, scale * statuses)
        yield model


def test_teachers_speak_together_of_each_pair_by_its_number():
    told, other = LabelledPair(((0, 1),), ((2, 3),), NO_EVENT), LabelledPair(((2, 3),), ((0, 1),), NO_EVENT)
    examples = [Example("A B", (told, other), "line"), Example("A C", (told,), "line")]
    numbered, teaching = taught_by([*_models_of_one_mind_each()], examples)
    assert [[pair.number for pair in e.pairs] for e in numbered] == [[0, 1], [2]]
    said = teaching.about([numbered[1].pairs[0], numbered[0].pairs[1]], torch.device("cpu"))
    assert said.acts.argmax(1).tolist() == [NONE, 9]
    assert said.acts[0, NONE].item() == pytest.approx(softmax(np.eye(N_CLASSES)[:1] * 5).max(), rel=1e-5)
    assert torch.allclose(said.statuses.sum(1), torch.ones(2))


def test_who_says_what_teachers_say_loses_least():
    _, teaching = taught_by(
        [*_models_of_one_mind_each()], [Example("A B", (LabelledPair((), (), NO_EVENT),) * 3, "line")]
    )
    agreed = taught_loss(teaching.acts.log(), teaching.statuses.log(), teaching, 0.3)
    for acts, statuses in ((teaching.acts.flip(0), teaching.statuses), (teaching.acts, teaching.statuses.flip(1))):
        assert taught_loss(acts.log(), statuses.log(), teaching, 0.3) > agreed + 0.05


def test_a_pupil_begins_as_some_layers_and_learns_the_vectors_of_all(tmp_path):
    teacher, pupil = RelationModel.from_pretrained(device="cpu"), HuggingFaceEncoder.from_pretrained(model_path(None))
    numbered, teaching = taught_by([teacher], _plain_examples(tmp_path / "authored_0.jsonl"))
    with pytest.raises(OptionError, match="layer 0"):
        pupil.keep_layers([0, 3])
    pupil.keep_layers([1, 3, 4, 6])
    assert pupil.model.config.num_hidden_layers == 4
    apart = [_apart(pupil, teacher, numbered)]
    recipe = Recipe(epochs=10, batch=3, anchor=0.0, settled_after=-1, averaged=0.5, hidden_words=0.0)
    teaching = replace(teaching, encoder=teacher.encoder)
    model = train(numbered, pupil, recipe, "cpu", lambda _: None, teacher.head, teaching=teaching)
    apart.append(_apart(model.encoder, teacher, numbered))
    assert apart[1] < 0.7 * apart[0]
    model.save_pretrained(tmp_path / "small")
    again = RelationModel.from_pretrained(tmp_path / "small", device="cpu")
    assert (again.embed(["Kenya bombed Oman."]) * model.embed(["Kenya bombed Oman."])).sum() > 0.999


def _apart(pupil, teacher, examples):
    """How far the pupil's token vectors are from its teacher's."""
    ids, offsets = teacher.encoder.tokenise([e.text for e in examples])
    rows = list(range(len(ids)))
    with torch.no_grad():
        own, taught_vectors = (encoder.batch(rows, ids, offsets) for encoder in (pupil, teacher.encoder))
    return vector_loss(own.hidden, taught_vectors.hidden, own.mask).item()


def test_vectors_are_apart_by_the_share_of_their_length_and_padding_does_not_count():
    theirs, mask = torch.ones(2, 3, 4), torch.tensor([[1, 1, 1], [1, 0, 0]])
    own = theirs.clone()
    own[0, 0], own[1, 1:] = 0, 9
    assert vector_loss(own, theirs, mask).item() == pytest.approx(1 / 4)


def test_whatever_is_said_of_an_article_that_no_one_labelled_is_right():
    rows = [
        {"id": "a", "date": "2001-02-03", "text": "Kenya thanked Oman.\nThe two countries met."},
        {"id": "b", "date": "", "text": "It rained."},
    ]
    (example,) = plain_articles(rows, default_finder())
    assert example.uid == "a"
    assert [example.text[slice(*pair.judged)] for pair in example.pairs[1:3]] == ["Norway thanked Kenya.", "The two countries met."]
    assert len(example.pairs) == 4
    assert act_loss(torch.randn(4, N_CLASSES), targets_of(example.pairs, torch.device("cpu"))).abs() < 1e-5


def test_weights_meet_in_the_middle():
    model, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    mean = [(a + b) / 2 for a, b in zip(model.parameters(), other.parameters(), strict=True)]
    meet([*model.parameters()], [*other.parameters()])
    assert all(torch.allclose(p, m) for p, m in zip(model.parameters(), mean, strict=True))


def test_weights_meet_by_their_shares():
    models = [torch.nn.Linear(2, 2) for _ in range(3)]
    first, second, third = ([p.detach().clone() for p in model.parameters()] for model in models)
    meet([*models[0].parameters()], second, third, shares=(2, 1, 1))
    for p, a, b, c in zip(models[0].parameters(), first, second, third, strict=True):
        assert torch.allclose(p, a / 2 + b / 4 + c / 4)


def test_the_mean_of_models_judges_between_them():
    one, other = (RelationModel.from_pretrained(device="cpu", precision="float32") for _ in range(2))
    asked = ["Kenya thanked Norway."], [Pair(0, ((0, 5),), ((14, 20),))]
    with torch.no_grad():
        other.head.acts.bias[NONE] += 2.0
    low, high = (model.logits(*asked)[0][0, NONE] for model in (one, other))
    found = mean_of([one, other], shares=(1, 3))
    assert found is one
    assert found.logits(*asked)[0][0, NONE] == pytest.approx(low + 0.75 * (high - low), abs=1e-4)


def test_models_of_other_layers_have_no_mean():
    model = RelationModel.from_pretrained(device="cpu")
    smaller = RelationModel(model.encoder, PairHead(384, width=96), Settings("smaller", "1"))
    with pytest.raises(ModelError, match="smaller 1 has other layers"):
        mean_of([model, smaller])


@pytest.mark.parametrize("text", ["model", "model:", ":0.5", "model:half", "model:-1"])
def test_what_is_no_folder_and_share_is_said(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"out/model:0\.5"):
        _with_share(text)
    assert _with_share("out/a:b:0.5") == (Path("out/a:b"), 0.5)


def test_the_pooling_learns_what_is_alike_and_not_in_the_same_words():
    rng = np.random.default_rng(0)
    meaning, wording = rng.normal(size=(60, 8)), rng.normal(size=(60, 8))

    def embed(sentences):
        vectors = np.array([[*meaning[int(s[1:3])], *2 * wording[int(s[4:6])]] for s in sentences])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    triples = tuple((f"m{i:02d}w{i:02d}", f"m{i:02d}w{(i + 7) % 60:02d}", f"m{(i + 9) % 60:02d}w{i:02d}") for i in range(60))
    pairs = tuple(pair for a, b, c in triples for pair in ((a, b), (a, c)))
    plain = Pooling(np.eye(16, dtype=np.float32))
    after = taught(plain, embed, Likeness(pairs, (5.0, 2.0) * 60, triples))

    def found(pooling):
        sentence, paraphrase, near = (pooling(embed(side)) for side in zip(*triples, strict=True))
        return ((sentence * paraphrase).sum(1) > (sentence * near).sum(1)).mean()

    assert found(after) > found(plain) + 0.5


def test_the_likeness_shipped_is_whole():
    likeness = Likeness.load()
    assert len(likeness.pairs) == len(likeness.ratings) > 800
    assert len(likeness.triples) > 400
    assert all(0 <= rating <= 5 for rating in likeness.ratings)
    sentences = [s for several in (*likeness.pairs, *likeness.triples) for s in several]
    measured = {cell for name in ("similarity.tsv", "paraphrases.tsv") for row in golden(name) for cell in row.values()}
    assert not set(sentences) & measured
