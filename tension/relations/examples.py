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
from itertools import chain
from pathlib import Path

from tension.actors.discourse import Discourse
from tension.actors.mentions import MentionFinder, People
from tension.actors.reading import Reading, readings_of
from tension.actors.standins import recast
from tension.actors.telling import tell
from tension.errors import InputError
from tension.ontology import ACT_INDEX, ACTS, STATUSES, act_of
from tension.records import Clause, Mention, Span, Told
from tension.relations.asking import place_of
from tension.relations.head import NONE
from tension.text.articles import Article, publication_date

Label = tuple[tuple[frozenset[int], float], ...]
NO_EVENT: Label = ((frozenset({NONE}), 1.0),)
UNTOLD: Label = ((frozenset(range(NONE + 1)), 1.0),)
_OPTIONAL_WEIGHT = 0.4
_SENTENCE_WEIGHT = 0.3
_SHORT = 2, 5  # sentences
_INTERRUPTED = 4  # sentences of an article for one of another's
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
    judged: Span | None = None  # what of the text tells of the pair; None: all of it


@dataclass(frozen=True, slots=True)
class Example:
    """What is read at once, a clause or a passage, its states under stand-in names, with its labelled pairs."""

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
    """Examples of the annotated lines of a corpus, clause by clause, as the scorer reads them."""
    with labels.open(encoding="utf-8") as rows:
        wanted = {row["uid"]: [GoldEvent.from_row(event) for event in row["events"]] for row in map(json.loads, rows)}
    for uid, line in corpus_lines(corpus, set(wanted)).items():
        pieces = _pieces(tell(Article(uid, line["text"], publication_date(line["date"])), finder))
        yield from _examples(_labelled(chain(*pieces), wanted[uid], uid), "line", uid)


def plain_articles(articles: Iterable[dict], finder: MentionFinder) -> Iterator[Example]:
    """Examples of articles (`id`, `date`, `text`) that no one labelled: whatever is said of their pairs is right."""
    for row in articles:
        article = Article(row["id"], row["text"], publication_date(row["date"]))
        pieces = chain(*_pieces(tell(article, finder)))
        told = (
            (piece, [LabelledPair(c.source_spans, c.target_spans, UNTOLD, judged=piece.judged) for c in piece.pairs])
            for piece in pieces
        )
        yield from _examples(told, "plain", article.id)


def corpus_lines(corpus: Path, wanted: set[str] | None = None) -> dict[str, dict]:
    """Lines of the gzipped JSONL corpus by id, all or the wanted ones."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines) if wanted is None or row["id"] in wanted}


def _pieces(told: Iterable[Told]) -> list[list[Reading]]:
    """For each sentence of an article how its clauses that relate pairs are read, or the sentence without pairs."""
    whole = (replace(t, clauses=t.clauses or (Clause(0, len(t.text), t.mentions, ()),)) for t in told)
    return readings_of(list(whole))


def _labelled(
    pieces: Iterable[Reading], events: list[GoldEvent], uid: str
) -> Iterator[tuple[Reading, list[LabelledPair]]]:
    """Each clause with its pairs; an event belongs to the one clause that names its pair, else it stays open which one tells it."""
    pieces = list(pieces)
    named = Counter((c.source, c.target) for piece in pieces for c in piece.pairs if c.resolved != "context")
    implied = Counter((c.source, c.target) for piece in pieces for c in piece.pairs if c.resolved == "context")
    for piece in pieces:
        labelled = []
        for c in piece.pairs:
            pair, way = (c.source, c.target), implied if c.resolved == "context" else named
            label, status = label_of(events, pair)
            asked = LabelledPair(c.source_spans, c.target_spans, label, status, judged=piece.judged)
            told_here = way[pair] == 1 and (way is named or not named[pair])
            if label != NO_EVENT and not told_here:
                asked = replace(asked, label=_open(label), status=None, bag=(uid, *pair), if_told=(label, status))
            labelled.append(asked)
        if not piece.judged and (len(pieces) == 1 or (labelled and not events)):
            labelled.append(LabelledPair((), (), *_label_of_sentence(events)))
        yield piece, labelled


def _examples(told: Iterable[tuple[Reading, list[LabelledPair]]], origin: str, uid: str) -> Iterator[Example]:
    """One example for all clauses that are read at once."""
    pairs: dict[str, list[LabelledPair]] = {}
    for piece, labelled in told:
        pairs.setdefault(piece.text, []).extend(labelled)
    for text, labelled in pairs.items():
        if labelled:
            yield Example(text, tuple(dict.fromkeys(labelled)), origin, uid)


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
            pieces = _pieces(tell(article, finder, discourse=_known(pair, events)))
            yield from _examples(_labelled(chain(*pieces), events, article.id), "authored", article.id)


def _known(pair: tuple[str, str] | None, events: list[GoldEvent]) -> Discourse:
    """An article that was about the pair, and spoke last of the one that acts."""
    acting = [event.source for event in events if pair and {event.source, event.target} == set(pair)]
    return Discourse(dict.fromkeys(pair, 10.0), (acting or pair)[0]) if pair else Discourse()


def authored_articles(rows: Iterable[dict], name: str, finder: MentionFinder) -> Iterator[Example]:
    """Examples of our own articles, whose sentences carry their events one by one."""
    for number, row in enumerate(rows):
        text = "\n".join(sentence["text"] for sentence in row["sentences"])
        article = Article(f"{name}-{number}", text, publication_date(row["date"]))
        told = (
            _labelled(pieces, [GoldEvent.parse(event) for event in sentence["events"]], f"{article.id}:{place}")
            for place, (pieces, sentence) in enumerate(
                zip(_pieces(tell(article, finder)), row["sentences"], strict=True)
            )
        )
        yield from _examples(chain(*told), "article", article.id)


def interrupted(rows: Sequence[dict], finder: MentionFinder, rng: random.Random) -> Iterator[dict]:
    """Articles into which others put in a word: sentences that tell nothing and name no state tell nothing anywhere."""
    silent = [s for row in rows for s in row["sentences"] if not s["events"] and not finder.find(s["text"], None, People())[0]]
    for row in rows:
        sentences = list(row["sentences"])
        for stranger in rng.sample(silent, min(len(silent), 1 + len(sentences) // _INTERRUPTED)):
            sentences.insert(rng.randint(1, len(sentences)), stranger)
        yield row | {"sentences": sentences}


def shortened(rows: Iterable[dict], finder: MentionFinder, rng: random.Random) -> Iterator[dict]:
    """Short articles: two to five sentences of others, from each that names two states; what came before it is not told."""
    for row in rows:
        sentences, date = row["sentences"], publication_date(row["date"])
        for first, sentence in enumerate(sentences[:-1]):
            if len({m.state for m in finder.find(sentence["text"], date, People())[0]}) > 1:
                yield row | {"sentences": sentences[first : first + rng.randint(*_SHORT)]}


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
