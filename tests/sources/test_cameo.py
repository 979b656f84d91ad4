import csv

import pandas as pd
import pytest

from tension.errors import InputError, OptionError
from tension.ontology import cameo_root
from tension.resources import data_path
from tension.sources.cameo import cameo_intensity, clean_codes, judged

with data_path("ontology", "cameo_scales.csv").open(encoding="utf-8", newline="") as lines:
    CODES = [row["code"] for row in csv.DictReader(lines)]


@pytest.mark.parametrize(
    ("code", "today", "in_2007"),
    [
        ("016", -2.0, 3.4),
        ("022", 3.2, 3.4),
        ("124", -4.0, -5.0),
        ("163", -8.0, -6.5),
        ("165", -6.5, -7.0),
        ("166", -7.0, -8.0),
    ],
)
def test_the_six_codes_whose_value_hangs_on_the_numbering(code, today, in_2007):
    assert (cameo_intensity(code), cameo_intensity(code, "keds2007")) == (today, in_2007)


def test_the_scales_agree_on_the_roots_and_lie_within_ten():
    for code in CODES:
        for scale in ("gdelt", "keds2007"):
            assert -10 <= cameo_intensity(code, scale) <= 10
        if len(code) == 2:
            assert cameo_intensity(code) == cameo_intensity(code, "keds2007")


def test_a_code_a_scale_leaves_out_has_the_value_above_it():
    assert cameo_intensity("1241", "keds2007") == cameo_intensity("124", "keds2007") == -5.0
    assert cameo_intensity("176") == cameo_intensity("17") == -7.0


def test_only_two_digits_can_be_two_codes():
    assert [code for code in CODES if "0" + code in CODES] == [str(n) for n in range(10, 21)]


def test_the_sign_of_a_code_is_that_of_its_quad():
    table = judged(pd.Series(CODES, dtype="str"))
    told = table[table["root"].ne("")]
    assert (told["table"] > 0).eq(told["quad"].str.endswith("COOP")).all()
    assert {code[:2] for code in CODES if cameo_root(code) is None} == {"01", "02"}


def test_codes_with_a_root_are_judged_one_by_one():
    codes, roots = (
        pd.Series(values, dtype="str")
        for values in (["10", "10", "10.0", "42", "042", "57"], ["01", "10", "1.0", "4", "04", "6"])
    )
    assert clean_codes(codes, roots).tolist() == ["010", "10", "010", "042", "042", ""]


def test_bad_codes_and_scales_are_named():
    with pytest.raises(InputError, match="13y"):
        cameo_intensity("13y")
    with pytest.raises(OptionError, match="gdelt, keds2007"):
        cameo_intensity("163", "2007")
