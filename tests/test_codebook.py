"""The codebook says what the code does."""

import re

import pytest
from conftest import ROOT

from tension.ontology import ACTS, STATUSES
from tension.records import RESOLUTIONS

TEXT = (ROOT / "CODEBOOK.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_act_has_its_class_and_values(act):
    (row,) = re.findall(rf"^\| {act.name} \|(.*)\|$", TEXT, re.M)
    quad, meaning, plover, goldstein = (cell.strip() for cell in row.split("|"))
    assert (quad, float(plover), float(goldstein)) == (act.quad, act.plover, act.goldstein)
    assert len(meaning) > 5


def test_every_way_of_knowing_a_side_is_told():
    assert all(f"| {way} |" in TEXT for way in RESOLUTIONS)


def test_every_status_is_told():
    assert re.findall(r"^\| ([a-z]+) \|", TEXT, re.M)[-len(STATUSES) :] == list(STATUSES)
