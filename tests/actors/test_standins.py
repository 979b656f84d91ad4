"""Stand-ins: the same words about other states read alike, and every span stays on its words."""

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.actors.standins import recast
from tension.records import Mention

DAY = datetime(2019, 6, 1)


def seen(text: str) -> str:
    return recast(text, MentionFinder(Gazetteer.default()).find(text, DAY, People())[0]).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("China criticised Japan.", "Peru criticised Fiji."),
        ("Chinese ships provoked Tokyo.", "Ghanaian ships provoked Lomé."),
        ("The United States and Israel met.", "France and the Philippines met."),
        ("The Kremlin thanked the White House.", "Downing Street thanked the Elysee Palace."),
        ("Vladimir Putin called Xi Jinping.", "Angela Merkel called Shinzo Abe."),
        ("Russians fled to Georgia; the Russian army followed.", "Indians fled to Nepal; the Indian army followed."),
        ("The US accused U.S.-backed Iraq.", "The UK accused UK-backed Iran."),
    ],
)
def test_other_states_read_alike(one, other):
    assert seen(one) == seen(other) != one


def test_what_is_no_single_state_stays():
    assert seen("The two Koreas talked about the Kuril Islands.") == "The two Koreas talked about the Kuril Islands."
    assert seen("Gaza militants shelled Israel.") == "Gaza militants shelled Norway."
    assert seen("It rained in Springfield.") == "It rained in Springfield."


def test_towns_and_regions_are_read_as_towns_of_their_state():
    assert seen("Russian missiles hit Odesa and Kharkiv Oblast.") == "Norwegian missiles hit Mombasa and Mombasa."
    assert seen("Ukraine held Odesa.") == "Norway held Bergen."
    assert seen("The Karachi bombing angered India.") == "The Bergen bombing angered Kenya."
    assert seen("Israeli troops entered Jenin.") == "Norwegian troops entered Jenin."


def test_more_states_than_stand_ins_keep_their_names():
    text = "Peru; Fiji; Chad; Iran; Iraq; Oman; Togo; Mali; Cuba and Laos voted."
    assert seen(text).endswith("Cuba and Laos voted.")
    assert "Mali" not in seen(text)


@given(
    st.lists(st.sampled_from(["Peru ", "the Fijian ", "hope ", "the United States ", "Xi Jinping ", "a "]), min_size=1)
)
def test_spans_stay_on_their_words(words):
    text = "".join(words).strip()
    mentions = MentionFinder(Gazetteer.default()).find(text, DAY, People())[0]
    result = recast(text, mentions)
    assert result.span((0, len(text))) == (0, len(result.text))
    at = [m.span() for m in re.finditer(r"\S+", text)]
    for span in at:
        word, new = text[slice(*span)], result.text[slice(*result.span(span))]
        touched = any(m.start < span[1] and span[0] < m.end for m in mentions)
        assert new == word or touched or word == "the"
        assert touched or text[slice(*result.origin(result.span(span)))] in (word, f"the {word}", word)
    for m in mentions:
        assert " " not in result.text[slice(*result.span((m.start, m.end)))]


def test_a_swallowed_article_belongs_to_its_state():
    text = "It warned the US."
    result = recast(text, [Mention("USA", 14, 16, "named", "abbreviation")])
    assert result.text == "It warned Norway."
    assert result.span((10, 13)) == result.span((14, 16)) == (10, 16)
