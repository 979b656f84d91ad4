"""Labels of different kinds become sets of classes; renaming keeps spans on their words."""

import json
import random

import numpy as np
import pytest
import torch
from conftest import ROOT

from tension.actors.gazetteer import Gazetteer
from tension.ontology import ACT_INDEX, STATUSES
from tension.relations.examples import NO_EVENT, GoldEvent, authored_sentences, default_finder, label_of
from tension.relations.head import N_CLASSES, NONE
from tension.relations.renaming import Renamer
from tension.relations.train import _targets, act_loss


def test_gold_events_are_read_in_both_notations():
    event = GoldEvent.parse("CHN>JPN REQUEST+ planned ?")
    assert event == GoldEvent("CHN", "JPN", ACT_INDEX["APPEAL"], STATUSES.index("planned"), True)
    row = {"source": "CHN", "target": "JPN", "root": "REQUEST", "quad": "VCOOP", "status": "planned", "optional": True}
    assert GoldEvent.from_row(row) == event


def test_labels():
    events = [GoldEvent.parse(e) for e in ("A>B ACCUSE occurred", "A>B CONSULT planned", "B>A AID occurred ?")]
    two, status = label_of(events, ("A", "B"))
    assert sorted(weight for _, weight in two) == [0.5, 0.5]
    assert STATUSES[status] == "occurred"
    ((optional, weight),), status = label_of(events, ("B", "A"))
    assert optional == {ACT_INDEX["AID"], NONE}
    assert weight < 1
    assert status is None
    assert label_of(events, ("A", "C")) == (NO_EVENT, None)


def test_the_loss_is_what_falls_outside_the_sets():
    logits = torch.log(torch.full((1, N_CLASSES), 1 / N_CLASSES))

    class Pair:
        label = ((frozenset({0, 1}), 1.0),)
        status = None

    assert act_loss(logits, _targets([Pair], "cpu")).item() == pytest.approx(-np.log(2 / N_CLASSES), abs=1e-5)


def test_renaming_keeps_every_span_on_an_actor():
    renamer, rng, finder = Renamer(Gazetteer.default()), random.Random(3), default_finder()
    changed = 0
    for path in sorted((ROOT / "data" / "training").glob("authored_1.jsonl")):
        for example in list(authored_sentences(path, finder))[:200]:
            renamed = renamer.rename(example, rng)
            changed += renamed.text != example.text
            assert len(renamed.pairs) == len(example.pairs)
            for old, new in zip(example.pairs, renamed.pairs, strict=True):
                assert len(old.source) == len(new.source)
                for start, end in (*new.source, *new.target):
                    assert renamed.text[start:end].strip()
                    assert start == 0 or not renamed.text[start - 1].isalnum()
    assert changed > 100


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "training").glob("*.jsonl")), ids=lambda p: p.name)
def test_authored_sentences_can_be_read_and_do_not_repeat(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len({row["text"] for row in rows}) == len(rows)
    for row in rows:
        for event in map(GoldEvent.parse, row["events"]):
            assert event.source != event.target


@pytest.mark.parametrize("name", ["train", "gold_dev", "gold_test"])
def test_annotations_can_be_read(name):
    rows = [
        json.loads(line)
        for line in (ROOT / "data" / "annotations" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len({row["uid"] for row in rows}) == len(rows)
    assert all(set(row) == {"uid", "events"} for row in rows), "labels only, no text"
    assert sum(len([GoldEvent.from_row(e) for e in row["events"]]) for row in rows) > 100


def test_gold_lines_are_not_trained_on():
    paths = {name: ROOT / "data" / "annotations" / f"{name}.jsonl" for name in ("train", "gold_dev", "gold_test")}
    uids = {
        name: {json.loads(line)["uid"] for line in path.read_text(encoding="utf-8").splitlines()}
        for name, path in paths.items()
    }
    assert not uids["train"] & (uids["gold_dev"] | uids["gold_test"])
    assert not uids["gold_dev"] & uids["gold_test"]
