"""Do the series move when history moved? The news corpus against ICEWS and against militarised disputes.

    python benchmarks/corpus.py --shared ../shared      # once: leaves the corpus' events in out/
    python benchmarks/validity.py --shared ../shared

ICEWS: the conflict share of 2002-2011 by dyad and year, scored by the shared evaluator. A dyad-year counts when at least five lines name
both states, whatever they say, so that all rows of the table are measured on the same cells. `conflict` is the mean probability of
conflict minus that of cooperation over the lines with events, the like of what ICEWS' share counts; `net` minus their mean expected
intensity. Both are partially pooled since many cells have few: the dyad's mean weighs like two lines, the overall mean in that like three.
In `net_per_line` a line without an event counts 0 and nothing is pooled; `keywords` is conflict words minus cooperation words; then the
bare count; and `net` of `aggregate` alone, on the dyad-years with at least five stories. Reliability is that of halves of the lines (of
ICEWS: of its event counts, thinned at random), raised to full length by Spearman and Brown, on the cells that both halves have; the square
root of their product is the highest correlation to be hoped for. Lead and lag take dyad-years of at least three stories.

Volume: rank correlation, within dyads, of each measure's months with the number of lines the portal printed in the month. A measure that
rises only because the press wrote more shows it here, as the count of stories does.

Disputes: tension in the months of militarised interstate disputes (Dyadic MID 4.02) against the same dyads' other months, and a placebo.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from common import write_result
from scipy.stats import rankdata

import tension
from tension.actors.mentions import People
from tension.files import read_events
from tension.records import Article
from tension.relations.asking import default_finder
from tension.relations.examples import corpus_lines
from tension.resources import data_path
from tension.series.compare import lead_lag
from tension.series.episodes import episodes
from tension.series.stories import dyad_of
from tension.text.articles import publication_date
from tension.text.sentences import split_sentences

EVENTS = Path("out/corpus_events.parquet")
LEAST, CELL_WEIGHT, DYAD_WEIGHT = 5, 2, 3
_CONFLICT = re.compile(
    r"\b(?:attack|kill|bomb|shell|strike|fire|clash|war|invad|condemn|accus|critici|threat|warn|sanction|reject|refus|protest|expel|arrest|"
    r"seiz|missile|troops|dispute|tension|violat|den(?:y|ies|ied))\w*",
    re.I,
)
_COOPERATION = re.compile(
    r"\b(?:agree|sign|meet|met\b|talk|visit|summit|aid|help|support|praise|thank|cooperat|peace|treaty|deal|releas|withdraw|lift|negotiat|"
    r"ceasefire|welcom|congratulat|apolog|restor|resum)\w*",
    re.I,
)


def named_lines(shared: Path) -> pd.DataFrame:
    """Every line and pair of states it names: `id`, `dyad`, `date` (the year's start), `keywords` (conflict minus cooperation words)."""
    finder, rows = default_finder(), []
    for line in corpus_lines(shared / "corpora" / "current_events.jsonl.gz").values():
        if not "2002" <= line["date"] < "2012":
            continue
        article, people = Article(line["id"], line["text"], publication_date(line["date"])), People()
        sentences = (finder.find(s.text, article.date, people)[0] for s in split_sentences(article))
        states = sorted({m.state for mentions in sentences for m in mentions})
        sign = len(_CONFLICT.findall(line["text"])) - len(_COOPERATION.findall(line["text"]))
        rows += [(line["id"], f"{a}-{b}", f"{article.date:%Y}-01-01", sign) for a, b in combinations(states, 2)]
    return pd.DataFrame(rows, columns=["id", "dyad", "date", "keywords"])


def with_tension(lines: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The lines with minus the mean expected intensity of the pair's events in each; NaN where it has none."""
    events = events[events["status"].isin(("occurred", "planned"))]
    own = events.assign(dyad=dyad_of(events, directed=False)).groupby(["article_id", "dyad"])["intensity"].mean()
    return lines.join(-own.rename("tension"), on=["id", "dyad"])


def pooled(lines: pd.DataFrame) -> pd.DataFrame:
    """Partially pooled tension of each dyad-year that lines name, and the number of these lines."""
    cells = lines.groupby(["dyad", "date"])["tension"].agg(["sum", "count", "size"]).reset_index()
    dyads = lines.groupby("dyad")["tension"].agg(["sum", "count"])
    means = (dyads["sum"] + DYAD_WEIGHT * lines["tension"].mean()) / (dyads["count"] + DYAD_WEIGHT)
    prior = means.reindex(cells["dyad"]).to_numpy()
    tension = (cells["sum"] + CELL_WEIGHT * prior) / (cells["count"] + CELL_WEIGHT)
    return cells.assign(tension=tension, n=cells["size"])


def by_year(lines: pd.DataFrame) -> pd.DataFrame:
    """Mean tension of each dyad-year's lines, and their number."""
    cells = lines.groupby(["dyad", "date"])["tension"].agg(["mean", "size"]).reset_index()
    return cells.rename(columns={"mean": "tension", "size": "n"})


def evaluated(evaluator: Path, series: pd.DataFrame, reference: Path) -> dict:
    """The shared evaluator's correlations of a frame `dyad`, `date`, `tension`, `n`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.csv"
        series[["dyad", "date", "tension", "n"]].to_csv(path, index=False)
        command = [sys.executable, str(evaluator), str(path), str(reference), "--min-n", str(LEAST), "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def reliability(first: pd.Series, second: pd.Series) -> float:
    """Spearman's correlation of two halves, raised to the whole (Spearman and Brown 1910)."""
    rho = float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
    return round(2 * rho / (1 + rho), 3)


def own_reliability(lines: pd.DataFrame, cells: pd.MultiIndex, rng: np.random.Generator) -> float:
    half = rng.random(len(lines)) < 0.5
    halves = [pooled(part).set_index(["dyad", "date"])["tension"] for part in (lines[half], lines[~half])]
    both = pd.concat(halves, axis=1, keys=["a", "b"]).reindex(cells).dropna()
    return reliability(both["a"], both["b"])


def icews_reliability(shared: Path, cells: pd.MultiIndex, rng: np.random.Generator) -> float:
    """Halves of ICEWS' events drawn at random (binomial thinning of its counts)."""
    counts = pd.read_csv(shared / "series" / "icews_directed_dyad_year_2002_2011.csv.gz")
    quads = ["verbCoop", "matlCoop", "verbConf", "matlConf"]
    low, high = counts[["source", "target"]].min(axis=1), counts[["source", "target"]].max(axis=1)
    counts = counts.assign(dyad=low + "-" + high, date=counts["year"].astype(str) + "-01-01")
    counts = counts.groupby(["dyad", "date"])[quads].sum().reindex(cells).dropna().astype(int)
    half = rng.binomial(counts.to_numpy(), 0.5)
    shares = [part[:, 2:].sum(1) / np.maximum(part.sum(1), 1) for part in (half, counts.to_numpy() - half)]
    return reliability(*map(pd.Series, shares))


def against_icews(shared: Path, events: pd.DataFrame) -> dict:
    evaluator, reference = (
        shared / "evaluate" / "series.py",
        shared / "series" / "icews_conflict_share_year_2002_2011.csv",
    )
    named, rng = named_lines(shared), np.random.default_rng(0)
    lines = with_tension(named, events)
    poles = with_tension(named, events.assign(intensity=events["p_cooperation"] - events["p_conflict"]))
    rows = {
        "conflict": pooled(poles),
        "net": pooled(lines),
        "net_per_line": by_year(lines.fillna({"tension": 0.0})),
        "keywords": by_year(lines.assign(tension=lines["keywords"])),
    }
    scores = {name: evaluated(evaluator, row, reference) for name, row in rows.items()}
    ours, table = scores["net"], {name: score["tension"] for name, score in scores.items()}
    table["bare_count"] = ours["n"]
    table = {name: row | {"dyad_years": ours["dyad_periods"], "dyads": ours["dyads"]} for name, row in table.items()}
    years = tension.aggregate(events, "Y", min_n=1).reset_index().rename(columns={"n_stories": "n"})
    alone = evaluated(evaluator, years.assign(date=years["date"].dt.strftime("%Y-%m-%d")), reference)
    table["net_of_five_stories"] = alone["tension"] | {"dyad_years": alone["dyad_periods"], "dyads": alone["dyads"]}
    counted = pooled(lines).query("n >= @LEAST").merge(pd.read_csv(reference)[["dyad", "date"]])
    cells = pd.MultiIndex.from_frame(counted[["dyad", "date"]])
    halves = {
        "ours": own_reliability(lines, cells, rng),
        "icews": icews_reliability(shared, cells, rng),
    }
    yearly = tension.aggregate(events, "Y", min_n=1)
    lags = lead_lag(yearly, pd.read_csv(reference), min_n=3, most=2)
    return {
        "table": table,
        "split_half_reliability": halves,
        "ceiling": round(float(np.sqrt(halves["ours"] * halves["icews"])), 3),
        "lead_lag_within": {str(lag): round(float(rho), 3) for lag, rho in lags["rho"].items()},
    }


def disputes(shared: Path) -> pd.DataFrame:
    """Militarised disputes by undirected dyad in ISO codes: `dyad`, `start`, `end`; an unknown day is the month's first or last."""
    with data_path("actors", "states.csv").open(encoding="utf-8", newline="") as rows:
        iso = {int(row["cow"]): row["iso3"] for row in csv.DictReader(rows) if row["cow"] and not row["end"]}
    mids = pd.read_csv(shared / "series" / "mid_dyadic_disputes_1990_2014.csv")
    mids = mids[(mids["statea"] < mids["stateb"]) & (mids["endyear"] >= 2002)]
    mids = mids[mids["statea"].isin(iso) & mids["stateb"].isin(iso)]
    days = {}
    for name, prefix, year in (("start", "strt", "yr"), ("end", "end", "year")):
        parts = {
            "year": mids[f"{prefix}{year}"],
            "month": mids[f"{prefix}mnth"],
            "day": mids[f"{prefix}day"].clip(lower=1),
        }
        first = pd.to_datetime(parts)
        unknown = mids[f"{prefix}day"] < 1
        days[name] = first.where(~unknown | (name == "start"), first + pd.offsets.MonthEnd(0))
    dyads = ["-".join(sorted((iso[a], iso[b]))) for a, b in zip(mids["statea"], mids["stateb"], strict=True)]
    return pd.DataFrame({"dyad": dyads, **days})


def against_disputes(shared: Path, events: pd.DataFrame) -> dict:
    monthly = tension.aggregate(events[events["date"] < "2015-01-01"], "M", min_n=1)
    found = disputes(shared)
    result = {}
    for least in (1, 3):
        table = episodes(monthly, found, min_n=least)
        result[f"at_least_{least}_stories"] = {
            **{row: {k: round(float(v), 3) for k, v in table.loc[row].items()} for row in table.index},
            "p_value": round(table.attrs["p_value"], 4),
        }
    return {"disputes": len(found), "dyads": int(found["dyad"].nunique()), **result}


def against_volume(shared: Path, events: pd.DataFrame) -> dict[str, float]:
    """Within-dyad Spearman correlation of measures and of the count of stories with the lines of the month."""
    dates = pd.Series(
        [row["date"][:7] for row in corpus_lines(shared / "corpora" / "current_events.jsonl.gz").values()]
    )
    volume = dates.value_counts().sort_index()
    volume.index = pd.to_datetime(volume.index + "-01")
    result = {}
    for measure in ("net", "conflict", "logratio", "share"):
        series = tension.aggregate(events, "M", measure=measure, volume=volume if measure == "share" else None)
        cells = series.dropna(subset=["tension"]).assign(
            lines=lambda s: volume.reindex(s.index.get_level_values("date")).to_numpy()
        )
        often = cells[cells.groupby(level="dyad")["tension"].transform("size") >= 12]
        inner = often[["tension", "n_stories", "lines"]] - often.groupby(level="dyad")[
            ["tension", "n_stories", "lines"]
        ].transform("mean")
        result[measure] = round(float(inner["tension"].rank().corr(inner["lines"].rank())), 3)
    counted = round(float(inner["n_stories"].rank().corr(inner["lines"].rank())), 3)
    return result | {
        "number_of_stories": counted,
        "dyad_months": len(often),
        "dyads": int(often.index.get_level_values("dyad").nunique()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--events", type=Path, default=EVENTS, help="events of the corpus, from benchmarks/corpus.py")
    arguments = parser.parse_args()
    if not arguments.events.is_file():
        sys.exit(f"{arguments.events} is not there; run benchmarks/corpus.py first")
    events = read_events(arguments.events)
    figures = {
        "icews": against_icews(arguments.shared, events),
        "volume": against_volume(arguments.shared, events),
        "disputes": against_disputes(arguments.shared, events),
    }
    print(write_result("validity", figures).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
