"""What states do to each other: PLOVER's sixteen roots, their quad classes and their intensities.

The roots, and the values of the ``plover`` scale, are those of the PLOVER manual (CC BY-SA 4.0). Two values are ours: the manual
prints ACCUSE with a plus sign, a slip (its modes lie between -2 and -3.5); and REQUEST, 0 in the manual, is split by its modes into the
demand (-1) and the polite appeal (+0.5). The ``goldstein`` scale gives the CAMEO root values of the KEDS 2007 scale.
"""

from dataclasses import dataclass
from typing import Literal

from tension.errors import OptionError

Quad = Literal["VCOOP", "MCOOP", "VCONF", "MCONF"]
Status = Literal["occurred", "planned", "hypothetical", "negated", "historical"]
Scale = Literal["plover", "goldstein"]
QuadMap = Literal["plover", "gdelt", "phoenix"]

QUADS: tuple[str, ...] = ("VCOOP", "MCOOP", "VCONF", "MCONF")
STATUSES: tuple[str, ...] = ("occurred", "planned", "hypothetical", "negated", "historical")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a state can do to another.

    `name` is the root, except for the polite appeal, which PLOVER counts under REQUEST although it is cooperative.
    """

    name: str
    root: str
    quad: str
    plover: float
    goldstein: float

    @property
    def cooperative(self) -> bool:
        return self.quad.endswith("COOP")


ACTS: tuple[Act, ...] = (
    Act("AGREE", "AGREE", "VCOOP", 2.5, 4.0),
    Act("CONSULT", "CONSULT", "VCOOP", 2.5, 1.0),
    Act("SUPPORT", "SUPPORT", "VCOOP", 5.0, 3.5),
    Act("CONCEDE", "CONCEDE", "VCOOP", 4.5, 5.0),
    Act("APPEAL", "REQUEST", "VCOOP", 0.5, 3.0),
    Act("COOPERATE", "COOPERATE", "MCOOP", 9.5, 6.0),
    Act("AID", "AID", "MCOOP", 10.0, 7.0),
    Act("RETREAT", "RETREAT", "MCOOP", 6.5, 5.0),
    Act("REQUEST", "REQUEST", "VCONF", -1.0, -5.0),
    Act("ACCUSE", "ACCUSE", "VCONF", -3.0, -2.0),
    Act("REJECT", "REJECT", "VCONF", -2.0, -4.0),
    Act("THREATEN", "THREATEN", "VCONF", -3.5, -6.0),
    Act("PROTEST", "PROTEST", "MCONF", -5.0, -6.5),
    Act("SANCTION", "SANCTION", "MCONF", -6.0, -4.0),
    Act("MOBILIZE", "MOBILIZE", "MCONF", -5.5, -7.2),
    Act("COERCE", "COERCE", "MCONF", -7.0, -7.0),
    Act("ASSAULT", "ASSAULT", "MCONF", -9.0, -9.5),
)
ACT_INDEX: dict[str, int] = {act.name: i for i, act in enumerate(ACTS)}
ROOTS: tuple[str, ...] = tuple(dict.fromkeys(act.root for act in ACTS))
_BY_ROOT = {act.root: act for act in reversed(ACTS)} | {"REQUEST": ACTS[ACT_INDEX["REQUEST"]]}


def act_of(root: str, quad: str | None = None) -> Act:
    """The act of a root; with `quad` VCOOP, a REQUEST is the polite appeal.

    >>> act_of("REQUEST", "VCOOP").name
    'APPEAL'
    """
    if root not in _BY_ROOT:
        raise OptionError.of("root", root, ROOTS)
    if root == "REQUEST" and quad == "VCOOP":
        return ACTS[ACT_INDEX["APPEAL"]]
    return _BY_ROOT[root]


def quad_of(root: str) -> str:
    """Quad class of a root (a REQUEST is taken as a demand)."""
    return act_of(root).quad


def intensities(scale: Scale = "plover") -> tuple[float, ...]:
    """Intensity of each of `ACTS`, -10 (most conflictual) to +10 (most cooperative)."""
    if scale not in ("plover", "goldstein"):
        raise OptionError.of("scale", scale, ("plover", "goldstein"))
    return tuple(getattr(act, scale) for act in ACTS)


# CAMEO roots 01 and 02 have no PLOVER root: the manual drops them. 08 divides at 084; the rest of the exceptions are listed whole.
_CAMEO_ROOTS = {
    "03": "AGREE",
    "04": "CONSULT",
    "05": "SUPPORT",
    "06": "COOPERATE",
    "07": "AID",
    "09": "ACCUSE",
    "10": "REQUEST",
    "11": "ACCUSE",
    "12": "REJECT",
    "13": "THREATEN",
    "14": "PROTEST",
    "15": "MOBILIZE",
    "16": "SANCTION",
    "17": "COERCE",
    "18": "ASSAULT",
    "19": "ASSAULT",
    "20": "ASSAULT",
}
_CAMEO_EXCEPTIONS = {
    "0813": "RETREAT",
    "0814": "RETREAT",
    "081": "CONCEDE",
    "082": "CONCEDE",
    "083": "CONCEDE",
    "08": "RETREAT",
    "163": "COERCE",
    "1712": "ASSAULT",
    "175": "ASSAULT",
    "191": "COERCE",
    "192": "COERCE",
}
_CAMEO_QUADS: dict[str, tuple[tuple[int, str | None], ...]] = {
    # each entry: the last root of a run, and the run's class
    "gdelt": ((5, "VCOOP"), (9, "MCOOP"), (14, "VCONF"), (20, "MCONF")),
    "phoenix": ((2, None), (5, "VCOOP"), (8, "MCOOP"), (13, "VCONF"), (15, "MCONF"), (16, "VCONF"), (20, "MCONF")),
}


def cameo_root(code: str) -> str | None:
    """PLOVER root of a CAMEO code, or None for the codes PLOVER drops (01 and 02).

    >>> cameo_root("173"), cameo_root("0841"), cameo_root("012")
    ('COERCE', 'RETREAT', None)
    """
    code = str(code).strip()
    if len(code) < 2 or not code.isdigit() or not 1 <= int(code[:2]) <= 20:
        raise OptionError(f"{code!r} is not a CAMEO code: two to four digits, the first two 01..20")
    for length in (4, 3, 2):
        if len(code) >= length and code[:length] in _CAMEO_EXCEPTIONS:
            return _CAMEO_EXCEPTIONS[code[:length]]
    return _CAMEO_ROOTS.get(code[:2])


def cameo_quad(code: str, variant: QuadMap = "plover") -> str | None:
    """Quad class of a CAMEO code under one of the published maps, which disagree on 01, 02, 08, 09, 14 and 16.

    `plover` goes through `cameo_root`; `gdelt` cuts at 05, 09 and 14; `phoenix` leaves 01 and 02 out and counts 16 as verbal.
    """
    root = cameo_root(code)
    if variant == "plover":
        return quad_of(root) if root else None
    if variant not in _CAMEO_QUADS:
        raise OptionError.of("variant", variant, ("plover", *_CAMEO_QUADS))
    number = int(str(code).strip()[:2])
    return next(quad for last, quad in _CAMEO_QUADS[variant] if number <= last)
