"""The tables of figures in README.md and in the model card, written from benchmarks/results, between `<!-- name -->` and `<!-- /name -->`.

    python benchmarks/tables.py [--check]
"""

import argparse
import json
import re
import sys

from common import RESULTS

from tension.resources import model_path

ROOT = RESULTS.parent.parent
LEVELS = ("dyad", "directed", "binary")
CODED = ("binary", "quad", "root")


def result(name: str) -> dict:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["figures"]


def shipped(file: str) -> dict:
    return json.loads((model_path(None) / file).read_text(encoding="utf-8"))


def f1(figures: dict, *levels: str) -> str:
    return " / ".join(f"{figures[level]['f1']}" for level in levels)


def precision_recall(figures: dict, *levels: str) -> str:
    """Of each level "precision and recall"."""
    return " / ".join(f"{figures[level]['precision']} and {figures[level]['recall']}" for level in levels)


def figures_table() -> str:
    """How good the model is: what, figure, n."""
    rows = [*_lines(), *_articles(), *_pairs(), *_embedding()]
    return "\n".join(
        ["| what | figure | n |", "|---|---|---|", *(f"| {what} | {figure} | {n} |" for what, figure, n in rows)]
    )


def _lines() -> list[tuple]:
    test, dev = result("gold_test"), result("gold_dev")
    bounds = (test["f1_intervals"][level] for level in LEVELS)
    held_out = shipped("metrics.json")["held_out"]
    return [
        (
            "events in daily news lines, test half of our gold: dyad / directed / directed with pole, F1",
            f1(test, *LEVELS),
            _gold(test),
        ),
        ("the same: 90 % intervals, lines drawn anew", " / ".join(f"{low}–{high}" for low, high in bounds), ""),
        ("the development half: dyad / directed / directed with pole, F1", f1(dev, *LEVELS), _gold(dev)),
        ("the test half: quad class / root, F1", f1(test, "quad", "root"), test["root"]["gold"]),
        (
            "the same: silent on lines without any event",
            f"{test['silent']['share']} %",
            f"{test['silent']['uids']} lines",
        ),
        ("the same: status right", f"{test['status']['accuracy']} %", test["status"]["n"]),
        (
            "held-out annotated lines: event F1 / calibration error",
            f"{held_out['event_f1']} / {held_out['calibration_error']}",
            f"{held_out['n_pairs']} pairs",
        ),
    ]


def _gold(figures: dict) -> str:
    return " / ".join(str(figures[level]["gold"]) for level in LEVELS) + " events in 325 lines"


def _articles() -> list[tuple]:
    test, kept, leads, example = (result(name) for name in ("articles_test", "articles_kept_out", "articles_leads", "article"))
    both, only = ("directed", "binary"), "the same, events whose sides only the article tells"
    agency, retold = example["kyodo-2019-01-24"], example["japan-china-dialogue"]
    return [
        (
            "ten articles of our own (test half), directed / directed with pole, precision and recall",
            precision_recall(test["all"], *both),
            test["all"]["binary"]["gold"],
        ),
        (only, precision_recall(test["context"], *both), test["context"]["binary"]["gold"]),
        (
            "85 harder articles of our own, kept out of training, directed / directed with pole, precision and recall",
            precision_recall(kept["all"], *both),
            kept["all"]["binary"]["gold"],
        ),
        (only, precision_recall(kept["context"], *both), kept["context"]["binary"]["gold"]),
        (
            "86 leads kept out of training, what sentences that name nobody tell, directed / directed with pole, precision and recall",
            precision_recall(leads["context"], *both),
            leads["context"]["binary"]["gold"],
        ),
        (
            "the example article (agency original), directed with pole, precision and recall",
            precision_recall(agency, "binary"),
            agency["binary"]["gold"],
        ),
        ("its retelling under seeds/", precision_recall(retold, "binary"), retold["binary"]["gold"]),
    ]


def _pairs() -> list[tuple]:
    plv, behaviour, named, names = (result(n) for n in ("relations_cv", "behaviour", "judgement_test", "neutrality"))
    error = named["held_out_calibration_error"]
    coded = {
        "as_shipped": "PLV training rows, pairs given, the model as shipped: binary / quad / root, macro F1",
        "no_plv_row_seen": "the same, trained on with our own pairs told in that coding, no PLV row seen",
        "five_fold": "the same, then with the rows of four folds, asked about the fifth",
    }
    return [
        *(
            (what, " / ".join(f"{plv[name][level]['macro_f1']:.2f}" for level in CODED), plv[name]["root"]["n"])
            for name, what in coded.items()
        ),
        ("contrast cases where words mislead, pole right", f"{behaviour['right']} %", behaviour["n"]),
        (
            "named pairs of the gold lines (test half): event or none, F1",
            named["event_f1"],
            f"{named['events']} events of {named['pairs']} pairs",
        ),
        (
            "the same, given an event: pole / root right",
            f"{named['pole_given_event']} % / {named['root_given_event']} %",
            named["events"],
        ),
        (
            "the same: root macro F1 / intensity, Spearman",
            f"{named['root_macro_f1']} / {named['intensity_spearman']}",
            named["events"],
        ),
        (
            "the same: expected calibration error of the event / of the most probable class",
            f"{named['calibration_error_event']} / {named['calibration_error']}",
            named["pairs"],
        ),
        (
            "held-out annotated lines, halves crosswise: calibration error of the event by temperature / with offset / isotonic",
            " / ".join(str(error[way]) for way in ("temperature", "offset", "isotonic")),
            "",
        ),
        (
            "other states put into the contrast cases: conflict probability changed by more than 0.05",
            names["changed_by_more_than_0.05"],
            names["renamed_sentences"],
        ),
    ]


def _embedding() -> list[tuple]:
    found = result("similarity")
    ours, base = found["tension"], found["base"]
    shares = (f"{100 * side['paraphrase_first']:.1f} %" for side in (ours, base))
    return [
        (
            "`embed`: Spearman with the mean of two ratings of similarity (base encoder)",
            f"{ours['spearman']} ({base['spearman']})",
            f"{found['rated_pairs']} pairs",
        ),
        ("`embed`: paraphrase found among 1,000 (base encoder)", "{} ({})".format(*shares), found["paraphrases"]),
    ]


def groups_table() -> str:
    """Contrast cases right by group, worst first."""
    groups = sorted(result("behaviour")["by_group"].items(), key=lambda item: (item[1], item[0]))
    return "\n".join(["| group | right |", "|---|---|", *(f"| {name} | {right} |" for name, right in groups)])


def calibration_note() -> str:
    """How the shipped model was calibrated."""
    settings, held_out = shipped("tension.json"), shipped("metrics.json")["held_out"]
    return (
        f'Calibrated by temperature ({settings["temperature"]:.2f}) and an offset of "no event" ({settings["none_offset"]:.2f}) on the '
        "held-out lines;\n"
        f"expected calibration error {held_out['calibration_error']} there, which is where they were fitted."
    )


TABLES = {"figures": figures_table, "groups": groups_table, "calibration": calibration_note}


def filled(text: str) -> str:
    """A document with what stands between its markers written anew."""
    for name, table in TABLES.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.S)
        text = marked.sub(lambda m, table=table: m[1] + table() + m[2], text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a document does not say what the results say"
    )
    arguments = parser.parse_args()
    for document in (ROOT / "README.md", model_path(None) / "README.md"):
        before = document.read_text(encoding="utf-8")
        if filled(before) != before:
            if arguments.check:
                sys.exit(
                    f"{document.relative_to(ROOT)} does not say what benchmarks/results say; run python benchmarks/tables.py"
                )
            document.write_text(filled(before), encoding="utf-8")


if __name__ == "__main__":
    main()
