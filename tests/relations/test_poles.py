"""Seed poles: an axis of the user's own, and its stability."""

import json

import numpy as np
import pytest
from conftest import ROOT

import tension
from tension.errors import InputError

SEEDS = json.loads((ROOT / "seeds" / "poles.json").read_text(encoding="utf-8"))


def test_sentences_fall_on_their_side_of_the_axis():
    placed = tension.Scorer(poles=SEEDS["hostility"]).position(
        ["Gunmen of the army shelled villages over the border.", "The premiers opened a bridge of friendship."]
    )
    assert placed["position"][0] > 0 > placed["position"][1]
    assert (placed["lower"] <= placed["position"]).all()
    assert (placed["position"] <= placed["upper"]).all()


@pytest.mark.parametrize("name", SEEDS)
def test_shipped_poles_hang_on_no_single_seed(name):
    stability = tension.Scorer(poles=SEEDS[name]).poles.stability()
    assert len(stability) == len(SEEDS[name]["+"]) + len(SEEDS[name]["-"])
    assert stability["cosine"].min() > 0.9


def test_an_odd_seed_turns_the_axis_more_than_most():
    odd = {"+": [*SEEDS["hostility"]["+"], "Bananas are yellow."], "-": SEEDS["hostility"]["-"]}
    cosine = tension.Scorer(poles=odd).poles.stability().set_index("seed")["cosine"]
    assert cosine["Bananas are yellow."] < cosine.median()


@pytest.mark.parametrize(
    ("poles", "message"),
    [
        ({"+": ["a", "b"]}, '"-"'),
        ({"+": ["a", "b"], "-": ["c"]}, "at least two"),
        ({"+": ["a", "b"], "-": ["b", "c"]}, "both poles"),
    ],
)
def test_bad_poles_say_what_to_do(poles, message):
    with pytest.raises(InputError, match=message):
        tension.Scorer(poles=poles).position(["x"])


def test_a_scorer_without_poles_says_so():
    with pytest.raises(InputError, match="poles="):
        tension.Scorer().position(["x"])


def test_the_order_of_seeds_does_not_matter():
    turned = {end: seeds[::-1] for end, seeds in SEEDS["hostility"].items()}
    a, b = (tension.Scorer(poles=p).position(["Troops left."])["position"][0] for p in (SEEDS["hostility"], turned))
    assert np.isclose(a, b, atol=1e-6)
