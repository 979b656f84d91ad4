"""The road from articles to the events frame.

Blocks of articles take the road of `road.py`, here or in worker processes, and are put together to one frame, with their stories.
"""

import weakref
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from tension.actors.discourse import Discourse
from tension.actors.dyads import clause_candidates
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.actors.organisations import expand_members
from tension.actors.reading import Reading, readings_of
from tension.errors import InputError, OptionError
from tension.memory import return_freed_memory
from tension.ontology import ACT_INDEX, ACTS, Scale, act_of, intensities
from tension.progress import Progress
from tension.records import Article, Clause, Sentence, Skipped, Told, events_frame
from tension.relations.asking import ask, sentence_list
from tension.resources import label_of
from tension.road import Coded, Road, Rules
from tension.tally import STAGES, Tally
from tension.text.articles import Articles, read_articles
from tension.text.duplicates import StoryIndex
from tension.workers import Code, Workers

if TYPE_CHECKING:
    from tension.relations.backends import Backend
    from tension.relations.model import RelationModel
    from tension.relations.occlusion import Question
    from tension.relations.poles import Poles
    from tension.relations.precision import Precision

Organisations = Literal["leave", "actors", "members"]
CHUNK = 2000
PIECE = 500  # articles that a worker codes at a time
SHOWN = 100  # skipped articles listed in a frame, whose attrs pandas copies at every step; `Scorer.tally` has them all


class Scorer:
    """Scores news text: what states do to each other, sentence by sentence.

    Parameters
    ----------
    model
        A shipped model's name, a folder, a loaded `RelationModel`, or None for the shipped default.
    device
        `auto`, `cpu`, `cuda` or a torch device.
    gazetteer
        Names of states to look for; None for the shipped tables. `Gazetteer.default().extended("mine.csv")` adds to them.
    min_probability
        Probability of an event from which a relation becomes a row; None for the model's own, tuned on held-out annotations.
    scale
        Intensity scale, `plover` or `goldstein`.
    context
        Whether "the two countries" and one-sided sentences take the article's active pair.
    places
        Whether disputed places bring their claimants.
    organisations
        What becomes of alliances and organisations: `leave` them out, code them as `actors` of their own (`NATO`, `EU`), or tell their
        acts of their `members` on the day.
    precision
        `auto`, `float32` or `bfloat16`: the number format of the matrix products. `auto` takes bfloat16 where the device has instructions
        for it, which takes half the time and changes probabilities by up to 0.01; `float32` gives the same numbers on every machine.
    backend
        What runs the encoder: `auto` or `torch`, or with the extra `fast` `openvino` or `onnxruntime` (in float32), on processors.
    workers
        Processes that score at once; each holds a model of its own (about 0.6 GB), and they end with `close()` or with the scorer. A
        process of your own that is forked after a score hangs: torch's threads do not survive a fork.
    threads
        Processors of each process, on which batches run at once; None takes all, shared out among the workers. 1 on a shared machine.
    poles
        Seed sentences or words under "+" and "-", for `position`: an axis of your own.

    Examples
    --------
    >>> scorer = Scorer()
    >>> events = scorer.score("Japan has strongly condemned North Korea's missile test.", date="2017-08-29")
    >>> events[["source", "target", "root"]].values.tolist()
    [['JPN', 'PRK', 'ACCUSE']]
    """

    def __init__(
        self,
        model: "str | Path | RelationModel | None" = None,
        *,
        device: str = "auto",
        gazetteer: Gazetteer | None = None,
        min_probability: float | None = None,
        scale: Scale = "plover",
        context: bool = True,
        places: bool = True,
        organisations: Organisations = "leave",
        precision: "Precision" = "auto",
        backend: "Backend" = "auto",
        workers: int = 1,
        threads: int | None = None,
        poles: Mapping[str, Sequence[str]] | None = None,
    ):
        if min_probability is not None and not 0 <= min_probability <= 1:
            raise OptionError(f"min_probability={min_probability!r} is not a probability; choose a number from 0 to 1")
        self._intensities = np.asarray(intensities(scale))
        self._model = model if model is not None and not isinstance(model, (str, Path)) else None
        self._source, self._device, self._precision, self._backend = model, device, precision, backend
        self._gazetteer = gazetteer
        self._finder: MentionFinder | None = None
        self._road: Road | None = None
        self._rules = Rules(min_probability, scale, context, places)
        if organisations not in get_args(Organisations):
            raise OptionError.of("organisations", organisations, get_args(Organisations))
        if workers < 1 or (threads is not None and threads < 1):
            raise OptionError(f"workers={workers!r} and threads={threads!r} must be at least 1")
        self._number, self._threads, self._workers = workers, threads, None
        self._organisations = organisations
        self._seeds, self._poles = poles, None
        self._since = 0  # articles coded since memory was handed back
        self.tally = Tally()

    @property
    def model(self) -> "RelationModel":
        """The relation model, loaded at first use."""
        if self._model is None:
            from tension.relations.model import RelationModel

            if self._threads:
                import torch

                torch.set_num_threads(self._threads)
            self._model = RelationModel.from_pretrained(self._source, self._device, self._precision, self._backend)
        return self._model

    @property
    def label(self) -> str:
        """Name and version of the model, as stamped on events; read from its folder where it is not loaded yet."""
        return self._model.label if self._model is not None else label_of(self._source)

    @property
    def options(self) -> dict[str, object]:
        """The options that change what is found and differ from the defaults: with the label they say which rows go together."""
        own_names = self._gazetteer is not None and self._gazetteer is not Gazetteer.default()
        chosen = {
            "min_probability": self._rules.min_probability,
            "scale": self._rules.scale if self._rules.scale != "plover" else None,
            "context": None if self._rules.context else False,
            "places": None if self._rules.places else False,
            "organisations": self._organisations if self._organisations != "leave" else None,
            "gazetteer": self._gazetteer.fingerprint() if own_names else None,
        }
        return {name: value for name, value in chosen.items() if value is not None}

    def embed(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentence embeddings: (n, dim) float32, rows of unit length."""
        return self.model.embed(sentence_list(sentences))

    @property
    def poles(self) -> "Poles":
        """The axis of the seeds, with `stability()`; an InputError where none were given."""
        from tension.relations.poles import Poles

        if self._seeds is None:
            raise InputError('this scorer has no poles; make it with Scorer(poles={"+": [...], "-": [...]})')
        if self._poles is None:
            self._poles = Poles.of(self._seeds, self.embed)
        return self._poles

    def position(self, sentences: Sequence[str]) -> pd.DataFrame:
        """Where sentences lie between the seeds: `position` (-1..1), and `lower`, `upper` when any one seed is left out."""
        return self.poles.place(self.embed(sentences))

    def classify(
        self,
        sentences: Sequence[str],
        source: Sequence[str] | str | None = None,
        target: Sequence[str] | str | None = None,
    ) -> pd.DataFrame:
        """What is said to have happened, in each sentence as a whole or between two spans of it.

        Parameters
        ----------
        sentences
            One or more sentences.
        source, target
            The actor and the one acted on, for each sentence: words of it, or a state by name or ISO 3166 code ("China", "CHN"), which
            is asked about wherever the sentence names it ("Chinese", "Beijing"). Where one clause holds both, that clause is judged.

        Returns
        -------
        DataFrame
            One row per sentence: `p_cooperation`, `p_conflict`, `p_none` (calibrated, sum 1), `event` (whether anything happened: what
            `score` would make a row), `quad` and `root` (the most probable supposing it did), `intensity` (-10 conflict .. +10
            cooperation) and `status`.

        Raises
        ------
        InputError
            If only one of source and target is given, their number differs, or a side is not in its sentence.
        """
        judged = self.model.judge(*ask(sentences, source, target, self.finder))
        least = self._rules.least(self.model.settings.min_probability)
        best = [ACTS[i] for i in judged.best_act()]
        return pd.DataFrame(
            {
                "p_cooperation": judged.p_cooperation().astype("float32"),
                "p_conflict": judged.p_conflict().astype("float32"),
                "p_none": judged.p_none().astype("float32"),
                "event": 1 - judged.p_none() >= least,
                "quad": pd.Series([act.quad for act in best], dtype="str"),
                "root": pd.Series([act.root for act in best], dtype="str"),
                "intensity": (judged.acts[:, : len(ACTS)] @ self._intensities).astype("float32"),
                "status": pd.Series(judged.best_status(), dtype="str"),
            }
        )

    def score(
        self,
        articles: Articles,
        date: object = None,
        *,
        stories: StoryIndex | None = None,
        progress: bool | None = False,
    ) -> pd.DataFrame:
        """Events of articles.

        Parameters
        ----------
        articles
            A str, a list of str, a mapping, a DataFrame with `text` (optional `id`, `date`, `title`, `publisher`, `language`), or an
            iterable of these. A title is read for context only; to score it too, put it in front of the text on a line of its own.
        date
            Publication date of the articles that carry none.
        stories
            What earlier articles told, and where these are remembered; None for a new index.
        progress
            Whether to show a bar; None shows it on a terminal and in a notebook.

        Returns
        -------
        DataFrame
            The events frame, one row per sentence, directed dyad and act. `attrs["skipped"]` lists the first 100 articles that were not
            scored and why (`tally.skipped` all), `attrs["why_empty"]` says in words why there is no row, `attrs["counts"]` counts what
            was met.

        Raises
        ------
        MissingColumnError
            If a frame has no column `text`.
        DateError
            If `date` cannot be read.
        """
        parts = list(self.stream(articles, date, stories=stories, progress=progress))
        frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True) if parts else events_frame({})
        frame.attrs = self._attrs()
        return frame

    def stream(
        self,
        articles: Articles,
        date: object = None,
        *,
        chunk: int = CHUNK,
        stories: StoryIndex | None = None,
        progress: bool | None = False,
    ) -> Iterator[pd.DataFrame]:
        """Events frames of articles, `chunk` articles at a time: the same rows as `score`, in memory bounded by the chunk."""
        if chunk < 1:
            raise OptionError(f"chunk={chunk!r} must be at least 1")
        self.tally, stories = Tally(), StoryIndex() if stories is None else stories
        done = 0
        with Progress(_number_of(articles), "score", progress, " articles") as bar:
            for block, pieces in self._coded(self._blocks(read_articles(articles, date), chunk)):
                frame = self._frame(block, pieces, stories)
                done += len(block)
                bar.at(done)
                self._since += len(block)
                del block, pieces
                self._tidy()
                yield frame

    def _tidy(self) -> None:
        """Hand freed memory back after every `CHUNK` articles; after each small call, the next would have to ask for it again."""
        if self._since >= CHUNK:
            return_freed_memory()
            self._since = 0

    def _blocks(self, items: Iterator[Article | Skipped], chunk: int) -> Iterator[list[Article]]:
        """The articles of each `chunk` items; what cannot be read is noted."""
        while True:
            with self.tally.timed("read"):
                block = list(islice(items, chunk))
            if not block:
                return
            self.tally.skipped += [item for item in block if isinstance(item, Skipped)]
            yield [item for item in block if isinstance(item, Article)]

    def profile(self) -> pd.DataFrame:
        """Where the time of the last run went: `seconds` of each stage, in all processes together, and its `share`."""
        seconds = pd.Series({stage: self.tally.seconds[stage] for stage in STAGES}, name="seconds", dtype=float)
        return pd.DataFrame({"seconds": seconds, "share": seconds / max(seconds.sum(), 1e-12)}).rename_axis("stage")

    def words(self, events: pd.DataFrame) -> pd.DataFrame:
        """Which words carried each event: how much its act loses when a word is hidden.

        Parameters
        ----------
        events
            An events frame, or some of its rows.

        Returns
        -------
        DataFrame
            A row per word: `event` (the index of the event's row), `word`, `start` and `end` (its characters in the event's `text`) and
            `weight`, the fall of the natural logarithm of the act's probability; positive where the word spoke for the act. Words that
            name the two sides have none. `tension.report.highlight.highlight` shows them as HTML. A side that only the
            article told is taken as given; what the article said is not at hand here.
        """
        from tension.relations.occlusion import word_weights

        found = self._asked_again(events)
        weights = word_weights(self.model, [question for question, _, _ in found])
        rows = [
            (index, text, *(place + offset for place in reading.origin(span)), weight)
            for index, text, (_, reading, offset), own in zip(events.index, events["text"], found, weights, strict=True)
            for span, weight in own
        ]
        frame = pd.DataFrame(rows, columns=["event", "word", "start", "end", "weight"])
        frame["word"] = [text[a:b] for text, a, b in zip(frame["word"], frame["start"], frame["end"], strict=True)]
        return frame.astype({"start": "int32", "end": "int32", "weight": "float32"})

    def _asked_again(self, events: pd.DataFrame) -> list[tuple["Question", Reading, int]]:
        """What was asked for each event, from its row alone: the question, its clause's stand-ins, and where the clause starts.

        Of several clauses that hold the pair, it is the one where the event's act is likeliest.
        """
        possible = [self._possible(row) for row in events.itertuples()]
        flat = [question for choices in possible for question, _, _ in choices]
        judged = self.model.judge([q.text for q in flat], [q.asked(i) for i, q in enumerate(flat)])
        likely, first, chosen = [p[q.act] for p, q in zip(judged.acts, flat, strict=True)], 0, []
        for choices in possible:
            chosen.append(choices[int(np.argmax(likely[first : first + len(choices)]))])
            first += len(choices)
        return chosen

    def _possible(self, row: tuple) -> list[tuple["Question", Reading, int]]:
        """The clauses of an event's sentence that hold its pair; the whole sentence where none does."""
        from tension.relations.occlusion import Question

        mentions, places = self.finder.find(row.text, row.date if pd.notna(row.date) else None, People())
        pair = tuple(sorted((row.source, row.target)))
        unnamed = row.target if any(m.state == row.source for m in mentions) else row.source
        clauses = clause_candidates(
            row.text, mentions, places, Discourse(dict.fromkeys(pair, 1.0), unnamed), self._rules.places
        )
        act, found = ACT_INDEX[act_of(row.root, row.quad).name], []
        whole = Clause(0, len(row.text), tuple(mentions), ())
        told = Told(Sentence(0, row.text, 0, len(row.text)), tuple(mentions), (*clauses, whole))
        (*readings, read_whole) = readings_of([told])[0]
        for clause, reading in zip(clauses, readings, strict=True):
            for c in reading.pairs:
                if (c.source, c.target) == (row.source, row.target):
                    question = Question(reading.text, c.source_spans, c.target_spans, act, reading.judged)
                    found.append((question, reading, clause.start))
        return found or [(Question(read_whole.text, (), (), act), read_whole, 0)]

    def _attrs(self) -> dict:
        tally = self.tally
        return {
            "why_empty": tally.why_empty(),
            "skipped": [{"row": s.row, "id": s.id, "reason": s.reason} for s in tally.skipped[:SHOWN]],
            "counts": {
                "articles": tally.articles,
                "skipped": len(tally.skipped),
                "sentences": tally.sentences,
                "sentences_with_pairs": tally.gated,
                "sentences_encoded": tally.encoded,
                "truncated": tally.truncated,
                "undated": tally.undated,
            },
        }

    @property
    def road(self) -> Road:
        """What takes articles to events, made at first use."""
        if self._road is None:
            self._road = Road(self.model, self.finder, self._rules)
        return self._road

    @property
    def finder(self) -> MentionFinder:
        """What finds the states named in a sentence, made at first use."""
        if self._finder is None:
            gazetteer = Gazetteer.default() if self._gazetteer is None else self._gazetteer
            self._finder = MentionFinder(gazetteer, self._organisations != "leave")
        return self._finder

    def _coded(self, blocks: Iterator[list[Article]]) -> Iterator[tuple[list[Article], list[Coded]]]:
        """Blocks of articles and what they were coded to, piece by piece, in order."""
        if self._number == 1:
            for articles in blocks:
                yield articles, [self.road.code(articles)]
            return
        ahead: deque[tuple[list[Article], list[Future[Coded]]]] = deque()
        try:
            for articles in blocks:
                size = max(1, min(PIECE, -(-len(articles) // self._number)))
                pieces = [articles[i : i + size] for i in range(0, len(articles), size)]
                ahead.append((articles, [self.workers.code(piece) for piece in pieces]))
                while len(ahead) > -(-2 * self._number // max(1, len(pieces))):
                    first, answers = ahead.popleft()
                    yield first, [answer.result() for answer in answers]
            while ahead:
                first, answers = ahead.popleft()
                yield first, [answer.result() for answer in answers]
        except BaseException:
            self.close()
            raise

    @property
    def workers(self) -> Workers:
        """The worker processes, started at first use."""
        if self._workers is None:
            options = asdict(self._rules) | {
                "model": self._source, "device": self._device, "precision": self._precision, "backend": self._backend,
                "gazetteer": self._gazetteer, "organisations": self._organisations,
            }  # fmt: skip
            self._workers = Workers(self._number, partial(_code_with, options), self._threads)
            self._ended = weakref.finalize(self, self._workers.close)
        return self._workers

    def close(self) -> None:
        """End the worker processes, where there are any; the next call starts new ones."""
        if self._workers is not None:
            self._ended()
            self._workers = None

    def __enter__(self) -> "Scorer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _frame(self, articles: list[Article], pieces: list[Coded], stories: StoryIndex) -> pd.DataFrame:
        """One frame of what a block was coded to, with the stories its articles tell."""
        starts = np.cumsum([0, *(piece.tally.articles for piece in pieces)])
        own = [piece.of + start for piece, start in zip(pieces, starts, strict=False)]
        of = np.concatenate([np.zeros(0, np.intp), *own])
        frames = [piece.frame for piece in pieces if len(piece.frame)]
        frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0] if frames else events_frame({})
        with self.tally.timed("stories"):
            told = {place: stories.story_of(articles[place]) for place in dict.fromkeys(of.tolist())}
            frame["story"] = pd.Series([told[place] for place in of.tolist()], index=frame.index, dtype="str")
        for piece in pieces:
            self.tally.add(piece.tally)
        if self._organisations == "members":
            frame = expand_members(frame)
        self.tally.events += len(frame)
        return frame


def _code_with(options: dict[str, Any]) -> Code:
    """What a worker does with a block of articles."""
    return Scorer(**options).road.code


def _number_of(articles: Articles) -> int | None:
    """How many articles there are, where that is known before they are read."""
    return len(articles) if isinstance(articles, (pd.DataFrame, list, tuple)) else None
