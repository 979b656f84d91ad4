"""Wire copies -> one story.

Two articles tell the same story when their sets of word triples overlap by at least 70 % (Jaccard, estimated by MinHash; Broder 1997)
and they were published within five days of each other: the same sentence half a year later is a new event.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from rensa import RMinHash

from tension.records import Article
from tension.text.articles import content_id

_PERMUTATIONS = 64
_ROWS = 4
_SEED = 20190124
STORY_DAYS = 5
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class StoryIndex:
    """Assigns each article, in the order they come, to a story, which is named after the first article that told it (`id@day`, and a piece
    of its text's hash where another story of that id and day has the name).

    Holds the last `window` articles, so memory does not grow with the archive.
    """

    similarity: float = 0.7
    days: int = STORY_DAYS
    window: int = 20_000
    _recent: OrderedDict[int, tuple[str, datetime | None, np.ndarray]] = field(default_factory=OrderedDict)
    _buckets: dict[tuple[int, bytes], list[int]] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def story_of(self, article: Article) -> str:
        """Name of the story an article tells."""
        digest = digest_of(article.text)
        story = self._match(digest, _keys(digest), article.date) or self._name(article)
        self.remember(story, article.date, digest)
        return story

    def _name(self, article: Article) -> str:
        """Id and day: an id that comes again on another day, or is only its text's, names another story."""
        name = f"{article.id}@{article.date.date()}" if article.date else article.id
        return f"{name}#{content_id(article.text)[:6]}" if name in self._told else name

    def _match(self, digest: np.ndarray, keys: list[tuple[int, bytes]], date: datetime | None) -> str | None:
        for number in sorted({n for key in keys for n in self._buckets.get(key, ())}):
            story, other_date, other = self._recent[number]
            near = date is None or other_date is None or abs(date - other_date) <= timedelta(days=self.days)
            if near and np.mean(digest == other) >= self.similarity:
                return story
        return None

    def remember(self, story: str, date: datetime | None, digest: np.ndarray) -> None:
        """Take an article with its digest to tell a story; later ones may turn out to tell it too."""
        self._recent[self._count] = (story, date, digest)
        self._told[story] = self._told.get(story, 0) + 1
        for key in _keys(digest):
            self._buckets.setdefault(key, []).append(self._count)
        self._count += 1
        if len(self._recent) > self.window:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        number, (story, _, digest) = self._recent.popitem(last=False)
        self._told[story] -= 1
        if not self._told[story]:
            del self._told[story]
        for key in _keys(digest):
            self._buckets[key].remove(number)
            if not self._buckets[key]:
                del self._buckets[key]


def _keys(digest: np.ndarray) -> list[tuple[int, bytes]]:
    """The bands of a digest: two articles that agree in one are compared."""
    data, size = digest.tobytes(), _ROWS * digest.itemsize
    return [(place, data[place : place + size]) for place in range(0, len(data), size)]


@lru_cache(maxsize=1024)
def digest_of(text: str) -> np.ndarray:
    """(64,) uint32: the share of equal places of two digests estimates how far the texts' sets of word triples overlap.

    Examples
    --------
    >>> a, b = digest_of("Japan and China met in Beijing."), digest_of("Japan and China met in Beijing!")
    >>> float((a == b).mean())
    1.0
    """
    words = _WORD.findall(text.lower())
    triples = {" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
    minhash = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    minhash.update(sorted(triples))
    return np.asarray(minhash.digest(), dtype=np.uint32)
