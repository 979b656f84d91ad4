"""Hostile texts: whatever they hold, sentences stand where they say, lose no words and take no time; so do times and pairs."""

import re
import time
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tension.errors import DateError
from tension.records import Article
from tension.scorer import Scorer
from tension.tally import Tally
from tension.text.articles import clean, publication_date
from tension.text.boilerplate import names_sources
from tension.text.clauses import split_clauses
from tension.text.dates import time_expressions
from tension.text.sentences import LONGEST, split_sentences

WORDS = st.sampled_from(
    [
        *". , ; : ! ? … ( ) [ ] \" ' ’ “ ” - -- – — / 。 ؟ é ß İ ﬁ ² 中国 Россия القاهرة 👩‍👩‍👧 U.S. Mr. etc. No. A.B. 1.5".split(),
        *(" ", "  ", "\n", "\r\n", "\u00a0", "\u2028", "\u0301", "\u200b", "\u200d", "\u202e", "\u200f", "\ufeff", "\x00"),
        *(" Japan", " the United States", " North Korea", " the two Koreas", " CHINA", " Kenya’s", " the Senkaku Islands"),
        *(" both sides", " each other", " Peru, Chile and Cuba", " The ministry", " while", " but", " as", " met", " agreed to"),
        *(" after", " which was", " may", " and 20", " to 20 soldiers", " last year", " twenty-", " more than", " a dozen", " May 5"),
        *(" yesterday", " since", " until", " than", " the first", " last October", " Jan. 5", " 2019-01-24", " winter"),
        *(" (Kenya protested.)", " (Chad", " left)", "\nUSA - ", "OSLO, 24 Jan 2019 - "),
        *("TOKYO (Kyodo) -- ", " (Reuters)", " (The Times (London))", "\nParis - ", " in 2012", " this decade", " 0000-01-01"),
    ]
)  # fmt: skip
RUNS = st.tuples(WORDS, st.integers(1, 1200)).map(lambda run: run[0] * run[1])
TEXTS = st.lists(WORDS | WORDS | WORDS | RUNS | st.text(max_size=20), max_size=40).map("".join).map(clean)
DAYS = st.none() | st.datetimes() | st.sampled_from([datetime.min, datetime.max, datetime(2020, 2, 29)])
DATELINE = re.compile(r"^\s*[A-Z].{0,120}?(?:--|[-–—]) ")
SOON = 2.0  # seconds for 64 KB; what is quadratic takes ten times as long


def left_out(line: str) -> bool:
    """Whether words that no sentence holds are none, a dateline, or sources."""
    rest = DATELINE.sub("", line).strip()
    return not rest or names_sources(rest)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_sentences_hold_every_word_but_datelines_and_citations(text):
    end = 0
    for number, sentence in enumerate(split_sentences(Article("x", text))):
        assert (sentence.index, sentence.text) == (number, text[sentence.start : sentence.end])
        assert 0 < len(sentence.text) <= LONGEST
        assert sentence.text == sentence.text.strip()
        assert all(left_out(line) for line in text[end : sentence.start].split("\n"))
        end = sentence.end
    assert all(left_out(line) for line in text[end:].split("\n"))


@settings(max_examples=200, deadline=None)
@given(TEXTS, DAYS)
def test_times_lie_in_their_sentence_and_do_not_overlap(text, day):
    for sentence in split_sentences(Article("x", text)):
        found = time_expressions(sentence.text, day)
        assert all(0 <= e.start < e.end <= len(sentence.text) and e.first <= e.last for e in found)
        assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.fixture(scope="module")
def readers():
    """Scorers whose model is never asked."""
    return Scorer(organisations="actors"), Scorer(context=False, places=False)


@settings(max_examples=200, deadline=None)
@given(TEXTS, DAYS, st.booleans())
def test_pairs_are_of_two_states_and_lie_in_their_clause(readers, text, day, plain):
    assert "".join(text[start:end] for start, end in split_clauses(text)) == text
    for found in readers[plain].road.read(Article("x", text, day, text[:100]), Tally()):
        assert found.sentence.text[found.clause.start : found.clause.end] == found.text
        reading = found.reading
        assert reading.judged is None or 0 <= reading.judged[0] < reading.judged[1] <= len(reading.text)
        for pair, moved in zip(found.clause.pairs, reading.pairs, strict=True):
            assert pair.source != pair.target
            assert all(0 <= a < b <= len(found.text) for a, b in (*pair.source_spans, *pair.target_spans))
            assert all(0 <= a < b <= len(reading.text) for a, b in (*moved.source_spans, *moved.target_spans))


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from("2019 19 - : / T Z +09:00 00 99 Jan Mon now GMT . , ".split(" "))).map("".join)
)
def test_a_date_is_a_moment_without_a_zone_or_an_error_of_ours(value):
    try:
        moment = publication_date(value)
    except DateError:
        return
    assert moment is None or moment.tzinfo is None


@pytest.mark.parametrize(
    "value",
    ["0000-01-01", "-0001-01-01", "0001-01-01T00:00+09:00", "9999-12-31T23:59-05:00", "now", "today", "10:30", "10:30:15", "May", "5 PM",
     "10:30 GMT+9", "10:30 +0900"],
)  # fmt: skip
def test_a_placeholder_or_a_time_without_a_day_is_no_date(value):
    with pytest.raises(DateError, match="date"):
        publication_date(value)


def test_a_huge_date_is_not_repeated_in_its_error():
    with pytest.raises(DateError) as caught:
        publication_date("1" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("words", ["more than today", "the first attack since today", "the worst since this decade"])
def test_a_comparison_at_the_end_of_the_calendar_dates_nothing(words):
    assert time_expressions(words, datetime.max) == []


def test_a_gulf_of_spaces_makes_no_empty_sentence():
    text = f"Kenya{' ' * 3000}met{chr(0xA0) * 3000}Norway."
    assert [s.text for s in split_sentences(Article("x", text))] == ["Kenya", "met", "Norway."]


@pytest.mark.parametrize(
    "text",
    ["x" + " " * 64_000 + "y)", "(ab)" * 16_000 + "x)", "(a(b)c)" * 9_000 + "y)", "(" * 64_000, "." * 64_000 + " A", '". ' * 21_000,
     "may meet after which it was, " * 2200, "more than twenty-" * 3700, "from May 5 and 20 of last " * 100 + "x" * 60_000],
)  # fmt: skip
def test_brackets_and_spaces_take_linear_time(text):
    began = time.perf_counter()
    for sentence in split_sentences(Article("x", text)):
        time_expressions(sentence.text, None)
    assert time.perf_counter() - began < SOON
