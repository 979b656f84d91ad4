"""What becomes a row of the events frame."""

import numpy as np

from tension.coding import acts_of
from tension.ontology import ACT_INDEX


def probabilities(**acts: float) -> np.ndarray:
    p = np.zeros(len(ACT_INDEX) + 1)
    for name, value in acts.items():
        p[ACT_INDEX[name]] = value
    p[-1] = 1 - p.sum()
    return p


def test_the_act_is_of_the_likelier_pole():
    p = probabilities(CONSULT=0.25, ACCUSE=0.2, SANCTION=0.2, COERCE=0.2)
    assert acts_of(p) == [ACT_INDEX["ACCUSE"]]


def test_an_act_of_the_other_pole_that_is_likely_in_itself_comes_second():
    p = probabilities(CONSULT=0.5, SUPPORT=0.1, ACCUSE=0.35)
    assert acts_of(p) == [ACT_INDEX["CONSULT"], ACT_INDEX["ACCUSE"]]
