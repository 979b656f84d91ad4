import gzip
import zipfile

import pandas as pd
import pytest

from tension.errors import InputError, MissingColumnError, OptionError
from tension.records import EVENT_DTYPES, validate_events
from tension.series.aggregate import aggregate
from tension.sources import read, read_gdelt
from tension.sources.gdelt import LAYOUT

FIRST, DAILY, SECOND = (LAYOUT.headless[width] for width in (57, 58, 61))
EVENT = {
    "GLOBALEVENTID": "500", "SQLDATE": "20190124", "Actor1CountryCode": "CHN", "Actor2CountryCode": "JPN", "IsRootEvent": "1",
    "EventCode": "112", "EventBaseCode": "112", "EventRootCode": "11", "QuadClass": "3", "GoldsteinScale": "-2.0", "DATEADDED": "20190125",
    "SOURCEURL": "https://news.example/a", "ActionGeo_FullName": 'Naha, "Okinawa", Japan',
}  # fmt: skip


def line(columns=SECOND, **changes) -> str:
    values = EVENT | ({"DATEADDED": "20190125143000"} if columns is SECOND else {}) | changes
    return "\t".join(values.get(name, "") for name in columns)


@pytest.fixture
def write(tmp_path):
    def write(*lines: str, name: str = "export.CSV", end: str = "\n", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return path

    return write


def skipped(frame: pd.DataFrame) -> dict[str, int]:
    return {reason: n for reason, n in frame.attrs["skipped"].items() if n}


def test_a_row_becomes_an_event(write):
    events = read_gdelt(write(line()))
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == EVENT_DTYPES
    (event,) = events.to_dict("records")
    day = pd.Timestamp("2019-01-24")
    assert event == {
        "article_id": "500", "sentence": 0, "date": pd.Timestamp("2019-01-25"), "event_start": day, "event_end": day, "status": "occurred",
        "source": "CHN", "target": "JPN", "root": "ACCUSE", "quad": "VCONF", "p_cooperation": 0.0, "p_conflict": 1.0, "intensity": -2.0,
        "joint": False, "resolved": "named", "text": "https://news.example/a", "start": 0, "end": 22, "story": "https://news.example/a",
        "model": "GDELT 2.0",
    }  # fmt: skip
    assert events.attrs["source"] == "GDELT 2.0"
    assert skipped(events) == {}


def test_a_file_is_a_series_in_one_line(write):
    path = write(*(line(GLOBALEVENTID=str(i), SOURCEURL=f"https://news.example/{i}") for i in range(4)))
    series = aggregate(read_gdelt(path), freq="M")
    assert series.index.tolist() == [("CHN-JPN", pd.Timestamp("2019-01-01"))]
    assert (series["n_stories"].iloc[0], series["tension"].iloc[0]) == (4, pytest.approx(2.0))


@pytest.mark.parametrize(
    ("columns", "model", "text", "story"),
    [(FIRST, "GDELT 1.0", "", "500"), (DAILY, "GDELT 1.0", "https://news.example/a", "https://news.example/a"),
     (SECOND, "GDELT 2.0", "https://news.example/a", "https://news.example/a")],
)  # fmt: skip
def test_each_version_is_told_by_its_columns(write, columns, model, text, story):
    events = read_gdelt(write(line(columns)))
    assert events[["model", "text", "story"]].to_numpy().tolist() == [[model, text, story]]
    assert events["date"].tolist() == [pd.Timestamp("2019-01-25")]


def test_two_versions_together_are_named_by_neither(write):
    paths = [write(line(FIRST), name="a"), write(line(GLOBALEVENTID="501"), name="b")]
    events = read_gdelt(paths)
    assert events.attrs["source"] == "GDELT"
    assert events["model"].tolist() == ["GDELT 1.0", "GDELT 2.0"]


def test_zipped_and_gzipped_files_are_told_by_content(tmp_path):
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        archive.writestr("a.export.CSV", line() + "\n")
        archive.writestr("b.export.CSV", line(GLOBALEVENTID="501"))
        archive.writestr("__MACOSX/._a", "no table")
    (tmp_path / "day.csv").write_bytes(gzip.compress(line(GLOBALEVENTID="502").encode()))
    assert read_gdelt([tmp_path / "day.zip", tmp_path / "day.csv"])["article_id"].tolist() == ["500", "501", "502"]


def test_damaged_archives_are_named(tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress((line() + "\n").encode() * 500)[:-20])
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04nothing")
    for name in ("cut.gz", "cut.zip"):
        with pytest.raises(InputError, match=f"{name}.*damaged"):
            read_gdelt(tmp_path / name)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_export_with_header_in_any_order_and_spelling(write, separator):
    names = ["\ufeff sourceurl", '" SQLDATE "', "Event_Code ", "eventrootcode", "actor1countrycode\t"[: 18 if separator != "\t" else 17],
             "ACTOR2COUNTRYCODE", " GlobalEventID", "goldsteinscale", "DateAdded"]  # fmt: skip
    cells = [
        '"https://news.example/a?x=1,2"',
        "2019-01-24",
        "112",
        "11",
        "CHN",
        "JPN",
        "500",
        " -2.0 ",
        "20190125143000",
    ]
    events = read_gdelt(write(separator.join(names), separator.join(cells)))
    assert events[["source", "target", "root", "intensity", "model"]].to_numpy().tolist() == [
        ["CHN", "JPN", "ACCUSE", -2.0, "GDELT 2.0"]
    ]


def test_missing_columns_are_all_named(write):
    with pytest.raises(MissingColumnError, match=r"lacks the columns GLOBALEVENTID, EventCode; it has SQLDATE, Actor1"):
        read_gdelt(write("SQLDATE,Actor1CountryCode,Actor2CountryCode", "20190124,CHN,JPN"))
    path = write("GLOBALEVENTID,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode")
    with pytest.raises(MissingColumnError, match="IsRootEvent"):
        read_gdelt(path, root_only=True)


def test_a_column_that_stands_twice_is_not_guessed(write):
    with pytest.raises(InputError, match="more than one column SQLDATE"):
        read_gdelt(write("GLOBALEVENTID,SQLDATE,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode", "1,2,3,4,5,6"))


def test_rows_too_short_or_too_long_are_counted_and_shift_nothing(write):
    good, url = line(), line(GLOBALEVENTID="501")
    stray = line(GLOBALEVENTID="502", Actor1Name="CHI\tNA")
    events = read_gdelt(write(good, good.rsplit("\t", 3)[0], stray, "", "\r", url, "\tcut"))
    assert events["article_id"].tolist() == ["500", "501"]
    assert skipped(events) == {"bad row": 3}


def test_a_quote_in_a_tab_file_is_a_letter(write):
    events = read_gdelt(write(line(Actor1Name='"CHINA'), line(GLOBALEVENTID="501", Actor2Name='5" GUN')))
    assert len(events) == 2


def test_a_quoted_newline_belongs_to_its_field(write):
    header = "GLOBALEVENTID,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode,SOURCEURL"
    events = read_gdelt(write(header, '1,20190124,CHN,JPN,112,"a\nb ""c"""', "2,20190124,CHN,JPN,036,"))
    assert events["text"].tolist() == ['a\nb "c"', ""]


def test_a_quote_that_is_never_closed_raises(write):
    header = "GLOBALEVENTID,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode,SOURCEURL"
    with pytest.raises(InputError, match="never closed"):
        read_gdelt(write(header, '1,20190124,CHN,JPN,112,"a', "2,20190124,CHN,JPN,036,b"))


@pytest.mark.parametrize("text", ["", "\n", "\ufeff\n\n"])
def test_an_empty_file_says_why_the_frame_is(write, text):
    events = read_gdelt(write(text))
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == EVENT_DTYPES
    assert "hold no row" in events.attrs["why_empty"]
    assert validate_events(events).empty


def test_an_empty_frame_counts_why(write):
    events = read_gdelt(write(line(Actor1CountryCode="EUR")))
    assert "no state: 1" in events.attrs["why_empty"]


def test_files_that_are_no_gdelt_are_refused(write, tmp_path):
    with pytest.raises(InputError, match="have 3 fields, and a GDELT file without header has 57 or 58 or 61"):
        read_gdelt(write("a\tb\tc"))
    with pytest.raises(InputError, match="UTF-16"):
        read_gdelt(write(line(), encoding="utf-16"))
    with pytest.raises(InputError, match="no file"):
        read_gdelt(tmp_path / "nothing.csv")


def test_every_row_is_an_event_or_counted(write):
    faults = [
        line(GLOBALEVENTID="1", SQLDATE="20190230"), line(GLOBALEVENTID="2", SQLDATE="1/24/2019"),
        line(GLOBALEVENTID="3", DATEADDED="2019"), line(GLOBALEVENTID="4", EventCode="13y", EventRootCode="13"),
        line(GLOBALEVENTID="5", EventCode="---", EventRootCode="--"),
        line(GLOBALEVENTID="6", EventCode="199", EventRootCode="19"), line(GLOBALEVENTID="7", EventCode="010", EventRootCode="01"),
        line(GLOBALEVENTID="8", Actor1CountryCode="SEA"), line(GLOBALEVENTID="9", Actor2CountryCode=""),
        line(GLOBALEVENTID="10", Actor2CountryCode="CHN"), line(GLOBALEVENTID="11", GoldsteinScale="-20"),
        line(GLOBALEVENTID="12", GoldsteinScale="1,9"), line(), line(NumMentions="9"),
    ]  # fmt: skip
    events = read_gdelt(write(line(), *faults, "short"))
    assert skipped(events) == {
        "bad row": 1, "bad date": 3, "bad code": 3, "no root": 1, "no state": 2, "domestic": 1, "bad number": 2, "duplicate": 2,
    }  # fmt: skip
    assert len(events) + sum(skipped(events).values()) == len(faults) + 2


def test_the_same_event_in_overlapping_files_counts_once(write):
    paths = [write(line(), line(GLOBALEVENTID="501"), name="a"), write(line(GLOBALEVENTID="501"), name="b")]
    events = read_gdelt(paths)
    assert events["article_id"].tolist() == ["500", "501"]
    assert skipped(events) == {"duplicate": 1}


def test_an_id_of_two_events_is_made_unique_and_a_rounded_one_is_none(write):
    rows = [line(), line(Actor2CountryCode="USA"), *[line(GLOBALEVENTID="8.7E+08")] * 2]
    events = read_gdelt(write(*rows))
    assert events["article_id"].tolist() == ["500", "500#2", "row 3", "row 4"]


def test_numbers_and_codes_with_spaces(write):
    events = read_gdelt(
        write(line(GoldsteinScale=" - 2.0 ", EventCode=" 112", SQLDATE="20190124 ", Actor1CountryCode=" chn "))
    )
    assert events[["source", "root", "intensity"]].to_numpy().tolist() == [["CHN", "ACCUSE", -2.0]]


def test_windows_line_ends_and_stray_bytes(write, tmp_path):
    assert (
        read_gdelt(write(line(), line(GLOBALEVENTID="501"), end="\r\n"))["story"].tolist() == [EVENT["SOURCEURL"]] * 2
    )
    (tmp_path / "bytes").write_bytes(line(Actor1Name="S\udce3o").encode("utf-8", "surrogateescape"))
    assert len(read_gdelt(tmp_path / "bytes")) == 1


def test_cameo_codes_of_states_that_iso_writes_otherwise(write):
    events = read_gdelt(write(line(Actor1CountryCode="ROM", Actor2CountryCode="TMP")))
    assert events[["source", "target"]].to_numpy().tolist() == [["ROU", "TLS"]]


def test_intensity_of_the_file_of_the_table_and_of_this_package(write):
    path = write(line(GoldsteinScale="-1.5"), line(GLOBALEVENTID="501", GoldsteinScale=""))
    assert read_gdelt(path)["intensity"].tolist() == [-1.5, -2.0]
    assert read_gdelt(path).attrs["off_table"] == 1
    assert read_gdelt(path, intensity="table")["intensity"].tolist() == [-2.0, -2.0]
    assert read_gdelt(path, intensity="plover")["intensity"].tolist() == [-3.0, -3.0]


def test_embargoes_have_the_value_of_todays_numbering(write):
    rows = [
        line(GLOBALEVENTID=code, EventCode=code, EventRootCode=code[:2], GoldsteinScale="")
        for code in ("163", "166", "124")
    ]
    assert read_gdelt(write(*rows))["intensity"].tolist() == [-8.0, -7.0, -4.0]


def test_pages_are_stories_and_other_citations_are_not(write):
    rows = [
        line(GLOBALEVENTID=str(i), SOURCEURL=url)
        for i, url in enumerate(["http://a.example", "http://a.example", "BBC Monitoring"] * 2)
    ]
    assert read_gdelt(write(*rows))["story"].tolist() == ["http://a.example"] * 2 + ["2"] + ["http://a.example"] * 2 + [
        "5"
    ]
    assert read_gdelt(write(*rows), story="event")["story"].tolist() == list("012345")


def test_states_and_root_events_on_request(write):
    path = write(line(), line(GLOBALEVENTID="501", Actor2CountryCode="USA"), line(GLOBALEVENTID="502", IsRootEvent="0"))
    events = read_gdelt(path, states=("CHN", "JPN"), root_only=True)
    assert events["article_id"].tolist() == ["500"]
    assert skipped(events) == {"other state": 1, "not root event": 1}


def test_unknown_options_list_the_good_ones(write):
    path = write(line())
    for options, known in (
        ({"intensity": "tone"}, "file, table, plover"),
        ({"story": "url"}, "report, event"),
        ({"states": "CHN"}, "list"),
    ):
        with pytest.raises(OptionError, match=known):
            read_gdelt(path, **options)
    with pytest.raises(OptionError, match="gdelt, icews, polecat, phoenix"):
        read(path, "keds")
    assert read(path, "gdelt", story="event")["story"].tolist() == ["500"]
