import pytest

from tension.actors.gazetteer import Alias, Gazetteer
from tension.errors import InputError, MissingColumnError
from tension.sources import read_icews

COLUMNS = ("Event ID", "Event Date", "Source Name", "Source Country", "Event Text", "CAMEO Code", "Intensity", "Target Name",
           "Target Country", "Story ID", "Sentence Number", "Publisher")  # fmt: skip
EVENT = {
    "Event ID": "700", "Event Date": "2014-03-02", "Source Name": "Foreign Ministry", "Source Country": "Russian Federation",
    "Event Text": "Accuse", "CAMEO Code": "112", "Intensity": "-2.0", "Target Country": "Ukraine", "Story ID": "31", "Publisher": "A Wire",
}  # fmt: skip


def line(**changes) -> str:
    values = EVENT | {name.replace("_", " "): value for name, value in changes.items()}
    return "\t".join(values.get(name, "") for name in COLUMNS)


@pytest.fixture
def write(tmp_path):
    def write(*lines: str, header: str = "\t".join(COLUMNS)):
        path = tmp_path / "events.tab"
        path.write_text("\n".join((header, *lines)), encoding="utf-8")
        return path

    return write


def test_a_row_becomes_an_event(write):
    (event,) = read_icews(write(line())).to_dict("records")
    assert (event["source"], event["target"], event["root"], event["intensity"]) == ("RUS", "UKR", "ACCUSE", -2.0)
    assert (event["article_id"], event["story"], event["text"], event["model"]) == ("700", "story 31", "", "ICEWS")
    assert event["date"] == event["event_start"]


@pytest.mark.parametrize(
    ("name", "state"),
    [("Democratic Republic of Congo", "COD"), ("Congo", "COG"), ("Occupied Palestinian Territory", "PSE"), ("South Korea", "KOR"),
     ("Korea, Democratic People's Republic of", "PRK"), ("Georgia", "GEO"), ("Guinea-Bissau", "GNB"), ("Virgin Islands, U.S.", "VIR"),
     ("Holy See", "VAT"), ("  united   states ", "USA"), ("The Gambia", "GMB"), ("European Union", None), ("Africa", None), ("", None)],
)  # fmt: skip
def test_names_of_countries(write, name, state):
    events = read_icews(write(line(Source_Country=name)))
    assert events["source"].tolist() == ([state] if state else [])
    assert events.attrs["skipped"]["no state"] == (not state)


def test_names_of_ones_own_go_first(write):
    own = Gazetteer([Alias("Novorossiya", ("UKR",), "name"), Alias("Congo", ("COD",), "name")])
    events = read_icews(write(line(Source_Country="Congo", Target_Country="Novorossiya")), gazetteer=own)
    assert events[["source", "target"]].to_numpy().tolist() == [["COD", "UKR"]]


def test_an_id_that_is_not_unique_keeps_its_events_and_loses_its_copies(write):
    events = read_icews(write(line(), line(), line(Target_Country="Poland"), line(Story_ID="32")))
    assert events["article_id"].tolist() == ["700", "700#2"]
    assert events["target"].tolist() == ["UKR", "POL"]
    assert events.attrs["skipped"]["duplicate"] == 2


def test_codes_that_lost_their_zero_are_told_by_the_others(write):
    codes = ("42", "190", "10", "841")
    stripped = read_icews(write(*(line(Event_ID=code, CAMEO_Code=code, Intensity="") for code in codes)))
    assert stripped["root"].tolist() == ["CONSULT", "ASSAULT", "RETREAT"]
    assert stripped.attrs["skipped"]["no root"] == 1
    whole = read_icews(write(*(line(Event_ID=code, CAMEO_Code=code, Intensity="") for code in ("042", "10"))))
    assert whole["root"].tolist() == ["CONSULT", "REQUEST"]


@pytest.mark.parametrize("codes", [("10", "190"), ("042", "43", "10")])
def test_a_code_that_could_be_two_is_left_out(write, codes):
    events = read_icews(write(*(line(Event_ID=code, CAMEO_Code=code) for code in codes)))
    assert len(events) == len(codes) - 1
    assert events.attrs["skipped"]["bad code"] == 1


@pytest.mark.parametrize("code", ["13y", "---", "", "199", "9999", "٠٤٢"])
def test_bad_codes_are_counted(write, code):
    events = read_icews(write(line(CAMEO_Code=code), line()))
    assert len(events) == 1
    assert events.attrs["skipped"]["bad code"] == 1


@pytest.mark.parametrize(
    ("header", "end"),
    [("\ufeff" + "\t".join(COLUMNS), ""), ("\t" + "\t".join(COLUMNS), ""), ("\t".join(COLUMNS).replace("\t", " \t\t", 1), ""),
     ("\t".join(COLUMNS) + "\t", ""), ("\t".join(COLUMNS).upper().replace(" ", "_"), ""), ("\t".join(COLUMNS), "\t"),
     ("\t".join(COLUMNS) + "\t", "\t"), ("\t".join(f'"{name}"' for name in COLUMNS), "")],
)  # fmt: skip
def test_headers_in_disorder(write, header, end):
    events = read_icews(write(line() + end, line(Event_ID="701") + end, header=header))
    assert events[["article_id", "source", "target"]].to_numpy().tolist() == [
        ["700", "RUS", "UKR"],
        ["701", "RUS", "UKR"],
    ]


def test_a_header_too_short_for_its_rows_is_refused(write):
    with pytest.raises(InputError, match="no name"):
        read_icews(write("1\t" + line(Publisher="A Wire"), header="\t".join(COLUMNS)))
    with pytest.raises(InputError, match="have 12 fields, and its header has 8"):
        read_icews(write(line(), header="\t".join(COLUMNS[:8])))


def test_missing_columns_are_named_also_where_there_is_no_row(write):
    with pytest.raises(MissingColumnError, match="lacks the columns Source Country, CAMEO Code"):
        read_icews(write(header="Event ID\tEvent Date\tTarget Country"))
    assert read_icews(write()).empty


def test_quoted_values_in_a_tab_file(write):
    events = read_icews(
        write(line(Source_Country='"China"', CAMEO_Code='"042"', Intensity='"1.9"', Event_Date='"2014-03-02"'))
    )
    assert events[["source", "root", "intensity"]].to_numpy().tolist() == [["CHN", "CONSULT", pytest.approx(1.9)]]
