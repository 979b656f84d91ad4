"""Labels of different kinds become sets of classes, clause by clause."""

import json
import random
from itertools import chain, combinations

import numpy as np
import pytest
import torch
from conftest import ROOT

from tension.actors.telling import tell
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
    interrupted,
    label_of,
    shortened,
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
    pieces = chain(*_pieces(tell(article, default_finder())))
    first, second, third, *_ = [pairs for _, pairs in _labelled(pieces, events, "a")]
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
    *sorted((ROOT / "data" / "validation").glob("*.jsonl")),
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
        if path.name.startswith(("articles", "leads")):
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                labelled = [sentence["text"] for sentence in row["sentences"]]
                article = Article("a", "\n".join(labelled), publication_date(row["date"]))
                read = [sentence.text for sentence in split_sentences(article)]
                assert len(read) == len(labelled)
                assert all(sentence in whole for sentence, whole in zip(read, labelled, strict=True))


ARTICLE = {
    "date": "1995-05-05",
    "sentences": [
        {"text": "Ghana accused Togo of spying.", "events": ["GHA>TGO ACCUSE occurred"]},
        {"text": "The charge was denied.", "events": ["TGO>GHA REJECT occurred"]},
        {"text": "Rice was cheap that winter.", "events": []},
    ],
}


def test_the_sentences_of_an_article_are_read_together_and_labelled_one_by_one():
    (example,) = authored_articles([ARTICLE], "articles", default_finder())
    assert example.text == (
        "Norway; Kenya: [SEP] Norway accused Kenya of spying. [SEP] The charge was denied. [SEP] Rice was cheap that winter."
    )
    told = {
        (example.text[slice(*pair.judged)], example.text[slice(*pair.source[0])]): pair.label for pair in example.pairs
    }
    assert told == {
        ("Norway accused Kenya of spying.", "Norway"): ((frozenset({ACT_INDEX["ACCUSE"]}), 1.0),),
        ("Norway accused Kenya of spying.", "Kenya"): NO_EVENT,
        ("The charge was denied.", "Norway"): NO_EVENT,
        ("The charge was denied.", "Kenya"): ((frozenset({ACT_INDEX["REJECT"]}), 1.0),),
        ("Rice was cheap that winter.", "Norway"): NO_EVENT,
        ("Rice was cheap that winter.", "Kenya"): NO_EVENT,
    }


def test_others_put_in_a_word_that_tells_nothing():
    other = {"date": "1996-06-06", "sentences": [{"text": "Oman and Iran met.", "events": ["OMN>IRN CONSULT occurred"]}] * 4}
    first, second = interrupted([ARTICLE, other], default_finder(), random.Random(0))
    for row, before in ((first, ARTICLE), (second, other)):
        added = list(row["sentences"])
        for sentence in before["sentences"]:
            added.remove(sentence)
        assert added
        assert all(sentence["text"] == "Rice was cheap that winter." for sentence in added)
        assert row["sentences"][0] == before["sentences"][0]


def test_short_articles_begin_where_two_states_are_named():
    two = {"text": "Oman and Iran met.", "events": ["OMN>IRN CONSULT occurred"]}
    none, one = {"text": "Rain fell.", "events": []}, {"text": "Oman was content.", "events": []}
    row = {"date": "1996-06-06", "sentences": [one, two, none, one, none, none, two]}
    (short,) = shortened([row], default_finder(), random.Random(0))
    assert 2 <= len(short["sentences"]) <= 5
    assert short == row | {"sentences": row["sentences"][1 : 1 + len(short["sentences"])]}


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
