import csv
from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest
from conftest import golden
from hypothesis import given
from hypothesis import strategies as st

from tension.actors.gazetteer import KINDS, LOCALITIES, Alias, Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.errors import InputError, MissingColumnError
from tension.resources import data_path


def table(name: str) -> list[dict[str, str]]:
    with data_path("actors", name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def states_in(text: str, date: datetime | None = None) -> list[str]:
    mentions, _ = MentionFinder(Gazetteer.default()).find(text, date, People())
    return [m.state for m in mentions]


@pytest.mark.parametrize("row", golden("actors.tsv"), ids=lambda row: row["text"][:60])
def test_actors(row):
    assert states_in(row["text"]) == row["expected"].replace("-", "").split()


@pytest.mark.parametrize("row", golden("leaders.tsv"), ids=lambda row: f"{row['date']} {row['text'][:50]}")
def test_leaders(row):
    mentions, _ = MentionFinder(Gazetteer.default()).find(row["text"], datetime.fromisoformat(row["date"]), People())
    found = [m.state for m in mentions if m.kind not in LOCALITIES]
    assert list(dict.fromkeys(found)) == row["expected"].replace("-", "").split()


def test_tables_agree_with_each_other():
    known = {row["iso3"] for row in table("states.csv")} | {row["org"] for row in table("organisations.csv")}
    for alias in Gazetteer.default():
        assert set(alias.states) <= known, alias
        assert alias.text == alias.text.strip() != ""
        assert not alias.end or alias.start <= alias.end, alias


def test_members_are_states_and_organisations_that_are_known():
    states, organisations = (
        {row[key] for row in table(name)} for key, name in (("iso3", "states.csv"), ("org", "organisations.csv"))
    )
    for row in table("memberships.csv"):
        assert row["iso3"] in states, row
        assert row["org"] in organisations, row
        assert not row["end"] or row["start"] <= row["end"], row


@pytest.mark.parametrize(
    "name",
    (
        "states.csv names.csv namesakes.csv seats.csv localities.csv leaders.csv places.csv organisations.csv memberships.csv"
    ).split(),
)
def test_every_fact_has_its_source_and_stands_once(name):
    rows = table(name)
    assert all(row["source"] for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_no_name_means_two_states_on_one_day():
    spans: dict[str, list[Alias]] = {}
    for alias in Gazetteer.default():
        if KINDS[alias.kind] and alias.kind not in ("surname", "leader", "place", "organisation"):
            spans.setdefault(alias.text, []).append(alias)
    for same in spans.values():
        for a in same:
            for b in same:
                overlap = max(a.start, b.start) <= min(a.end or "9999", b.end or "9999")
                assert a.states == b.states or not overlap, (a, b)


def test_no_town_is_spelled_like_another_alias():
    aliases = list(Gazetteer.default())
    others = {alias.text for alias in aliases if alias.kind not in LOCALITIES}
    towns = [alias.text for alias in aliases if alias.kind in LOCALITIES]
    assert not others & set(towns)
    assert len(set(towns)) == len(towns) > 7000


def test_a_town_is_its_state_s_while_that_exists():
    assert states_in("Shells fell on Kharkiv.", datetime(2022, 3, 1)) == ["UKR"]
    assert states_in("Shells fell on Kharkiv.", datetime(1970, 3, 1)) == []


def test_every_state_of_today_has_a_name_an_adjective_and_a_capital():
    kinds: dict[str, Counter] = {}
    for alias in Gazetteer.default():
        for state in alias.states:
            kinds.setdefault(state, Counter())[alias.kind] += 1
    for state in (
        "CHN",
        "JPN",
        "USA",
        "RUS",
        "IND",
        "PAK",
        "BRA",
        "NGA",
        "KEN",
        "FJI",
        "QAT",
        "LAO",
        "XKX",
        "PSE",
        "TWN",
    ):
        assert {"name", "adjective"} <= kinds[state].keys(), state
        assert {"capital", "seat"} & kinds[state].keys(), state


def test_leader_terms_do_not_name_the_wrong_president():
    assert states_in("President Bush spoke.", datetime(2004, 5, 1)) == ["USA"]
    assert states_in("President Bush spoke.", datetime(2015, 5, 1)) == []


def test_a_surname_counts_after_the_full_name():
    finder, people, day = MentionFinder(Gazetteer.default()), People(), datetime(2017, 5, 1)
    assert finder.find("May left.", day, people)[0] == []
    finder.find("Theresa May arrived.", day, people)
    assert [m.state for m in finder.find("May left.", day, people)[0]] == ["GBR"]


@pytest.mark.parametrize(
    ("day", "introduction", "text", "expected"),
    [
        ("2017-03-29", "Theresa May arrived.", "But May said no.", ["GBR"]),
        ("2017-03-29", "Theresa May arrived.", "A plan that Poland tabled in May was dropped.", ["POL"]),
        ("2017-03-29", "Theresa May arrived.", "Polls open on May 7, or on 12 May.", []),
        ("2017-03-29", "Theresa May arrived.", "Brian May played the guitar.", []),
        ("2020-05-10", "Boris Johnson arrived.", "Senator Ron Johnson criticised Ukraine.", ["UKR"]),
        ("2020-05-10", "Boris Johnson arrived.", "Johnson & Johnson hired Mrs Johnson's son Ed Johnson.", ["GBR"]),
        ("2020-05-10", "Boris Johnson arrived.", "Mr Johnson and the Johnson government were late.", ["GBR", "GBR"]),
        ("2014-05-10", "Park Geun-hye arrived.", "The Park Hyatt is near Central Park.", []),
        ("2018-05-10", "Moon Jae-in arrived.", "A probe landed on the Moon, Moon told his guests.", ["KOR"]),
        ("2002-05-10", "George W. Bush arrived.", "Kate Bush sang, and the Bush team listened.", ["USA"]),
        ("2013-05-10", "John Kerry arrived.", "Then Senator Kerry spoke.", ["USA"]),
    ],
)
def test_the_surname_of_someone_introduced_is_no_part_of_another_name(day, introduction, text, expected):
    finder, people, date = MentionFinder(Gazetteer.default()), People(), datetime.fromisoformat(day)
    finder.find(introduction, date, people)
    assert [m.state for m in finder.find(text, date, people)[0]] == expected


def test_a_line_in_capitals_keeps_its_places():
    mentions, _ = MentionFinder(Gazetteer.default()).find("İRAN ASKS TÜRKİYE AND CÔTE D'IVOIRE", None, People())
    assert [(m.state, m.start, m.end) for m in mentions] == [("IRN", 0, 4), ("TUR", 10, 17), ("CIV", 22, 35)]


def test_the_hyphen_of_a_prefix_is_no_part_of_the_mention():
    mentions, _ = MentionFinder(Gazetteer.default()).find("A Franco-Italian yard", None, People())
    assert [(m.state, m.start, m.end) for m in mentions] == [("FRA", 2, 8), ("ITA", 9, 16)]


def test_without_a_day_the_state_of_today_is_meant():
    assert states_in("Serbia and Russia sign; Salva Kiir looks on.") == ["SRB", "RUS", "SSD"]


def test_a_disputed_territory_without_a_government_of_its_own_is_a_place():
    for text in ("Troops landed on the Falkland Islands.", "The Chagos Islands are far.", "Ice drifts off South Georgia."):
        mentions, places = MentionFinder(Gazetteer.default()).find(text, None, People())
        assert not mentions
        assert ["GBR" in place.claimants for place in places] == [True]


def test_a_namesake_is_a_name_of_its_state():
    names = {(row["alias"], row["iso3"]) for row in table("names.csv")}
    rows = table("namesakes.csv")
    assert {(row["alias"], row["iso3"]) for row in rows} <= names
    assert {row["means"] for row in rows} == {"state", "namesake"}


def test_a_bare_surname_counts_by_office_on_the_day():
    assert states_in("Abe left.", datetime(2013, 5, 1)) == ["JPN"]
    assert states_in("Abe left.", datetime(2010, 5, 1)) == []
    assert states_in("Tony Abe left.", datetime(2013, 5, 1)) == []


def test_own_names_are_added_from_a_csv(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("alias,iso3,kind\nThe Heavenly Kingdom,CHN,name\n", encoding="utf-8")
    finder = MentionFinder(Gazetteer.default().extended(path))
    assert [m.state for m in finder.find("The Heavenly Kingdom objects to Tokyo.", None, People())[0]] == ["CHN", "JPN"]


def test_a_gazetteer_of_ones_own_knows_only_its_actors(tmp_path):
    path = tmp_path / "groups.csv"
    path.write_text("alias,iso3,kind\nELN,ELN,name\nColombia,COL,name\n", encoding="utf-8")
    finder = MentionFinder(Gazetteer.from_csv(path))
    assert [m.state for m in finder.find("The ELN fought Colombia, not Peru.", None, People())[0]] == ["ELN", "COL"]


def test_a_table_without_its_columns_or_kinds_says_so(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("word,country\nx,CHN\n", encoding="utf-8")
    with pytest.raises(MissingColumnError, match="alias, iso3, kind"):
        Gazetteer.default().extended(path)
    with pytest.raises(InputError, match="nickname"):
        Gazetteer([Alias("x", ("CHN",), "nickname")])


@given(st.text(max_size=200))
def test_matches_stand_where_they_say_and_do_not_overlap(text):
    matches = Gazetteer.default().find(text)
    assert all(a.end <= b.start for a, b in pairwise(matches))
    assert all(text[m.start : m.end].strip() for m in matches)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Foo,USA", "nothing under kind"),
        ("Foo,,name", "nothing under iso3"),
        ("Foo,BIG-CO,name", "the code 'BIG-CO'"),
        ("Foo,USA,name,1/1/2019", "the day '1/1/2019'"),
    ],
)
def test_a_bad_row_of_a_users_table_says_where_and_why(tmp_path, row, message):
    path = tmp_path / "own.csv"
    path.write_text(f"alias,iso3,kind,start\nBar, FRA ,name\n{row}\n")
    with pytest.raises(InputError, match=f"row 2 of .*{message}"):
        Gazetteer.from_csv(path)
