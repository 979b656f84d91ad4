from datetime import datetime

from tension.records import Article
from tension.text.duplicates import StoryIndex

TEXT = "Japan's coast guard said four Chinese patrol ships entered waters around the Senkaku Islands on Monday and stayed for two hours."


def stories(*articles: Article, **options) -> list[str]:
    index = StoryIndex(**options)
    return [index.story_of(article) for article in articles]


def test_wire_copies_share_a_story():
    copy = TEXT.replace("on Monday", "Monday") + " (Kyodo)"
    assert (
        stories(Article("a", TEXT, datetime(2013, 5, 1)), Article("b", copy, datetime(2013, 5, 2)))
        == ["a@2013-05-01"] * 2
    )


def test_the_same_sentence_half_a_year_later_is_a_new_event():
    assert stories(Article("a", TEXT, datetime(2013, 5, 1)), Article("b", TEXT, datetime(2013, 11, 1))) == [
        "a@2013-05-01",
        "b@2013-11-01",
    ]


def test_other_reports_are_other_stories():
    other = "Foreign ministers of India and Pakistan met in Islamabad and agreed to reopen two border crossings."
    assert stories(Article("a", TEXT), Article("b", other)) == ["a", "b"]


def test_memory_is_bounded_by_the_window():
    index = StoryIndex(window=3)
    for i in range(20):
        index.story_of(Article(str(i), f"report number {i} about something entirely different {i * 7919}"))
    assert len(index._recent) == 3
    assert sum(map(len, index._buckets.values())) == 3 * 16
