import pandas as pd
import pytest

from tension.errors import MissingColumnError
from tension.sources import read_phoenix
from tension.sources.phoenix import LAYOUT

((_, DAILY),) = LAYOUT.headless.items()
EVENT = {
    "EventID": "9_1", "Date": "20150701", "Year": "2015", "Month": "7", "Day": "1", "SourceActorFull": "USAGOV", "SourceActorEntity": "USA",
    "TargetActorFull": "CUB", "TargetActorEntity": "CUB", "EventCode": "057", "EventRootCode": "05", "PentaClass": "1",
    "GoldsteinScale": "8.0", "URLs": "http://a.example;http://b.example",
}  # fmt: skip
HISTORICAL = "eid,story_date,year,month,day,source,source_root,target,target_root,code,root_code,goldstein,aid"


def write(tmp_path, *lines: str):
    path = tmp_path / "events"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def daily(**changes) -> str:
    return "\t".join((EVENT | changes).get(name, "") for name in DAILY)


def test_a_daily_file_without_header(tmp_path):
    (event,) = read_phoenix(write(tmp_path, daily())).to_dict("records")
    assert (event["source"], event["target"], event["root"], event["intensity"]) == ("USA", "CUB", "SUPPORT", 8.0)
    assert (event["article_id"], event["story"], event["model"]) == ("9_1", EVENT["URLs"], "Phoenix")


def test_a_historical_file_whose_day_is_told_by_its_parts_and_whose_zeros_are_lost(tmp_path):
    rows = ["1,7/1/1979,1979,7,1,USAGOV,USA,SUN,SUN,57,5,8.0,12", "2,7/1/1979,1979,7,1,USA,USA,SUN,SUN,10,1,0,12",
            "3,7/1/1979,1979,7,1,USA,USA,SUN,SUN,10,10,-5,13"]  # fmt: skip
    events = read_phoenix(write(tmp_path, HISTORICAL, *rows))
    assert events[["article_id", "root", "story"]].to_numpy().tolist() == [
        ["1", "SUPPORT", "story 12"],
        ["3", "REQUEST", "story 13"],
    ]
    assert events["date"].tolist() == [pd.Timestamp("1979-07-01")] * 2
    assert events.attrs["skipped"]["no root"] == 1


def test_a_value_of_the_older_numbering_is_kept_counted_and_put_right_on_request(tmp_path):
    path = write(tmp_path, daily(EventCode="163", EventRootCode="16", GoldsteinScale="-6.5"), daily(EventID="9_2"))
    assert read_phoenix(path)["intensity"].tolist() == [-6.5, 8.0]
    assert read_phoenix(path).attrs["off_table"] == 1
    assert read_phoenix(path, intensity="table")["intensity"].tolist() == [-8.0, 8.0]


def test_a_code_that_is_not_of_its_root_is_bad(tmp_path):
    assert read_phoenix(write(tmp_path, daily(EventRootCode="14"))).attrs["skipped"]["bad code"] == 1


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(MissingColumnError, match="EventRootCode"):
        read_phoenix(write(tmp_path, "eid,story_date,source_root,target_root,code"))
