import pytest

from tension.sources import read_polecat

COLUMNS = (
    "Event ID",
    "Event Date",
    "Event Type",
    "Event Mode",
    "Intensity",
    "Actor Country",
    "Recipient Country",
    "Publication Date",
)
EVENT = {
    "Event ID": "a-1", "Event Date": "2021-05-03", "Event Type": "SANCTION", "Event Mode": "expel", "Intensity": "-5.5",
    "Actor Country": "CZE", "Recipient Country": "RUS", "Publication Date": "2021-05-04",
}  # fmt: skip


@pytest.fixture
def events(tmp_path):
    def events(*rows: dict, **options):
        lines = [
            "\t".join((EVENT | {name.replace("_", " "): v for name, v in row.items()})[c] for c in COLUMNS)
            for row in rows
        ]
        path = tmp_path / "events.txt"
        path.write_text("\n".join(("\t".join(COLUMNS), *lines)), encoding="utf-8")
        return read_polecat(path, **options)

    return events


def test_a_row_becomes_an_event(events):
    (event,) = events({}).to_dict("records")
    assert (event["source"], event["target"], event["root"], event["quad"]) == ("CZE", "RUS", "SANCTION", "MCONF")
    assert (event["intensity"], event["p_conflict"], event["story"], event["model"]) == (-5.5, 1.0, "a-1", "POLECAT")
    assert (event["event_start"].day, event["date"].day) == (3, 4)


@pytest.mark.parametrize("kind", ["INVESTIGATE", "DEMAND", "112", "", "---"])
def test_types_of_older_drafts_are_bad_codes(events, kind):
    frame = events({"Event_Type": kind}, {"Event_ID": "b"})
    assert len(frame) == 1
    assert frame.attrs["skipped"]["bad code"] == 1


@pytest.mark.parametrize(
    ("kind", "mode", "quad", "score"),
    [("ACCUSE", "", "VCONF", -3.0), ("accuse", "Disapprove", "VCONF", -2.0), ("REQUEST", "assist", "VCOOP", 0.5),
     ("REQUEST", "change", "VCONF", -1.0), ("REQUEST", "None", "VCONF", 0.0), ("RETREAT", "ceasefire", "MCOOP", 7.5),
     ("CONSULT", "third party", "VCOOP", 1.0), ("ASSAULT", "of a new kind", "MCONF", -9.0)],
)  # fmt: skip
def test_scores_by_type_and_mode_where_the_file_has_none(events, kind, mode, quad, score):
    frame = events({"Event_Type": kind, "Event_Mode": mode, "Intensity": ""})
    assert frame[["quad", "intensity"]].to_numpy().tolist() == [[quad, score]]


def test_an_accusation_printed_with_a_plus_is_kept_and_counted(events):
    row = {"Event_Type": "ACCUSE", "Event_Mode": "", "Intensity": "3"}
    assert events(row)["intensity"].tolist() == [3.0]
    assert events(row).attrs["off_table"] == 1
    assert events(row, intensity="table")["intensity"].tolist() == [-3.0]


def test_sides_of_several_states_make_pairs(events):
    frame = events({"Actor_Country": "USA; GBR", "Recipient_Country": "RUS"}, {"Event_ID": "b"})
    assert frame[["article_id", "source", "target"]].to_numpy().tolist() == [
        ["a-1", "USA", "RUS"],
        ["a-1#2", "GBR", "RUS"],
        ["b", "CZE", "RUS"],
    ]


def test_a_meeting_without_recipient_joins_its_actors(events):
    frame = events({"Event_Type": "CONSULT", "Actor_Country": "JPN;CHN", "Recipient_Country": "None"})
    assert frame[["source", "target"]].to_numpy().tolist() == [["JPN", "CHN"], ["CHN", "JPN"]]
    alone = events({"Recipient_Country": "None"})
    assert alone.attrs["skipped"]["no state"] == 1


def test_a_row_without_publication_date_has_that_of_its_event_and_a_bad_one_is_bad(events):
    frame = events({"Publication_Date": ""}, {"Event_ID": "b", "Publication_Date": "May 4"})
    assert frame["date"].dt.day.tolist() == [3]
    assert frame.attrs["skipped"]["bad date"] == 1
