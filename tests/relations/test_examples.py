"""Labels of different kinds become sets of classes, clause by clause."""

import json
import random
from itertools import combinations

import numpy as np
import pytest
import torch
from conftest import ROOT

from tension.actors.discourse import Discourse
from tension.ontology import ACT_INDEX, ROOTS, STATUSES
from tension.records import Article
from tension.relations.asking import default_finder
from tension.relations.examples import (
    NO_EVENT,
    Example,
    GoldEvent,
    LabelledPair,
    _labelled,
    _pieces,
    authored_articles,
    authored_sentences,
    label_of,
    spliced,
)
from tension.relations.fitting import settle
from tension.relations.head import N_CLASSES, NONE
from tension.relations.losses import act_loss, targets_of
from tension.relations.model import RelationModel
from tension.text.articles import publication_date
from tension.text.sentences import split_sentences


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

    assert act_loss(logits, targets_of([Pair], "cpu")).item() == pytest.approx(-np.log(2 / N_CLASSES), abs=1e-5)


def test_an_event_in_one_of_several_clauses_stays_open():
    article = Article("a", "Ghana accused Togo. Later Ghana met Togo, while Peru accused Chile.", None)
    events = [GoldEvent.parse(e) for e in ("GHA>TGO ACCUSE occurred", "PER>CHL ACCUSE occurred")]
    examples = list(_labelled(_pieces(article, default_finder(), Discourse()), events, "line", "a"))
    first, second, third, *_ = [e.pairs for e in examples]
    ((open_label, weight),) = first[0].label
    assert open_label == {ACT_INDEX["ACCUSE"], NONE}
    assert first[0].bag == second[0].bag == ("a", "GHA", "TGO")
    assert weight < 1
    assert first[0].if_told == (((frozenset({ACT_INDEX["ACCUSE"]}), 1.0),), STATUSES.index("occurred"))
    assert first[1].label == NO_EVENT
    assert third[0].bag == ()
    assert third[0].label == ((frozenset({ACT_INDEX["ACCUSE"]}), 1.0),)


def test_settling_picks_one_clause_of_each_bag():
    told = (((frozenset({ACT_INDEX["ACCUSE"]}), 1.0),), 0)
    open_pair = LabelledPair(
        ((0, 6),), ((15, 20),), ((frozenset({ACT_INDEX["ACCUSE"], NONE}), 0.4),), None, ("x",), told
    )
    examples = [
        Example("Norway accused Kenya.", (open_pair,), "line"),
        Example("Norway praised Kenya.", (open_pair,), "line"),
    ]
    settled = settle(examples, RelationModel.from_pretrained(device="cpu"))
    assert settled[0].pairs[0].label == told[0]
    assert settled[1] == examples[1]


def test_spans_of_examples_stay_on_actors():
    finder = default_finder()
    for example in list(authored_sentences(ROOT / "data" / "training" / "authored_1.jsonl", finder))[:300]:
        for pair in example.pairs:
            for start, end in (*pair.source, *pair.target):
                assert example.text[start:end].strip()
                assert start == 0 or not example.text[start - 1].isalnum()


OWN = [
    *sorted(p for kind in ("authored", "articles", "pairs") for p in (ROOT / "data" / "training").glob(f"{kind}_*.jsonl")),
    ROOT / "data" / "validation" / "articles.jsonl",
]


@pytest.mark.parametrize("path", OWN, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_authored_sentences_can_be_read_and_do_not_repeat(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [sentence for row in rows for sentence in row.get("sentences", [row])]
    assert len({(row["text"], row.get("source"), row.get("target")) for row in rows}) == len(rows)
    for row in rows:
        for event in map(GoldEvent.parse, row.get("events", ())):
            assert event.source != event.target
        if "root" in row:
            assert row["root"] in (*ROOTS, "NONE")
            assert all(row[side] in row["text"] for side in ("source", "target"))


def test_no_sentence_stands_in_two_files():
    seen: dict[str, str] = {}
    for path in OWN:
        if not path.name.startswith("pairs"):
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                for sentence in row.get("sentences", [row]):
                    at = f"{path.parent.name}/{path.name}"
                    assert seen.setdefault(sentence["text"], at) == at, sentence["text"]


def test_an_article_splits_into_the_sentences_that_are_labelled():
    for path in OWN:
        if path.name.startswith("articles"):
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                labelled = [sentence["text"] for sentence in row["sentences"]]
                article = Article("a", "\n".join(labelled), publication_date(row["date"]))
                read = [sentence.text for sentence in split_sentences(article)]
                assert len(read) == len(labelled)
                assert all(sentence in whole for sentence, whole in zip(read, labelled, strict=True))


def test_a_sentence_of_an_article_is_read_after_what_was_said(tmp_path):
    sentences = [
        {"text": "Ghana accused Togo of spying.", "events": ["GHA>TGO ACCUSE occurred"]},
        {"text": "The charge was denied.", "events": ["TGO>GHA REJECT occurred"]},
    ]
    path = tmp_path / "articles_1.jsonl"
    path.write_text(json.dumps({"date": "1995-05-05", "sentences": sentences}), encoding="utf-8")
    _, second = authored_articles(path, default_finder())
    assert second.text == "Norway; Kenya: Norway accused Kenya of spying. [SEP] The charge was denied."
    assert second.text[second.begins :] == "The charge was denied."
    label_of_pair = {pair.source[0]: pair.label for pair in second.pairs if pair.source}
    assert label_of_pair == {(8, 13): ((frozenset({ACT_INDEX["REJECT"]}), 1.0),), (0, 6): NO_EVENT}


def test_a_sentence_after_what_another_article_said_keeps_what_it_tells(tmp_path):
    article = [
        {"text": "Ghana accused Togo of spying.", "events": ["GHA>TGO ACCUSE occurred"]},
        {"text": "The charge was denied.", "events": ["TGO>GHA REJECT occurred"]},
        {"text": "Rice was cheap that winter.", "events": []},
    ]
    own = {
        "text": "Accra protested.",
        "date": "1995-05-05",
        "context": "GHA-TGO",
        "events": ["GHA>TGO ACCUSE occurred"],
    }
    (tmp_path / "articles_1.jsonl").write_text(
        json.dumps({"date": "1995-05-05", "sentences": article}), encoding="utf-8"
    )
    (tmp_path / "authored_1.jsonl").write_text(json.dumps(own), encoding="utf-8")
    examples = [
        *authored_articles(tmp_path / "articles_1.jsonl", default_finder()),
        *authored_sentences(tmp_path / "authored_1.jsonl", default_finder()),
    ]
    found = list(spliced(examples, random.Random(0)))
    assert [e.text[e.begins :] for e in found] == ["Rice was cheap that winter.", "Oslo protested."]
    assert {pair.label for pair in found[0].pairs} == {NO_EVENT}
    for pair in found[1].pairs:
        assert {found[1].text[a:b] for a, b in (*pair.source, *pair.target)} == {"Norway", "Kenya", "Oslo"}
        first = found[1].text[slice(*pair.source[0])]
        assert (pair.label == NO_EVENT) == (first == "Kenya")


ANNOTATED = ("train", "train_hard", "train_more", "train_localities", "validation", "gold_dev", "gold_test")


@pytest.mark.parametrize("name", ANNOTATED)
def test_annotations_can_be_read(name):
    rows = [
        json.loads(line)
        for line in (ROOT / "data" / "annotations" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len({row["uid"] for row in rows}) == len(rows)
    assert all(set(row) == {"uid", "events"} for row in rows), "labels only, no text"
    assert sum(len([GoldEvent.from_row(e) for e in row["events"]]) for row in rows) > 100


def test_lines_that_measure_are_not_trained_on():
    uids = {}
    for name in ANNOTATED:
        rows = (ROOT / "data" / "annotations" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        uids[name] = {json.loads(row)["uid"] for row in rows}
    for (one, first), (other, second) in combinations(uids.items(), 2):
        assert not first & second, (one, other)
    assert not uids["gold_dev"] & uids["gold_test"]
