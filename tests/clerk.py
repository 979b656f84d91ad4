"""A scorer that reads nothing: it codes `CHN ACCUSE JPN` as one event, at once. For tests of the store, not of scoring."""

from collections.abc import Sequence

import pandas as pd
from conftest import event, frame_of

from tension.records import Article
from tension.text.duplicates import StoryIndex

QUADS = {"ACCUSE": "VCONF", "AGREE": "VCOOP", "ASSAULT": "MCONF"}


class Clerk:
    def __init__(self, label: str = "clerk 1", **options: object):
        self.label, self.options = label, options

    def score(self, articles: Sequence[Article], stories: StoryIndex | None = None) -> pd.DataFrame:
        stories = stories or StoryIndex()
        return frame_of(*(row for article in articles for row in self._rows(article, stories)))

    def _rows(self, article: Article, stories: StoryIndex) -> list[dict]:
        source, root, target, *_ = [*article.text.split(), "", "", ""]
        if root not in QUADS:
            return []
        sign = 1 if QUADS[root].endswith("COOP") else -1
        return [
            event(
                article_id=article.id, date=article.date, source=source, target=target, root=root, quad=QUADS[root],
                p_cooperation=float(sign > 0), p_conflict=float(sign < 0), intensity=5.0 * sign, text=article.text, start=0,
                end=len(article.text), story=stories.story_of(article), model=self.label,
            )
        ]  # fmt: skip
