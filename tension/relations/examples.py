"""Labelled sentences -> examples, from annotations by line id, from our own sentences and, for benchmarks only, from labelled sets.

The sets label different things: an annotation lists every event of a line, a labelled set gives one pair's root or only its quad class.
A label is therefore a list of (set of classes, weight): the pair's probability is asked to fall somewhere in each set.
"""

import csv
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import permutations
from pathlib import Path

from tension.actors.discourse import Discourse
from tension.actors.dyads import clause_candidates
from tension.actors.mentions import MentionFinder, People
from tension.actors.reading import Reading, reading_of
from tension.actors.standins import recast
from tension.errors import InputError
from tension.ontology import ACT_INDEX, ACTS, STATUSES, act_of
from tension.records import Clause, Mention, Span
from tension.relations.asking import place_of
from tension.relations.head import NONE
from tension.text.articles import Article, publication_date
from tension.text.sentences import split_sentences

Label = tuple[tuple[frozenset[int], float], ...]
NO_EVENT: Label = ((frozenset({NONE}), 1.0),)
UNTOLD: Label = ((frozenset(range(NONE + 1)), 1.0),)
_OPTIONAL_WEIGHT = 0.4
_SENTENCE_WEIGHT = 0.3
_YIELD = frozenset({ACT_INDEX["CONCEDE"], ACT_INDEX["RETREAT"]})
_QUADS = {
    quad: frozenset(i for i, act in enumerate(ACTS) if act.quad == quad)
    for quad in ("VCOOP", "MCOOP", "VCONF", "MCONF")
}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A pair's spans in its sentence, its label, and its status where known.

    Where a line states an event of a pair that stands in several of its clauses, each of these carries the same `bag` and a label that
    leaves open whether it is the one; `if_told` is the label and status of the one that is. A `number` tells what teachers say of it.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    label: Label
    status: int | None = None
    bag: tuple[str, ...] = ()
    if_told: tuple[Label, int | None] = (NO_EVENT, None)
    number: int = -1


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence or clause, its states under stand-in names, with its labelled pairs."""

    text: str
    pairs: tuple[LabelledPair, ...]
    origin: str
    uid: str = ""
    begins: int = 0  # where the sentence itself does, after what its article said


@dataclass(frozen=True, slots=True)
class GoldEvent:
    """One annotated event."""

    source: str
    target: str
    act: int
    status: int
    optional: bool = False

    @classmethod
    def parse(cls, text: str) -> "GoldEvent":
        """Read "CHN>JPN ACCUSE occurred", with REQUEST+ for a polite appeal and a final ? for an optional event."""
        pair, root, status, *optional = text.split()
        source, target = pair.split(">")
        act = act_of("REQUEST", "VCOOP") if root == "REQUEST+" else act_of(root)
        return cls(source, target, ACT_INDEX[act.name], STATUSES.index(status), bool(optional))

    @classmethod
    def from_row(cls, row: dict) -> "GoldEvent":
        """Read an object of the annotation files."""
        return cls(
            row["source"],
            row["target"],
            ACT_INDEX[act_of(row["root"], row["quad"]).name],
            STATUSES.index(row["status"]),
            row["optional"],
        )


def label_of(events: Iterable[GoldEvent], pair: tuple[str, str]) -> tuple[Label, int | None]:
    """Label and status of an ordered pair: its acts in equal parts; optional acts may as well be none; no event where it has none."""
    own = [event for event in events if (event.source, event.target) == pair]
    core = [event for event in own if not event.optional]
    if core:
        acts = sorted({event.act for event in core})
        return tuple((frozenset({act}), 1 / len(acts)) for act in acts), core[0].status
    if own:
        return ((frozenset({event.act for event in own} | {NONE}), _OPTIONAL_WEIGHT),), None
    return NO_EVENT, None


def annotated_lines(labels: Path, corpus: Path, finder: MentionFinder) -> Iterator[Example]:
    """Examples of the annotated lines of a corpus, clause by clause, as the scorer reads them."""
    with labels.open(encoding="utf-8") as rows:
        wanted = {row["uid"]: [GoldEvent.from_row(event) for event in row["events"]] for row in map(json.loads, rows)}
    for uid, line in corpus_lines(corpus, set(wanted)).items():
        article = Article(uid, line["text"], publication_date(line["date"]))
        yield from _labelled(_pieces(article, finder, Discourse()), wanted[uid], "line", uid)


def plain_articles(articles: Iterable[dict], finder: MentionFinder) -> Iterator[Example]:
    """Examples of articles (`id`, `date`, `text`) that no one labelled: whatever is said of their pairs is right."""
    for row in articles:
        article = Article(row["id"], row["text"], publication_date(row["date"]))
        for piece in _pieces(article, finder, Discourse()):
            if piece.pairs:
                pairs = (LabelledPair(c.source_spans, c.target_spans, UNTOLD) for c in piece.pairs)
                yield Example(piece.text, tuple(dict.fromkeys(pairs)), "plain", article.id, piece.begins)


def corpus_lines(corpus: Path, wanted: set[str] | None = None) -> dict[str, dict]:
    """Lines of the gzipped JSONL corpus by id, all or the wanted ones."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines) if wanted is None or row["id"] in wanted}


def _pieces(article: Article, finder: MentionFinder, discourse: Discourse) -> list[Reading]:
    people, pieces = People(), []
    for sentence in split_sentences(article):
        pieces += _clauses(sentence.text, article.date, finder, people, discourse)
    return pieces


def _clauses(
    text: str, date: datetime | None, finder: MentionFinder, people: People, discourse: Discourse
) -> Iterator[Reading]:
    """The clauses of one sentence that relate pairs, or the sentence without pairs."""
    mentions, places = finder.find(text, date, people)
    clauses = clause_candidates(text, mentions, places, discourse)
    discourse.read(text, mentions)
    for c in clauses or [Clause(0, len(text), tuple(mentions), ())]:
        yield reading_of(text[c.start : c.end], c)


def _labelled(pieces: list[Reading], events: list[GoldEvent], origin: str, uid: str) -> Iterator[Example]:
    """Each clause with its pairs; an event belongs to the one clause that names its pair, else it stays open which one tells it."""
    named = Counter((c.source, c.target) for piece in pieces for c in piece.pairs if c.resolved != "context")
    implied = Counter((c.source, c.target) for piece in pieces for c in piece.pairs if c.resolved == "context")
    for piece in pieces:
        labelled = []
        for c in piece.pairs:
            pair, way = (c.source, c.target), implied if c.resolved == "context" else named
            label, status = label_of(events, pair)
            if label == NO_EVENT or (way[pair] == 1 and (way is named or not named[pair])):
                labelled.append(LabelledPair(c.source_spans, c.target_spans, label, status))
            else:
                told = (label, status)
                labelled.append(LabelledPair(c.source_spans, c.target_spans, _open(label), None, (uid, *pair), told))
        if not piece.begins and (len(pieces) == 1 or (labelled and not events)):
            labelled.append(LabelledPair((), (), *_label_of_sentence(events)))
        if labelled:
            yield Example(piece.text, tuple(dict.fromkeys(labelled)), origin, uid, piece.begins)


def _open(label: Label) -> Label:
    """A label that may as well be no event."""
    return ((frozenset({NONE}).union(*(classes for classes, _ in label)), _OPTIONAL_WEIGHT),)


def _recast(text: str, mentions: Iterable[Mention], pairs: Iterable[LabelledPair], origin: str, uid: str) -> Example:
    seen = recast(text, mentions)
    asked = (replace(p, **dict(zip(("source", "target"), seen.sides(p.source, p.target), strict=True))) for p in pairs)
    return Example(seen.text, tuple(dict.fromkeys(asked)), origin, uid)


def _label_of_sentence(events: list[GoldEvent]) -> tuple[Label, int | None]:
    """Label and status of a sentence as a whole, which has no spans: one of its acts, or none."""
    core = [event for event in events if not event.optional]
    if core:
        return ((frozenset(event.act for event in core), _SENTENCE_WEIGHT),), core[0].status
    acts = frozenset(event.act for event in events) | {NONE}
    return ((acts, _SENTENCE_WEIGHT),), None


def authored_sentences(path: Path, finder: MentionFinder) -> Iterator[Example]:
    """Examples of our own sentences; a row's `context` is the pair that an article was about before it."""
    with path.open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            article = Article(f"{path.stem}-{number}", row["text"], publication_date(row["date"]))
            events = [GoldEvent.parse(event) for event in row["events"]]
            pair = tuple(row["context"].split("-")) if "context" in row else None
            yield from _labelled(_pieces(article, finder, _known(pair, events)), events, "authored", article.id)


def _known(pair: tuple[str, str] | None, events: list[GoldEvent]) -> Discourse:
    """An article that was about the pair, and spoke last of the one that acts."""
    acting = [event.source for event in events if pair and {event.source, event.target} == set(pair)]
    return Discourse(dict.fromkeys(pair, 10.0), (acting or pair)[0]) if pair else Discourse()


def authored_articles(path: Path, finder: MentionFinder) -> Iterator[Example]:
    """Examples of our own articles, whose sentences carry their events one by one."""
    with path.open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            text = "\n".join(sentence["text"] for sentence in row["sentences"])
            article = Article(f"{path.stem}-{number}", text, publication_date(row["date"]))
            people, discourse = People(), Discourse()
            for place, (read, sentence) in enumerate(zip(split_sentences(article), row["sentences"], strict=True)):
                pieces = list(_clauses(read.text, article.date, finder, people, discourse))
                events = [GoldEvent.parse(event) for event in sentence["events"]]
                yield from _labelled(pieces, events, "article", f"{path.stem}-{number}:{place}")


def spliced(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Sentences after what another article said, so that a model learns to judge them and not what was said before.

    Those of articles that tell nothing and name no state tell nothing there either; our own sentences with a context that name a side tell
    the same of whoever has its place there.
    """
    fronts = [e for e in examples if e.origin == "article" and _heading(e).count(";") == 1]
    for example in examples:
        if example.begins and fronts:
            front = rng.choice(fronts)
            pairs = _pairs_after(front, example)
            if pairs:
                text = front.text[: front.begins] + example.text[example.begins :]
                yield Example(text, pairs, "spliced", example.uid, front.begins)


def _heading(example: Example) -> str:
    """The states that stand in front of a text that is read after another."""
    return example.text[: example.begins].partition(":")[0]


def _pairs_after(front: Example, example: Example) -> tuple[LabelledPair, ...]:
    """The pairs of a sentence after what another article said; none where it may tell something else there."""
    asked = [pair for pair in example.pairs if pair.source]
    names = any(start >= example.begins for pair in asked for start, _ in (*pair.source, *pair.target))
    before = {  # from a state's place in front to all its places in what was said
        side[0]: tuple(span for span in side if span[0] < front.begins)
        for pair in front.pairs
        for side in (pair.source, pair.target)
        if side
    }
    if example.origin == "article" and not names and all(pair.label == NO_EVENT for pair in asked):
        return tuple(LabelledPair(before[a], before[b], NO_EVENT) for a, b in permutations(before, 2))
    if example.origin == "authored" and names and _heading(example) == _heading(front):
        by = front.begins - example.begins
        return tuple(
            replace(pair, **{name: before[side[0]] + _moved(side, example.begins, by) for name, side in _sides(pair)})
            for pair in asked
        )
    return ()


def _sides(pair: LabelledPair) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    return ("source", pair.source), ("target", pair.target)


def _moved(spans: tuple[Span, ...], begins: int, by: int) -> tuple[Span, ...]:
    """Those spans that lie in the sentence itself, further on by some characters."""
    return tuple((a + by, b + by) for a, b in spans if a >= begins)


def labelled_set(path: Path, finder: MentionFinder, language: str = "en") -> Iterator[Example]:
    """Examples of a labelled CSV (`text,source,target,label_quad,label_root`), one pair each; a side not found has no span."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["lang"] == language:
                source, target = (_span_in(row["text"], row[side]) for side in ("source", "target"))
                mentions, _ = finder.find(row["text"], None, People())
                labelled = [LabelledPair(source, target, _set_label(row))]
                yield _recast(row["text"], mentions, labelled, path.stem, row["uid"])


def authored_pairs(path: Path, finder: MentionFinder) -> Iterator[Example]:
    """Examples of our own sentences about actors of any kind, one pair each (`text`, `source`, `target`, `root`, `status`)."""
    with path.open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            source, target = (_span_in(row["text"], row[side]) for side in ("source", "target"))
            acts = frozenset(i for i, act in enumerate(ACTS) if act.root == row["root"])
            label, status = (((acts, 1.0),), STATUSES.index(row["status"])) if acts else (NO_EVENT, None)
            mentions, _ = finder.find(row["text"], publication_date(row["date"]), People())
            yield _recast(
                row["text"], mentions, [LabelledPair(source, target, label, status)], "pair", f"{path.stem}-{number}"
            )


def _span_in(text: str, words: str) -> tuple[Span, ...]:
    start = place_of(words, text) if words else -1
    return ((start, start + len(words)),) if start >= 0 else ()


def _set_label(row: dict[str, str]) -> Label:
    if row["label_root"] == "YIELD":
        return ((_YIELD, 1.0),)
    if row["label_root"]:
        return ((frozenset({ACT_INDEX[act_of(row["label_root"]).name]}), 1.0),)
    if row["label_quad"] == "NONE":
        return NO_EVENT
    if row["label_quad"] not in _QUADS:
        raise InputError(f"{row['uid']}: the quad class {row['label_quad']!r} is not one of {', '.join(_QUADS)}, NONE")
    return ((_QUADS[row["label_quad"]], 1.0),)
