"""Known truth, observed through a calibrated but unsure model, wire copies and few stories: bias and coverage of every measure.

    python benchmarks/simulation.py

Each dyad tells stories of four acts with probabilities of its own (a Dirichlet draw). A story's reader is unsure: it draws how likely each
pole is (Beta), and the truth then follows these probabilities, so the reader is calibrated. A third of the stories are copied, up to five
times. Bias and coverage are those of `aggregate` against the process that told the stories, for nominal 90 % intervals; for `stock`,
against the stock of the true acts. `net_bootstrap` is the interval of `net` that a percentile bootstrap over stories would give instead
(500 draws). Nothing here depends on the relation model.

The second part doubles the press: the same process for 48 months, twice as many stories of everything from the 25th on. A measure that
does not rise with volume has the same mean before and after.

The third part leaves everything as it is: 60 months of one process, with few or many stories a month. How often the band of `smooth` holds
the level, how far `smooth` and `shrink` are from it on average, in standard deviations between months, and how many dyads have a change
point, which 5 % should.
"""

import argparse

import numpy as np
import pandas as pd
from common import write_result

from tension.ontology import act_of
from tension.records import EVENT_DTYPES, events_frame
from tension.series.aggregate import aggregate
from tension.series.cells import stories_of
from tension.series.changes import change_points
from tension.series.measures import STOCK_LIMIT, STOCK_RATE
from tension.series.shrink import shrink
from tension.series.smooth import smooth

ROOTS = ("CONSULT", "AID", "ACCUSE", "ASSAULT")
INTENSITY = np.array([act_of(root).plover for root in ROOTS], dtype=float)
CONFLICT = np.array([act_of(root).quad.endswith("CONF") for root in ROOTS])
LEVEL, CELLS, PUBLISHED, DRAWS = 0.9, 3000, 400, 500


def stories(rng: np.random.Generator, mix: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Acts that truly happened, acts a reader finds likeliest, and how likely it finds that act's pole."""
    said = rng.choice(len(ROOTS), size=n, p=mix)
    sure = rng.beta(12, 1.2, size=n).clip(0.5, 1)
    other = np.array([2, 3, 0, 1])[said]  # the act of the other pole that it may be instead
    true = np.where(rng.random(n) < sure, said, other)
    return true, said, sure


def truth_of(mix: np.ndarray, measure: str, rng: np.random.Generator) -> float:
    """What a measure would be of endlessly many stories of a process."""
    true, said, sure = stories(rng, mix, 40_000)
    conflict = CONFLICT[true].mean()
    if measure == "p90":
        return float(np.quantile(-_expected(said, sure), 0.9))
    return {
        "net": -INTENSITY[true].mean(),
        "logratio": np.log(conflict / (1 - conflict)),
        "conflict": 100 * conflict,
        "cooperation": -100 * (1 - conflict),
    }[measure]


def _expected(said: np.ndarray, sure: np.ndarray) -> np.ndarray:
    other = np.array([2, 3, 0, 1])[said]
    return sure * INTENSITY[said] + (1 - sure) * INTENSITY[other]


def rows_of(
    rng: np.random.Generator, dyad: str, date: pd.Timestamp, said: np.ndarray, sure: np.ndarray
) -> list[dict[str, object]]:
    """Event rows of a cell's stories, some of them copied by other papers."""
    source, target = dyad.split("-")
    rows = []
    for k, (act, p) in enumerate(zip(said, sure, strict=True)):
        conflict = p if CONFLICT[act] else 1 - p
        row = dict.fromkeys(EVENT_DTYPES, "") | {
            "source": source, "target": target, "date": date, "event_start": None, "event_end": None, "sentence": 0, "start": 0, "end": 1,
            "status": "occurred", "root": ROOTS[act], "quad": act_of(ROOTS[act]).quad, "joint": False, "resolved": "named",
            "p_conflict": conflict, "p_cooperation": 1 - conflict, "story": f"{dyad}-{date:%Y%m}-{k:03d}",
            "intensity": float(_expected(np.array([act]), np.array([p]))[0]),
        }  # fmt: skip
        copies = 1 + (rng.random() < 1 / 3) * int(rng.integers(1, 5))
        rows += [row | {"article_id": f"{row['story']}-{c}"} for c in range(copies)]
    return rows


def frame_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    return events_frame({name: [row[name] for row in rows] for name in EVENT_DTYPES})


def coverage(seed: int = 0) -> dict[str, dict[str, float]]:
    """Bias, its unit the measure's own, and the share of intervals that hold the truth, of each measure."""
    rng, rows, mixes, stock = np.random.default_rng(seed), [], {}, {}
    rates, date = {}, pd.Timestamp("2010-01-01")
    for cell in range(CELLS):
        dyad = f"A{cell:04d}-B"
        mix = rng.dirichlet([2, 1, 2, 1])
        rate = rng.uniform(4, 40)
        true, said, sure = stories(rng, mix, max(3, rng.poisson(rate)))
        mixes[dyad], rates[dyad] = mix, rate
        stock[dyad] = -_stock(INTENSITY[true])
        rows += rows_of(rng, dyad, date, said, sure)
    events, figures = frame_of(rows), {}
    published = pd.Series([PUBLISHED], index=[date])
    for measure in ("net", "logratio", "conflict", "cooperation", "share", "p90", "stock"):
        series = aggregate(events, measure=measure, level=LEVEL, volume=published if measure == "share" else None)
        series = series.droplevel("date")
        if measure == "stock":
            truth = pd.Series(stock)
        elif measure == "share":
            conflict = pd.Series({d: truth_of(m, "conflict", rng) for d, m in mixes.items()})
            truth = conflict * pd.Series(rates) / PUBLISHED
        else:
            truth = pd.Series({d: truth_of(m, measure, rng) for d, m in mixes.items()})
        figures[measure] = _held(series, truth)
        if measure == "net":
            figures["net_bootstrap"] = _held(series.assign(**bootstrap(events, rng)), truth)
    return figures


def _held(series: pd.DataFrame, truth: pd.Series) -> dict[str, float]:
    held = (series["lower"] <= truth) & (truth <= series["upper"])
    return {
        "bias": round(float((series["tension"] - truth).mean()), 3),
        "coverage": round(100 * float(held.mean()), 1),
        "coverage_of_full_cells": round(100 * float(held[series["n_stories"] >= 29].mean()), 1),
        "coverage_of_thin_cells": round(100 * float(held[series["n_stories"] < 8].mean()), 1),
        "cells": len(series),
    }


def bootstrap(events: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Series]:
    """Percentiles of minus the mean intensity of each dyad's stories, drawn anew with replacement."""
    told = stories_of(events, "M", directed=False, by="publication", unit="story").groupby("dyad")["intensity"]
    means = {dyad: -rng.choice(y, (DRAWS, len(y))).mean(axis=1) for dyad, y in told}
    bounds = pd.DataFrame(
        {dyad: np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]) for dyad, drawn in means.items()}
    )
    return {"lower": bounds.loc[0], "upper": bounds.loc[1]}


def _stock(intensities: np.ndarray) -> float:
    level = 0.0
    for y in intensities:
        limit = STOCK_LIMIT if y > 0 else -STOCK_LIMIT
        level = limit + (level - limit) * (1 - STOCK_RATE * abs(y) / STOCK_LIMIT)
    return level


def doubled(seed: int = 1, dyads: int = 60, months: int = 48) -> dict[str, float]:
    """Mean of each measure after the press doubled, minus before, in standard deviations between a dyad's months before."""
    rng, rows, volume = np.random.default_rng(seed), [], {}
    for dyad in (f"A{i:02d}-B" for i in range(dyads)):
        mix = rng.dirichlet([2, 1, 2, 1])
        for month, date in enumerate(pd.date_range("2010-01-01", periods=months, freq="MS")):
            times = 1 if month < months // 2 else 2
            _, said, sure = stories(rng, mix, rng.poisson(8 * times))
            volume[date] = PUBLISHED * times
            rows += rows_of(rng, dyad, date, said, sure)
    events, figures, volume = frame_of(rows), {}, pd.Series(volume)
    turn = volume.index[months // 2]
    for measure in ("net", "logratio", "conflict", "share", "p90"):
        series = aggregate(events, measure=measure, volume=volume if measure == "share" else None)["tension"].dropna()
        late = series.index.get_level_values("date") >= turn
        figures[measure] = round(float((series[late].mean() - series[~late].mean()) / _spread(series[~late])), 3)
    counts = aggregate(events)["n_stories"]
    late = counts.index.get_level_values("date") >= turn
    figures["number of stories"] = round(
        float((counts[late].mean() - counts[~late].mean()) / _spread(counts[~late])), 3
    )
    return figures


def steady(seed: int = 2, dyads: int = 100, months: int = 60) -> dict[str, dict[str, float]]:
    """Bands, levels and false change points of dyads in which nothing changes, by stories a month and measure."""
    rng, dates, figures = np.random.default_rng(seed), pd.date_range("2010-01-01", periods=months, freq="MS"), {}
    for number in (5, 30):
        rows, mixes = [], {f"A{i:02d}-B": rng.dirichlet([2, 1, 2, 1]) for i in range(dyads)}
        for dyad, mix in mixes.items():
            for date in dates:
                rows += rows_of(rng, dyad, date, *stories(rng, mix, number)[1:])
        events = frame_of(rows)
        for measure in ("net", "conflict", "p90"):
            truth = pd.Series({dyad: truth_of(mix, measure, rng) for dyad, mix in mixes.items()})
            figures[f"{measure}, {number} stories a month"] = _steadiness(aggregate(events, measure=measure), truth)
    return figures


def _steadiness(series: pd.DataFrame, truth: pd.Series) -> dict[str, float]:
    told = truth.reindex(series.index.get_level_values("dyad")).to_numpy()
    level, drawn, spread = smooth(series), shrink(series)["tension"], _spread(series["tension"])
    turned = change_points(series).index.get_level_values("dyad").nunique()
    return {
        "band_holds": round(100 * float(((level["lower"] <= told) & (told <= level["upper"])).mean()), 1),
        "bias_of_smooth": round(float((level["level"] - told).mean() / spread), 3),
        "bias_of_shrink": round(float((drawn - told).mean() / spread), 3),
        "dyads_with_a_change_point": round(100 * turned / len(truth), 1),
    }


def _spread(series: pd.Series) -> float:
    """Standard deviation between a dyad's months, in the mean over dyads."""
    return float(series.groupby("dyad").std().mean())


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    figures = {"coverage": coverage(), "change_when_the_press_doubles": doubled(), "nothing_changes": steady()}
    for name, row in figures["coverage"].items():
        print(f"{name:12s}", "  ".join(f"{key} {value}" for key, value in row.items()))
    print("change when the press doubles, in standard deviations:", figures["change_when_the_press_doubles"])
    for name, row in figures["nothing_changes"].items():
        print(f"{name:32s}", "  ".join(f"{key} {value}" for key, value in row.items()))
    write_result("simulation", figures)


if __name__ == "__main__":
    main()
