from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tension.errors import DateError, InputError, MissingColumnError
from tension.records import Article, Skipped
from tension.text.articles import publication_date, read_articles
from tension.text.sentences import LONGEST, split_sentences


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2019-01-24", datetime(2019, 1, 24)),
        ("2019-01-24T09:00+09:00", datetime(2019, 1, 24)),
        ("2019-01-24T23:30:00-05:00", datetime(2019, 1, 25, 4, 30)),
        ("2019-01-24T12:00:00Z", datetime(2019, 1, 24, 12)),
        ("Thu, 24 Jan 2019 10:00:00 GMT", datetime(2019, 1, 24, 10)),
        ("Thu Jan 24 2019 10:00:00 GMT+0900", datetime(2019, 1, 24, 1)),
        ("Thu Jan 24 2019 10:00:00 GMT+0900 (Japan Standard Time)", datetime(2019, 1, 24, 1)),
        ("2019-01-24T10:00:00 UTC+09:00", datetime(2019, 1, 24, 1)),
        ("Jan 24, 2019 10:00 UTC-5", datetime(2019, 1, 24, 15)),
        ("Jan 24, 2019 10:00 UTC +5:30", datetime(2019, 1, 24, 4, 30)),
        ("Jan 24, 2019 10:00 UTC", datetime(2019, 1, 24, 10)),
        ("2019/01/24 10:00:00.12-05:00", datetime(2019, 1, 24, 15, 0, 0, 120000)),
        ("Thu Jan 24 10:00:00 2019", datetime(2019, 1, 24, 10)),
        ("2019 1 24", datetime(2019, 1, 24)),
        ("2019-1-2 3:04", datetime(2019, 1, 2, 3, 4)),
        ("24-Jan-2019", datetime(2019, 1, 24)),
        ("3\u00a0March 2018", datetime(2018, 3, 3)),
        (pd.Timestamp("2019-01-24", tz="Asia/Tokyo"), datetime(2019, 1, 23, 15)),
        (datetime(2019, 1, 24), datetime(2019, 1, 24)),
        (None, None),
        ("", None),
        (float("nan"), None),
        (pd.NaT, None),
    ],
)
def test_publication_dates_become_utc_without_a_zone(value, expected):
    assert publication_date(value) == expected


@pytest.mark.parametrize("value", ["soon", "2019-13-45", "24 Brumaire", 20190124, True, np.int64(20190124)])
def test_an_unparsable_date_says_what_to_give(value):
    with pytest.raises(DateError, match="2019-01-24"):
        publication_date(value)


def test_an_endless_date_is_refused_at_once():
    for digit in ("1", "a", " 1"):
        with pytest.raises(DateError, match="cannot be read"):
            publication_date(digit * 1_000_000)


def test_a_frame_without_text_names_its_columns():
    with pytest.raises(MissingColumnError, match=r"text.*body, when"):
        list(read_articles(pd.DataFrame({"body": ["x"], "when": ["2019"]})))


@pytest.mark.parametrize("source", [7, b"bytes", object()])
def test_what_is_no_article_says_what_is(source):
    with pytest.raises(InputError, match="DataFrame"):
        list(read_articles(source))


def test_bad_rows_come_back_with_their_reason_and_place():
    frame = pd.DataFrame(
        {
            "id": ["ok", "empty", "nan", "none", "date", "language", "foreign"],
            "text": ["Japan met China.", " \n", np.nan, None, "India met Pakistan.", "x", "Le ministre rencontre son homologue demain."],
            "date": ["2019-01-24", "2019-01-24", "2019-01-24", None, "someday", None, None],
            "language": [None, None, None, None, None, "fr", None],
        }
    )  # fmt: skip
    read = list(read_articles(frame))
    assert [item.id for item in read] == frame["id"].tolist()
    reasons = {item.row: item.reason for item in read if isinstance(item, Skipped)}
    assert set(reasons) == {1, 2, 3, 4, 5, 6}
    assert reasons[1] == "empty text"
    assert "no text" in reasons[2]
    assert "someday" in reasons[4]
    assert "fr" in reasons[5]
    assert "fr" in reasons[6]


def test_mixed_time_zones_in_one_frame():
    frame = pd.DataFrame(
        {"text": ["a b c"] * 3, "date": ["2019-01-24T00:00+09:00", "2019-01-24", "2019-01-23T20:00-05:00"]}
    )
    assert [a.date for a in read_articles(frame)] == [
        datetime(2019, 1, 23, 15),
        datetime(2019, 1, 24),
        datetime(2019, 1, 24, 1),
    ]


def test_an_article_without_an_id_is_known_by_its_content():
    first, second, third = read_articles(["Same text here.", "Same text here.", "Another text."])
    assert first.id == second.id != third.id


def _split(text: str) -> list[str]:
    return [s.text for s in split_sentences(Article("x", text))]


def test_may_ends_a_sentence():
    assert _split("Talks are due in May. Tokyo objected. On May 5 they began.") == [
        "Talks are due in May.",
        "Tokyo objected.",
        "On May 5 they began.",
    ]


def test_sentences_leave_out_citations_and_datelines():
    assert _split("TOKYO (Kyodo) -- Japan protests. China replies. (The Times of India) (BBC)") == [
        "Japan protests.",
        "China replies.",
    ]
    assert _split("BEIJING, Jan 3 (Reuters) - Talks were held.") == ["Talks were held."]
    assert _split("  TOKYO (Kyodo) - Talks were held.") == ["Talks were held."]
    assert _split("Canberra, Tuesday - Talks were held.") == ["Talks were held."]
    assert _split("The alliance condemned the attack (NATO)") == ["The alliance condemned the attack (NATO)"]


@pytest.mark.parametrize(
    "dateline",
    [
        "BEIJING, January 24, 2019 (Xinhua) -- ",
        "BEIJING, 24 Jan (Xinhua) -- ",
        "Oslo, 24 January 2019 - ",
        "Oslo, Thursday, Jan. 24 - ",
        "RIO DE JANEIRO - ",
        "KABUL - ",
    ],
)
def test_a_dateline_tells_place_day_or_agency(dateline):
    assert _split(f"{dateline}Kenya thanked Oman.") == ["Kenya thanked Oman."]


@pytest.mark.parametrize(
    "sources",
    [
        "(Reuters)",
        "(Al Jazeera, AFP)",
        "(BBC News) (AP via The Age)",
        "(news.com.au) (euronews)",
        "(ESPN (UK))",
        "(L'Orient le Jour)",
        "(U.S. News & World Report)",
        "(Reporting by Jane Roe in Oslo; editing by Max Doe)",
    ],
)
def test_sources_are_left_out(sources):
    assert _split(f"Kenya thanked Oman. {sources}") == ["Kenya thanked Oman."]


def test_brackets_that_tell_something_stay():
    assert _split("Kenya thanked Oman. (Chad has accused Oman of spying.)") == [
        "Kenya thanked Oman.",
        "(Chad has accused Oman of spying.)",
    ]
    assert _split("Kenya sent ships (Oman protested)") == ["Kenya sent ships (Oman protested)"]
    assert _split("Kenya sent ships (Oman protested) (Reuters) (AFP)") == ["Kenya sent ships (Oman protested)"]


@pytest.mark.parametrize(
    "text",
    [
        "USA - Iran trade row over tanker.",
        "UAE - Iran talks resume.",
        "NATO - Russia ties worsen.",
        "The Oslo Marathon 26 - Kenya wins.",
        "China – Japan's neighbour – protests.",
        "Russia - Ukraine talks resume.",
        "Turkey -- a NATO member -- shells Syria.",
    ],
)
def test_a_state_before_a_dash_is_no_dateline(text):
    assert _split(text) == [text]


def test_abbreviations_do_not_end_a_sentence():
    assert len(_split("The U.S. and Japan met on Jan. 5 in Washington, D.C. with Mr. Abe. They agreed.")) == 2


def test_a_line_break_ends_a_sentence():
    assert _split("Headline without a stop\nJapan protests.") == ["Headline without a stop", "Japan protests."]


def test_a_five_megabyte_sentence_is_divided_not_cut():
    text = "Japan and China " * 320_000
    pieces = list(split_sentences(Article("x", text)))
    assert max(len(p.text) for p in pieces) <= LONGEST
    assert "".join(p.text for p in pieces).replace(" ", "") == text.replace(" ", "")


@given(st.text(max_size=400))
def test_every_sentence_stands_where_it_says(text):
    for sentence in split_sentences(Article("x", text)):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()


@given(
    st.one_of(st.none(), st.text(max_size=60), st.integers(), st.floats(), st.lists(st.text(max_size=5), max_size=2))
)
def test_any_value_is_an_article_or_has_a_reason(value):
    (item,) = read_articles([value])
    assert isinstance(item, Article) or item.reason


def test_half_a_surrogate_pair_is_a_space():
    (article,) = read_articles("China condemned Japan \ud83d today.")
    assert article.text == "China condemned Japan   today."


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f"])
def test_a_space_that_does_not_break_parts_words_like_any_other(space):
    text = f"BEIJING{space}(Reuters) - China thanked Japan in March{space}2012."
    (article,) = read_articles(text)
    assert [(s.text, s.start) for s in split_sentences(article)] == [("China thanked Japan in March 2012.", 20)]


def test_offsets_are_those_of_the_text_as_given():
    text = "Cafe\u0301s reopened. China condemned Japan."
    (article,) = read_articles(text)
    assert [text[s.start : s.end] for s in split_sentences(article)] == [
        "Cafe\u0301s reopened.",
        "China condemned Japan.",
    ]


def test_a_ready_made_article_is_checked_too():
    zoned = pd.Timestamp("2019-01-24", tz="Asia/Tokyo").to_pydatetime()
    (article,) = read_articles(Article("a", "Some text.", zoned))
    assert article.date == datetime(2019, 1, 23, 15)


@pytest.mark.parametrize(
    "value",
    ["01/02/2019", "13.02.2019", "3-4-19", "Mon 01/02/2019", "1 2 2019", "1 / 2 / 2019", "on 2/1/2019", "Fri, 02-01-2019", "24. 1. 2019",
     "10:30 01/02/2019", "19-1-2", "190124", "200105", "190124T1000"],
)  # fmt: skip
def test_month_and_day_are_never_guessed(value):
    (row,) = read_articles({"text": "Japan protests.", "date": value})
    assert isinstance(row, Skipped)
    assert row.cause == "no date"


@pytest.mark.parametrize("tag", ["en-GB", "English", "und", "unknown", ""])
def test_a_tag_that_names_no_other_language_rejects_nothing(tag):
    (row,) = read_articles({"text": "The ministry protested to the ambassador of the other country.", "language": tag})
    assert isinstance(row, Article)


def test_the_path_of_a_file_is_no_text(tmp_path):
    path = tmp_path / "news.jsonl"
    path.write_text("{}")
    with pytest.raises(InputError, match=r"tension\.read"):
        list(read_articles(str(path)))


def test_without_ids_the_same_words_of_another_day_or_publisher_are_another_article():
    rows = [
        {"text": "Japan protests.", "date": day, "publisher": who}
        for day in ("2019-01-02", "2019-01-03")
        for who in "AB"
    ]
    assert len({article.id for article in read_articles([*rows, *rows])}) == 4


def test_a_long_text_without_spaces_is_a_text():
    (row,) = read_articles("日本は中国に抗議した." * 100)
    assert row.cause == "other language"
