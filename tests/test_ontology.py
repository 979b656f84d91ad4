import pytest

from tension.errors import OptionError
from tension.ontology import ACTS, QUADS, ROOTS, act_of, cameo_quad, cameo_root, intensities, quad_of


def test_sixteen_roots_in_four_quads():
    assert len(ROOTS) == 16
    assert {act.quad for act in ACTS} == set(QUADS)


def test_intensity_has_the_sign_of_the_pole():
    for act in ACTS:
        assert (act.plover > 0) == act.cooperative
        assert abs(act.plover) <= 10
        assert abs(act.goldstein) <= 10


def test_request_is_divided_by_its_quad():
    assert act_of("REQUEST", "VCOOP").cooperative
    assert not act_of("REQUEST", "VCONF").cooperative
    assert quad_of("REQUEST") == "VCONF"


@pytest.mark.parametrize(
    ("code", "root"),
    [("010", None), ("02", None), ("036", "AGREE"), ("0811", "CONCEDE"), ("084", "RETREAT"), ("0814", "RETREAT"), ("09", "ACCUSE"),
     ("163", "COERCE"), ("164", "SANCTION"), ("173", "COERCE"), ("1712", "ASSAULT"), ("175", "ASSAULT"), ("191", "COERCE"),
     ("195", "ASSAULT"), ("203", "ASSAULT")],
)  # fmt: skip
def test_cameo_codes_to_plover_roots(code, root):
    assert cameo_root(code) == root


def test_published_quad_maps_disagree_where_they_are_known_to():
    assert (cameo_quad("141", "gdelt"), cameo_quad("141", "phoenix"), cameo_quad("141")) == ("VCONF", "MCONF", "MCONF")
    assert (cameo_quad("160", "gdelt"), cameo_quad("160", "phoenix")) == ("MCONF", "VCONF")
    assert (cameo_quad("010", "gdelt"), cameo_quad("010", "phoenix"), cameo_quad("010")) == ("VCOOP", None, None)
    assert (cameo_quad("090", "gdelt"), cameo_quad("090", "phoenix")) == ("MCOOP", "VCONF")


@pytest.mark.parametrize("code", ["", "1", "21", "13y", "00", None])
def test_bad_cameo_codes_are_named(code):
    with pytest.raises(OptionError, match="CAMEO"):
        cameo_root(code)


def test_unknown_options_list_the_good_ones():
    with pytest.raises(OptionError, match="plover, goldstein"):
        intensities("tone")
    with pytest.raises(OptionError, match="AGREE"):
        act_of("FIGHT")
    with pytest.raises(OptionError, match="phoenix"):
        cameo_quad("10", "icews")
