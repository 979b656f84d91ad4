"""Lists of states: found where three or more play one part, read as two, asked about as a whole."""

from datetime import datetime

import pytest

from tension.actors.gazetteer import Gazetteer
from tension.actors.lists import state_lists
from tension.actors.mentions import MentionFinder, People
from tension.actors.standins import recast
from tension.records import Candidate, Mention

DAY = datetime(2017, 11, 22)
FINDER = MentionFinder(Gazetteer.default())


def named(text: str) -> list[Mention]:
    return FINDER.find(text, DAY, People())[0]


def listed(text: str) -> list[list[str]]:
    """The words that name each member of the first list."""
    found = state_lists(text, named(text))
    return [[text[slice(*span)] for span in member] for member in found[0].members] if found else []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Peru, Chile and Cuba condemned Mali.", "Norway and Kenya condemned Chile."),
        ("Mali expelled envoys of Peru, Chile, Togo, and Cuba.", "Norway expelled envoys of Kenya and Chile."),
        (
            "The defence ministers of Japan, the Philippines & Peru met.",
            "The defence ministers of Norway and Kenya met.",
        ),
        ("British, French and German troops left.", "Norwegian and Kenyan troops left."),
        (
            "Russian President Vladimir Putin, Turkish President Recep Tayyip Erdogan and Iranian President Hassan Rouhani met.",
            "Norwegian President Hansen and Kenyan President Weber met.",
        ),
        ("Germany, France and Poland signed a pact in Munich.", "Norway and Kenya signed a pact in Bergen."),
        ("Poland, Hungary, Slovakia and others objected.", "Norway and Kenya and others objected."),
        ("Mali, Togo, as well as Chad gained.", "Norway and Kenya gained."),
        ("Russia's Popov, China's Wu Li and Iran's Zarif met.", "Norway's Popov and Kenya's Wu Li met."),
        (
            "It gave Peru's Luis Sosa, Chile's Ana Soto and Cuba's Jan Rey the Prize.",
            "It gave Norway's Luis Sosa and Kenya's Ana Soto the Prize.",
        ),
        ("According to Russia, Peru, Cuba and Syria met.", "According to Norway, Kenya and Chile met."),
        ("It hurt Peru, Chile and Cuba; Mali, Fiji and Oman won.", "It hurt Norway and Kenya; Chile and Hungary won."),
    ],
)
def test_a_list_is_read_as_two(text, read):
    assert recast(text, named(text)).text == read


@pytest.mark.parametrize(
    "text",
    [
        "Peru and Chile met.",
        "Peru condemned Chile and Cuba.",
        "In Lima, Peru, Chile said no.",
        "Peru, said Chile, and Cuba too.",
        "Peru and Chile, Cuba and Mali met in pairs.",
        "Envoys of the two Koreas, Japan and Peru met.",
        "Peru, Chile and Cuba met, and Cuba accused Peru of lying.",
        "According to Russia, Israel and Syria agreed on a truce.",
        "In Kabul, Afghanistan, India and Pakistan held talks.",
        "Russia attacked Ukraine, Poland and Lithuania said.",
    ],
)
def test_what_is_no_list_of_three_stays(text):
    assert listed(text) == []


def test_titles_and_names_belong_to_their_member():
    text = "US President Donald Trump, Chinese leader Xi Jinping and Peru met."
    assert listed(text) == [["US", "Donald Trump"], ["Chinese", "Xi Jinping"], ["Peru"]]


def test_every_member_is_asked_about_with_its_list_and_pairs_within_keep_their_order():
    text = "Peru, Chile and Cuba condemned Mali."
    seen = recast(text, named(text))
    at = {m.state: ((m.start, m.end),) for m in named(text)}

    def asked(source: str, target: str) -> tuple[list[str], list[str]]:
        pair = seen.pair(Candidate(source, target, at[source], at[target], "named"))
        return tuple([seen.text[slice(*span)] for span in side] for side in (pair.source_spans, pair.target_spans))

    assert asked("CUB", "MLI") == asked("PER", "MLI") == (["Norway", "Kenya"], ["Chile"])
    assert asked("MLI", "CHL") == (["Chile"], ["Norway", "Kenya"])
    assert asked("PER", "CUB") == asked("CHL", "CUB") == (["Norway"], ["Kenya"])
    assert asked("CUB", "PER") == (["Kenya"], ["Norway"])


def test_origin_leads_back_behind_a_shortened_list():
    text = "Peru, Chile and Cuba condemned Mali."
    seen = recast(text, named(text))
    start = seen.text.index("condemned")
    assert text[slice(*seen.origin((start, start + 9)))] == "condemned"


def test_words_in_the_part_left_out_are_those_of_the_list():
    text = "Peru, Chile, Cuba's Army and Mali met the rebels."
    seen = recast(text, named(text))
    army, rebels = ((text.index("Army"), text.index("Army") + 4),), ((text.index("rebels"), text.index("rebels") + 6),)
    source, target = seen.sides(army, rebels)
    assert [seen.text[slice(*span)] for span in source] == ["Norway", "Kenya"]
    assert [seen.text[slice(*span)] for span in target] == ["rebels"]
