"""Alliances and organisations: members by day, actors on request, members' events on request."""

from datetime import datetime

import pandas as pd
import pytest

import tension
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.actors.organisations import expand_members, members
from tension.errors import InputError, OptionError

TEXT = "The European Union has imposed sanctions on Belarus."


def states_in(text: str, organisations: bool) -> list[str]:
    found, _ = MentionFinder(Gazetteer.default(), organisations).find(text, datetime(2020, 1, 1), People())
    return [m.state for m in found]


def test_members_are_those_of_the_day():
    assert "GBR" in members("EU", "2019-01-01")
    assert "GBR" not in members("EU", "2021-01-01")
    assert len(members("EU", "2021-01-01")) == 27
    assert {"FIN", "SWE"} <= set(members("NATO", "2024-06-01"))
    assert "FIN" not in members("NATO", "2022-06-01")
    with pytest.raises(InputError, match="NATO"):
        members("NATOO")


def test_organisations_are_actors_only_on_request():
    assert states_in("NATO warned Russia.", organisations=False) == ["RUS"]
    assert states_in("NATO warned Russia.", organisations=True) == ["NATO", "RUS"]
    with pytest.raises(OptionError, match="members"):
        tension.Scorer(organisations="all")


def test_an_organisation_acts_for_itself_or_for_its_members():
    assert tension.Scorer().score(TEXT, date="2021-01-01").empty
    own = tension.Scorer(organisations="actors").score(TEXT, date="2021-01-01")
    assert own[["source", "target", "quad"]].to_numpy().tolist() == [["EU", "BLR", "MCONF"]]
    theirs = tension.Scorer(organisations="members").score(TEXT, date="2021-01-01")
    assert len(theirs) == 27
    assert set(theirs["resolved"]) == {"organisation"}
    assert set(theirs["target"]) == {"BLR"}


def test_a_member_named_beside_its_organisation_counts_once():
    events = tension.Scorer(organisations="actors").score(TEXT, date="2021-01-01")
    own = events.assign(source="FRA")
    both = expand_members(pd.concat([events, own], ignore_index=True))
    france = both[both["source"] == "FRA"]
    assert france["resolved"].tolist() == ["named"]
    assert not (both["source"] == both["target"]).any()
