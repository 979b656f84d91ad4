import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.files import read_events, read_frame, write_frame
from tension.records import EVENT_DTYPES
from tension.tally import STAGES

ROWS = [
    {"id": "1", "date": "2013-05-01", "text": "China condemned Japan over the visit."},
    {"id": "2", "date": "2013-05-02", "text": "Japan condemned China over the patrols."},
    {"id": "3", "date": "2013-05-03", "text": "China and Japan held talks in Osaka."},
]


def run(*arguments, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tension.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


@pytest.fixture
def articles(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_score_then_series(articles, tmp_path, suffix):
    events, series, picture = tmp_path / f"events{suffix}", tmp_path / f"series{suffix}", tmp_path / "picture.png"
    done = run("score", articles, "-o", events)
    assert (done.returncode, done.stdout) == (0, "")
    assert "3 articles" in done.stderr
    frame = read_frame(events)
    assert list(frame.columns) == list(EVENT_DTYPES)
    assert {"CHN", "JPN"} == set(frame["source"])
    grid = tmp_path / "grid.png"
    done = run("series", events, "-o", series, "--plot", picture, "--heatmap", grid)
    assert done.returncode == 0, done.stderr
    assert read_frame(series)["dyad"].tolist() == ["CHN-JPN"]
    assert picture.stat().st_size > 5000
    assert grid.stat().st_size > 3000
    assert run("series", events, "-o", series, "--dyad", "JPN-CHN", "--plot", picture).returncode == 0
    assert read_frame(series)["dyad"].tolist() == ["CHN-JPN"]
    assert "no event" not in run("series", events, "-o", series, "--dyad", "CHN-USA").stderr  # a quiet pair
    assert read_frame(series).empty
    told = run("series", events, "-o", series, "--dyad", "chn-jpn", "--dyad", "JPN->CHN").stderr.splitlines()
    assert told[0].startswith("the file has no event of chn-jpn")
    assert len(told) == 2
    month = f"{pd.Timestamp(frame['date'].max()):%Y-%m}"
    told = run("explain", events, "CHN-JPN", month)
    assert told.returncode == 0, told.stderr
    assert "CHN->JPN" in told.stdout
    assert run("explain", events, "JPN-CHN", month, "-o", series).returncode == 0
    assert len(read_frame(series)) == len(told.stdout.splitlines())
    missing = run("explain", events, "CHN-JPN", "1999-01")
    assert missing.returncode == 2
    assert "has no event in 1999-01" in missing.stderr
    assert run("explain", events, "CHN-JPN", month, "--as-of", "2020-01-01").returncode == 2


def test_what_a_terminal_cannot_show_is_told_in_escapes(tmp_path):
    write_frame(frame_of(event(text="“China” accuses Japan in Łódź.")), tmp_path / "events.csv")
    done = run("explain", tmp_path / "events.csv", "CHN-JPN", "2019", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert r"\u201cChina\u201d accuses Japan in \u0141\xf3d\u017a." in done.stdout


def test_two_workers_write_what_one_writes_and_say_where_the_time_went(articles, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    run("score", articles, "-o", one)
    done = run("score", articles, "-o", two, "--workers", 2, "--profile")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stderr.splitlines()[-7:]] == list(STAGES)
    pd.testing.assert_frame_equal(read_events(one), read_events(two), rtol=0, atol=1e-5)


def test_the_encoder_goes_into_a_file(tmp_path):
    done = run("export", "-o", tmp_path / "encoder.onnx")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "encoder.onnx").stat().st_size > 50_000_000
    assert "no folder" in run("export", "-o", tmp_path / "nowhere" / "encoder.onnx").stderr


def test_own_names_and_organisations_from_the_command_line(tmp_path):
    articles, names, events = tmp_path / "a.jsonl", tmp_path / "names.csv", tmp_path / "events.csv"
    rows = [
        {"date": "2021-05-01", "text": "Neverland condemned Japan."},
        {"date": "2021-05-01", "text": "NATO condemned Russia."},
    ]
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    names.write_text("alias,iso3,kind\nNeverland,NVL,name\n", encoding="utf-8")
    assert run("score", articles, "-o", events, "--names", names, "--organisations", "actors").returncode == 0
    assert read_frame(events)[["source", "target"]].to_numpy().tolist() == [["NVL", "JPN"], ["NATO", "RUS"]]
    done = run("score", articles, "-o", events, "--organisations", "everything")
    assert done.returncode != 0
    assert "members" in done.stderr


def test_a_broken_line_is_rejected_the_rest_scored_and_the_exit_code_says_so(articles, tmp_path):
    lines = articles.read_text(encoding="utf-8").splitlines()
    articles.write_text(
        "\n".join([lines[0], '{"id": "broken', *lines[1:], '{"id": "4", "text": ""}']) + "\n", encoding="utf-8"
    )
    done = run("score", articles, "-o", tmp_path / "events.csv", "--rejects", tmp_path / "rejects.jsonl")
    assert done.returncode == 3
    assert "line 2" in done.stderr
    assert set(read_frame(tmp_path / "events.csv")["article_id"].astype(str)) == {"1", "2", "3"}
    rejects = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["id"] for r in rejects] == ["", "4"]


def test_embed_and_classify(articles, tmp_path):
    assert run("embed", articles, "-o", tmp_path / "vectors.parquet").returncode == 0
    vectors = pd.read_parquet(tmp_path / "vectors.parquet")
    assert vectors.shape == (3, 385)
    assert np.allclose(np.linalg.norm(vectors.drop(columns="id"), axis=1), 1, atol=1e-4)
    asked = tmp_path / "asked.csv"
    asked.write_text("text,source,target\nChina condemned Japan.,China,Japan\n", encoding="utf-8")
    assert run("classify", asked, "-o", tmp_path / "classes.csv").returncode == 0
    assert read_frame(tmp_path / "classes.csv")["quad"].tolist() == ["VCONF"]


def test_a_source_alone_is_a_publisher_and_an_embedding_asks_about_no_sides(tmp_path):
    published, events = tmp_path / "published.jsonl", tmp_path / "events.csv"
    published.write_text('{"id": null, "source": "Reuters", "text": "India condemned Pakistan."}\n', encoding="utf-8")
    events.write_text("source,target,text\nIND,PAK,India condemned Pakistan.\n", encoding="utf-8")
    assert run("embed", events, "-o", tmp_path / "vectors.csv").returncode == 0
    done = run("classify", published, "-o", tmp_path / "classes.csv")
    assert done.returncode == 0, done.stderr
    assert read_frame(tmp_path / "classes.csv")["id"].tolist() == ["row-1"]


def test_rows_that_cannot_be_classified_are_rejected_and_the_rest_done(tmp_path):
    asked = tmp_path / "asked.jsonl"
    rows = [
        {"text": "China condemned Japan.", "source": "China", "target": "Japan"},
        {"text": "x", "source": "a", "target": "b"},
        {"id": 3},
        {"text": "China condemned Japan.", "source": "China", "target": None},
    ]
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = run("classify", asked, "-o", tmp_path / "classes.csv")
    assert done.returncode == 3
    assert "row 2" in done.stderr
    assert "row 3" in done.stderr
    assert "row 4 has no source or no target" in done.stderr
    assert len(read_frame(tmp_path / "classes.csv")) == 1


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_file_without_events_goes_through_both_commands(tmp_path, suffix):
    path = tmp_path / "quiet.jsonl"
    path.write_text('{"text": "It rained in Peru."}\n', encoding="utf-8")
    done = run("score", path, "-o", tmp_path / f"events{suffix}")
    assert done.returncode == 0
    assert "no events" in done.stderr
    done = run("series", tmp_path / f"events{suffix}", "-o", tmp_path / "series.csv")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "nowhere.jsonl", "-o", "x.csv"], "no file"),
        (["score", "{articles}", "-o", "x.docx"], "suffix"),
        (["score", "{articles}", "-o", "{folder}/x.csv", "--date", "soon"], "2019-01-24"),
        (["score", "{articles}", "-o", "{folder}/x.csv", "--min-probability", "7"], "min_probability"),
        (["series", "{articles}", "-o", "{folder}/x.csv"], "events frame needs"),
        (["series", "{articles}"], "--out"),
        (["guess"], "No such command"),
    ],
)
def test_unusable_calls_exit_with_2_and_say_what_to_do(arguments, message, articles, tmp_path):
    done = run(*[a.format(articles=articles, folder=tmp_path) for a in arguments])
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_input_without_text_names_its_columns(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("words,when\nx,2019\n", encoding="utf-8")
    done = run("score", path, "-o", tmp_path / "events.csv")
    assert done.returncode == 2
    assert "words, when" in done.stderr


def test_a_missing_model_exits_with_2(articles, tmp_path):
    done = run("score", articles, "-o", tmp_path / "events.csv", "--model", "nowhere")
    assert done.returncode == 2
    assert "tension-minilm" in done.stderr


def test_help_teaches():
    text = run("--help").stdout
    assert all(word in text for word in ("score", "series", "embed", "classify", "Exit codes"))
    assert "text" in run("score", "--help").stdout
