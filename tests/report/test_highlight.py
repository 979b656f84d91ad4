"""The words that carried an event, in a frame and as HTML."""

import pytest

import tension
from tension.errors import InputError
from tension.report.highlight import highlight

TEXT = "Ghana expelled three envoys of Togo on Monday, while Peru thanked Chile for <b>rice</b>."


@pytest.fixture(scope="module")
def scored():
    scorer = tension.Scorer()
    events = scorer.score(TEXT, date="2019-05-06")
    return events, scorer.words(events)


def test_words_stand_where_they_say_and_the_deciding_one_weighs_most(scored):
    events, words = scored
    assert all(row.word == TEXT[row.start : row.end] for row in words.itertuples())
    expelled = events.index[(events["source"] == "GHA") & (events["target"] == "TGO")][0]
    own = words[words["event"] == expelled]
    assert own.loc[own["weight"].idxmax(), "word"] in ("expelled", "envoys")
    assert "thanked" not in set(own["word"]), "only the event's own clause was asked"
    assert not {"Ghana", "Togo"} & set(own["word"])


def test_html_shows_the_sentence_and_escapes_it(scored):
    html = highlight(*scored)._repr_html_()
    assert "GHA → TGO" in html
    assert "<b>" not in html
    assert "expelled</span>" in html


def test_words_of_other_events_are_refused(scored):
    events, words = scored
    with pytest.raises(InputError, match="other events"):
        highlight(events.iloc[:1], words)
