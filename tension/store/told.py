"""The stories a store has told around some dates, kept at hand for the length of a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sql

from tension.store.schema import articles, scored
from tension.text.duplicates import StoryIndex

_AHEAD = timedelta(days=30)  # an archive is fed in the order of its dates


@dataclass(slots=True)
class Told:
    """An index of the stories that a version told from `low` to `high`; only its run writes meanwhile, so it stays true."""

    version: int
    low: datetime = datetime.max
    high: datetime = datetime.min
    index: StoryIndex = field(default_factory=StoryIndex)

    def around(self, connection: sql.Connection, dates: Sequence[datetime]) -> StoryIndex:
        """The index, holding what was told shortly before and after these dates."""
        reach = timedelta(days=self.index.days)
        first, last = min(dates) - reach, max(dates) + reach
        if not (self.low <= first and last <= self.high):
            self.low, self.high = min(self.low, first), max(self.high, last + _AHEAD)
            self.index = self._read(connection)
        return self.index

    def forget(self) -> None:
        """Start again from what is written: a batch failed whose articles are in the index."""
        self.low, self.high, self.index = datetime.max, datetime.min, StoryIndex()

    def _read(self, connection: sql.Connection) -> StoryIndex:
        index = StoryIndex()
        query = (
            sql.select(scored.c.story, articles.c.date, articles.c.digest)
            .join(articles, articles.c.number == scored.c.article)
            .where(scored.c.version == self.version, scored.c.story.is_not(None), articles.c.digest.is_not(None))
            .where(articles.c.date.between(self.low, self.high))
            .order_by(articles.c.number.desc())
            .limit(index.window)
        )
        for story, date, digest in reversed(connection.execute(query).all()):
            index.remember(story, date, np.frombuffer(digest, np.uint32))
        return index
