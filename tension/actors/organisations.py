"""Alliances and organisations as actors: their members on a day, and events of theirs told as their members' events.

An organisation is an actor of its own (code `NATO`, `EU`, ...) where the scorer is asked for them. Its acts are its members' acts only on
request: `expand_members` makes an event of each member of the day, marked `resolved = "organisation"`.
"""

from datetime import datetime
from functools import cache

import pandas as pd

from tension.actors.gazetteer import table_rows
from tension.errors import InputError
from tension.records import as_events
from tension.resources import data_path

_Term = tuple[str, str, str]


@cache
def _terms() -> dict[str, list[_Term]]:
    """Members of each organisation, each with the first and the last day."""
    terms: dict[str, list[_Term]] = {}
    for row in table_rows(data_path("actors", "organisations.csv"), ("org",)):
        terms.setdefault(row["org"], [])
    for row in table_rows(data_path("actors", "memberships.csv"), ("org", "iso3", "start", "end")):
        terms[row["org"]].append((row["iso3"], row["start"], row["end"]))
    return terms


def members(organisation: str, date: object = None) -> list[str]:
    """Member states of an organisation on a day (today where none is given), as ISO 3166-1 alpha-3 codes.

    Raises
    ------
    InputError
        If there is no such organisation.

    Examples
    --------
    >>> "TUR" in members("NATO", "1960-01-01"), "POL" in members("NATO", "1960-01-01")
    (True, False)
    """
    if organisation not in _terms():
        raise InputError(f"{organisation!r} is no organisation in data/actors; choose one of {', '.join(_terms())}")
    day = pd.Timestamp(date if date is not None else datetime.now()).date().isoformat()
    return [
        state for state, start, end in _terms()[organisation] if (not start or start <= day) and (not end or day <= end)
    ]


def expand_members(events: pd.DataFrame) -> pd.DataFrame:
    """Events in which an organisation acts or is acted on, told of each member of the day instead.

    An event between a member and its own organisation, or between organisations that share a member, makes no event of a state with
    itself. An organisation whose members are not in the tables keeps its code. Events between states stay as they are and come first
    where both tell the same.

    Parameters
    ----------
    events
        An events frame, from a scorer with `organisations="actors"`.

    Returns
    -------
    DataFrame
        An events frame, in the order of `events`.
    """
    events = as_events(events)
    rows = pd.Series(range(len(events)))
    sides = {
        name: [_sides(code, day) for code, day in zip(events[name], events["date"], strict=True)]
        for name in ("source", "target")
    }
    pairs = pd.DataFrame({"row": rows, **sides}).explode("source").explode("target")
    pairs = pairs[pairs["source"] != pairs["target"]]
    result = events.iloc[pairs["row"]].reset_index(drop=True)
    changed = [(pairs[name].to_numpy() != result[name].to_numpy()) for name in ("source", "target")]
    result = result.assign(source=pairs["source"].to_numpy(), target=pairs["target"].to_numpy())
    result["resolved"] = result["resolved"].mask(changed[0] | changed[1], "organisation")
    same = ["article_id", "sentence", "source", "target", "root", "quad"]
    first = result.assign(_expanded=changed[0] | changed[1]).sort_values("_expanded", kind="stable")
    kept = first.index.difference(first.index[first.duplicated(same)])
    return as_events(result.loc[kept].reset_index(drop=True))


def _sides(code: str, day: object) -> list[str]:
    if code not in _terms():
        return [code]
    return members(code, None if pd.isna(day) else day) or [code]
