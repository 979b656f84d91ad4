"""Indices and z-scores with frozen parameters: what later articles bring moves no past value.

The parameters are taken from a base period once, kept with the result, saved, and applied again to longer series.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from tension.errors import InputError, OptionError
from tension.series.aggregate import check_series

Kind = Literal["index", "z"]
_VALUES = ("tension", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Scaling:
    """Centre and unit of each dyad, from a base period.

    `index` puts the base period's mean at 100 (for measures that count, such as `share`); `z` takes the base period's mean off and divides
    by its standard deviation.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Iran condemns Iraq.", "Iran shells Iraq.", "Iraq thanks Iran."], date="2019-08-08")
    >>> series = tension.aggregate(events, measure="conflict")
    >>> scaling = Scaling.fit(series, base=("2019-01", "2019-12"), kind="index")
    >>> round(float(scaling.apply(series)["tension"].iloc[0]))
    100
    """

    kind: Kind
    measure: str
    base: tuple[str, str]
    centre: dict[str, float]
    unit: dict[str, float]

    @classmethod
    def fit(cls, series: pd.DataFrame, base: tuple[str, str], kind: Kind = "index", min_periods: int = 1) -> "Scaling":
        """Parameters from the periods that start within `base` (first and last, as pandas reads them).

        Raises
        ------
        OptionError
            If the kind is unknown.
        InputError
            If no dyad has `min_periods` values in the base period, or a dyad's mean there is not above 0 (`index`).
        """
        if kind not in ("index", "z"):
            raise OptionError.of("kind", kind, ("index", "z"))
        check_series(series)
        dates = series.index.get_level_values("date")
        inside = series["tension"][(dates >= pd.Period(base[0]).start_time) & (dates <= pd.Period(base[1]).end_time)]
        groups = inside.dropna().groupby(level="dyad")
        enough = groups.size() >= max(min_periods, 2 if kind == "z" else 1)
        means, spreads = groups.mean()[enough], groups.std()[enough]
        if means.empty:
            raise InputError(f"no dyad has enough values between {base[0]} and {base[1]} to scale by")
        if kind == "index" and (means <= 0).any():
            raise InputError(
                f"{means.idxmin()} has the mean {means.min():.3g} in the base period; an index needs a measure that counts from 0, such as "
                "share or conflict; take kind='z' for others"
            )
        measure = series.attrs.get("measure", "")
        if kind == "index":
            return cls(kind, measure, tuple(base), dict.fromkeys(means.index, 0.0), (means / 100).to_dict())
        return cls(kind, measure, tuple(base), means.to_dict(), spreads.replace(0, np.nan).to_dict())

    def apply(self, series: pd.DataFrame) -> pd.DataFrame:
        """The series with `tension`, `lower` and `upper` scaled; dyads without parameters become NaN.

        Raises
        ------
        InputError
            If the series holds another measure than the one the parameters were taken from.
        """
        check_series(series)
        if self.measure and series.attrs.get("measure", self.measure) != self.measure:
            raise InputError(
                f"these parameters are of the measure {self.measure}; the series holds {series.attrs['measure']}"
            )
        dyads = series.index.get_level_values("dyad")
        centre, unit = (np.array([table.get(dyad, np.nan) for dyad in dyads]) for table in (self.centre, self.unit))
        result = series.assign(**{name: (series[name].to_numpy(float) - centre) / unit for name in _VALUES})
        result.attrs = {**series.attrs, "scaling": f"{self.kind} of {self.base[0]}..{self.base[1]}"}
        return result

    def save(self, path: str | Path) -> None:
        """Write the parameters to a JSON file."""
        Path(path).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "Scaling":
        """Read parameters that `save` wrote.

        Raises
        ------
        InputError
            If the file is missing or is no such file.
        """
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(**{**stored, "base": tuple(stored["base"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path} holds no scaling parameters: {error}") from error
