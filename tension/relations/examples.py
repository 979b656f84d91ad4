"""Labelled sentences -> training examples, from annotations by line id, from our own sentences and from the labelled sets.

The sets label different things: an annotation lists every event of a line, a labelled set gives one pair's root or only its quad class.
A label is therefore a list of (set of classes, weight): the pair's probability is asked to fall somewhere in each set.
"""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tension.actors.dyads import Discourse, candidates
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.errors import InputError
from tension.ontology import ACT_INDEX, ACTS, STATUSES, act_of
from tension.records import Candidate, Span
from tension.relations.head import NONE
from tension.text.articles import Article, publication_date
from tension.text.sentences import split_sentences

Label = tuple[tuple[frozenset[int], float], ...]
NO_EVENT: Label = ((frozenset({NONE}), 1.0),)
_OPTIONAL_WEIGHT = 0.4
_SENTENCE_WEIGHT = 0.3
_YIELD = frozenset({ACT_INDEX["CONCEDE"], ACT_INDEX["RETREAT"]})
_QUADS = {
    quad: frozenset(i for i, act in enumerate(ACTS) if act.quad == quad)
    for quad in ("VCOOP", "MCOOP", "VCONF", "MCONF")
}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A pair's spans in its sentence, its label, and its status where known."""

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    label: Label
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its labelled pairs."""

    text: str
    pairs: tuple[LabelledPair, ...]
    origin: str
    uid: str = ""


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
    """Examples of the annotated lines of a corpus: each line whole, and its sentences where it is clear which one tells an event."""
    with labels.open(encoding="utf-8") as rows:
        wanted = {row["uid"]: [GoldEvent.from_row(event) for event in row["events"]] for row in map(json.loads, rows)}
    for uid, line in corpus_lines(corpus, set(wanted)).items():
        article = Article(uid, line["text"], publication_date(line["date"]))
        sentences = list(split_sentences(article))
        whole = article.text[sentences[0].start : sentences[-1].end] if sentences else ""
        if len(sentences) > 1:
            yield from _sentences_of(article, sentences, wanted[uid], finder)
        if len(whole) < 700:
            mentions, places = finder.find(whole, article.date, People())
            yield _example(whole, candidates(whole, mentions, places), wanted[uid], "line", uid)


def corpus_lines(corpus: Path, wanted: set[str] | None = None) -> dict[str, dict]:
    """Lines of the gzipped JSONL corpus by id, all or the wanted ones."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines) if wanted is None or row["id"] in wanted}


def _sentences_of(
    article: Article, sentences: list, events: list[GoldEvent], finder: MentionFinder
) -> Iterator[Example]:
    people, discourse, found = People(), Discourse(), []
    for sentence in sentences:
        mentions, places = finder.find(sentence.text, article.date, people)
        found.append((sentence, candidates(sentence.text, mentions, places, discourse)))
        discourse.read(sentence.text, mentions)
    direct: dict[tuple[str, str], int] = {}
    for _, pairs in found:
        for c in pairs:
            direct[c.source, c.target] = direct.get((c.source, c.target), 0) + (c.resolved != "context")
    with_event = {(event.source, event.target) for event in events}
    for sentence, pairs in found:
        clear = [
            c
            for c in pairs
            if (c.source, c.target) not in with_event or (direct[c.source, c.target] == 1 and c.resolved != "context")
        ]
        yield _example(sentence.text, clear, events, "sentence", article.id)


def _example(text: str, pairs: Iterable[Candidate], events: list[GoldEvent], origin: str, uid: str) -> Example:
    labelled = []
    for c in pairs:
        label, status = label_of(events, (c.source, c.target))
        labelled.append(LabelledPair(c.source_spans, c.target_spans, label, status))
    if labelled and origin != "sentence":
        labelled.append(LabelledPair((), (), *_label_of_sentence(events)))
    return Example(text, tuple(labelled), origin, uid)


def _label_of_sentence(events: list[GoldEvent]) -> tuple[Label, int | None]:
    """Label and status of a sentence as a whole, which has no spans: one of its acts, or none."""
    core = [event for event in events if not event.optional]
    if core:
        return ((frozenset(event.act for event in core), _SENTENCE_WEIGHT),), core[0].status
    acts = frozenset(event.act for event in events) | {NONE}
    return ((acts, _SENTENCE_WEIGHT),), None


def authored_sentences(path: Path, finder: MentionFinder) -> Iterator[Example]:
    """Examples of our own sentences; a pair known only from the given context has no span."""
    with path.open(encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            events = [GoldEvent.parse(event) for event in row["events"]]
            mentions, places = finder.find(row["text"], publication_date(row["date"]), People())
            discourse = Discourse({tuple(row["context"].split("-")): 10.0}) if "context" in row else None
            found = {(c.source, c.target): c for c in candidates(row["text"], mentions, places, discourse)}
            if discourse:
                for a, b in (discourse.active, discourse.active[::-1]):
                    found.setdefault((a, b), Candidate(a, b, _named(mentions, a), _named(mentions, b), "context"))
            yield _example(row["text"], found.values(), events, "authored", f"{path.stem}-{number}")


def _named(mentions: list, state: str) -> tuple[Span, ...]:
    return tuple((m.start, m.end) for m in mentions if m.state == state)


def labelled_set(path: Path, language: str = "en") -> Iterator[Example]:
    """Examples of a labelled CSV (`text,source,target,label_quad,label_root`), one pair each; a side not found has no span."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["lang"] == language:
                source, target = (_span_in(row["text"], row[side]) for side in ("source", "target"))
                yield Example(row["text"], (LabelledPair(source, target, _set_label(row)),), path.stem, row["uid"])


def _span_in(text: str, words: str) -> tuple[Span, ...]:
    start = text.find(words) if words else -1
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


def default_finder() -> MentionFinder:
    """The mention finder of the shipped gazetteer."""
    return MentionFinder(Gazetteer.default())
