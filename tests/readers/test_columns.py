from datetime import date

import pytest

from tension.errors import MissingColumnError, OptionError
from tension.readers.columns import check_named, choose, renamed, widened
from tension.records import Skipped

TEXT = "Norway thanked Kenya."


@pytest.mark.parametrize(
    ("record", "theirs", "note"),
    [
        ({"text": TEXT, "date": "2019-01-24"}, {"text": "text", "date": "date"}, ""),
        ({"body": TEXT, "published": "2019-01-24"}, {"text": "body", "date": "published"},
         "text read from 'body', date from 'published'"),
        ({"Text": TEXT, "URL": "u"}, {"text": "Text", "id": "URL"}, "text read from 'Text', id from 'URL'"),
        ({"text": TEXT, "body": "b", "source": "Daily"}, {"text": "text", "publisher": "source"},
         "publisher read from 'source'"),
        ({"content": {"html": "x"}, "article": TEXT, "source": {"name": "Daily"}, "site": "s"},
         {"text": "article", "publisher": "site"}, "text read from 'article', publisher from 'site'"),
        ({"body": "", "story": TEXT, "uid": 7}, {"text": "story", "id": "uid"}, "text read from 'story', id from 'uid'"),
        ({"text": TEXT, "published": True, "created_at": "24 January 2019"}, {"text": "text", "date": "created_at"},
         "date read from 'created_at'"),
        ({"text": TEXT, "published": "", "seendate": "20190124T090000Z"}, {"text": "text", "date": "seendate"},
         "date read from 'seendate'"),
        ({"text": TEXT, "datetime": date(2019, 1, 24), "headline": None}, {"text": "text", "date": "datetime", "title": "headline"},
         "date read from 'datetime', title from 'headline'"),
        ({"text": TEXT, "timestamp": 1548288000}, {"text": "text"}, "no date, because 'timestamp' holds 1548288000"),
        ({"text": None, "body": TEXT}, {"text": "text"}, ""),
    ],
)  # fmt: skip
def test_guesses(record, theirs, note):
    columns = choose(record, {}, "x.csv")
    assert columns.theirs == theirs
    assert columns.note() == note


def test_what_is_named_is_taken_and_the_rest_guessed():
    columns = choose({"text": "a", "summary": TEXT, "headline": "h"}, {"text": "summary"}, "x.csv")
    assert columns.of({"summary": TEXT, "headline": "h", "text": "a"}) == {"text": TEXT, "title": "h"}
    assert columns.note() == "title read from 'headline'"


@pytest.mark.parametrize(
    ("record", "theirs"),
    [
        ({"text": TEXT, "published": "", "timestamp": "2020-02-02"}, {"text": "text", "date": "published"}),
        ({"text": TEXT, "published": None, "timestamp": date(2020, 2, 2)}, {"text": "text", "date": "published"}),
        ({"text": TEXT, "published": "True", "created_at": "2020-02-02"}, {"text": "text", "date": "created_at"}),
        ({"body": "", "story": TEXT, "guid": "", "url": "u"}, {"text": "body", "id": "guid"}),
        ({"body": None, "story": TEXT}, {"text": "body"}),
        ({"body": 3, "story": TEXT}, {"text": "story"}),
    ],
)
def test_a_header_decides_before_what_its_first_row_leaves_empty(record, theirs):
    assert choose(record, {}, "x.csv", headed=True).theirs == theirs


def test_what_no_earlier_record_had_is_guessed_from_a_later_one():
    columns = choose({"body": TEXT, "when": "2019"}, {"date": "when"}, "x.jsonl")
    assert widened(columns, {"body": TEXT, "title": "t", "published": "2019"}) is columns
    wider = widened(columns, {"body": TEXT, "headline": "h", "url": "u", "content": "c", "published": "2019"})
    assert wider.theirs == {"text": "body", "date": "when", "id": "url", "title": "headline"}
    assert wider.note() == "id read from 'url', title from 'headline'"


def test_a_record_without_a_guessed_column_is_read_by_our_name():
    columns = choose({"body": TEXT}, {}, "x.jsonl")
    assert columns.of({"text": "own", "date": "2019"}) == {"text": "own", "date": "2019"}
    assert columns.of({"body": "theirs", "text": "own"}) == {"text": "theirs"}


@pytest.mark.parametrize(
    ("record", "named", "message"),
    [
        ({"a": 1, "b": 2}, {}, r"x.csv has no column that is the text; it has a, b\."),
        ({"body": 3}, {}, "it has body"),
        ({}, {}, "it has none"),
        ({"text": TEXT}, {"date": "day"}, "no column 'day'; it has text"),
    ],
)
def test_missing_columns_are_named_with_those_there_are(record, named, message):
    with pytest.raises(MissingColumnError, match=message):
        choose(record, named, "x.csv")


def test_an_unknown_name_of_ours_is_told():
    with pytest.raises(OptionError, match="text, date, id"):
        check_named({"body": "text"})


def run(records, told=None):
    return list(
        renamed(enumerate(records, 1), {}, "x.jsonl", lambda *note: told.append(note) if told is not None else None)
    )


def test_records_without_a_text_may_come_first():
    told = []
    first, second, third = run([{"error": "timeout", "id": 4}, {"body": TEXT}, {"body": "b"}], told)
    assert (first[1].row, first[1].id, first[1].cause) == (1, "4", "no text")
    assert second == (2, {"text": TEXT})
    assert third == (3, {"text": "b"})
    assert told == [("x.jsonl", "text read from 'body'")]


@pytest.mark.parametrize("number", [1, 100, 5000])
def test_a_file_without_any_text_raises_early(number):
    seen = iter([{"error": "timeout"}] * number)
    with pytest.raises(MissingColumnError, match="it has error"):
        run(seen)
    assert len(list(seen)) == max(number - 101, 0)


def test_skipped_records_pass():
    assert run([Skipped(1, "", "x")]) == [(1, Skipped(1, "", "x"))]


def test_a_later_record_names_the_date_and_what_else_the_first_lacked():
    told = []
    later = {"body": "b", "published": "2019-01-24", "headline": "h", "url": "u"}
    rows = run([{"body": TEXT}, later, Skipped(3, "", "x"), {"body": "c"}, later], told)
    read = {"text": "b", "date": "2019-01-24", "id": "u", "title": "h"}
    assert [record for _, record in rows] == [{"text": TEXT}, read, Skipped(3, "", "x"), {"text": "c"}, read]
    assert told == [
        ("x.jsonl", "text read from 'body'"),
        ("x.jsonl", "further on date read from 'published', id from 'url', title from 'headline'"),
    ]


def test_a_date_may_be_found_after_a_record_whose_date_is_none():
    told = []
    rows = run([{"text": TEXT, "published": "n/a"}, {"text": "b", "published": "2019-01-24"}], told)
    assert [record for _, record in rows] == [{"text": TEXT}, {"text": "b", "date": "2019-01-24"}]
    assert [note for _, note in told] == [
        "no date, because 'published' holds 'n/a'",
        "further on date read from 'published'",
    ]
