import json
import logging

import pandas as pd
import pytest
from clerk import Clerk

from tension.errors import InputError, OptionError, StoreBusyError
from tension.store.watch import watch
from tension.update import update

ROWS = [
    {"id": f"a{i}", "date": f"2013-05-{1 + i % 28:02d}", "text": f"CHN ACCUSE JPN over matter {i} of many"}
    for i in range(30)
]


@pytest.fixture
def folder(tmp_path):
    """Two files of news: ten articles as JSON Lines with two bad lines, twenty as CSV, two of them known from the first."""
    news = tmp_path / "news"
    news.mkdir()
    lines = [json.dumps(row) for row in ROWS[:10]]
    (news / "a.jsonl").write_text(
        "\n".join([*lines, "{broken", '{"id": "x", "text": "CHN ACCUSE JPN"}']) + "\n", encoding="utf-8"
    )
    pd.DataFrame(ROWS[8:28]).to_csv(news / "b.csv", index=False)
    return news


def test_what_is_new_goes_in_and_the_rest_is_accounted_for(folder, open_store, tmp_path):
    store, rejects = open_store(Clerk()), tmp_path / "rejects.jsonl"
    done = update(store, folder, rejects=rejects)
    assert (done.state, done.articles, done.known, done.events) == ("done", 28, 2, 28)
    assert done.rejected == {"no record": 1, "no date": 1}
    told = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert told[0]["source"].endswith("a.jsonl")
    assert (told[0]["row"], told[0]["cause"]) == (11, "no record")
    assert [row["id"] for row in told] == ["", "x"]
    again = update(store, folder)
    assert (again.articles, again.known, again.events) == (0, 30, 0)
    assert json.loads(again.as_json())["rejected"] == {"no record": 1, "no date": 1}
    assert store.runs()["counts"][0] == {
        "articles": 28,
        "events": 28,
        "known": 2,
        "rejected": {"no record": 1, "no date": 1},
    }


def test_a_dry_run_writes_nothing(folder, open_store):
    store = open_store(Clerk())
    done = update(store, folder, dry_run=True)
    assert (done.run, done.articles) == (None, 28)
    assert store.runs().empty
    assert store.events().empty


def test_a_window_of_dates_and_a_date_for_those_without(folder, open_store):
    store = open_store(Clerk())
    done = update(store, folder, since="2013-05-05", until="2013-05-08", date="2013-05-06")
    assert done.articles == 3 + 1
    assert done.outside == 27
    assert done.rejected == {"no record": 1}


def test_enough_and_stopped_runs_go_on(folder, open_store, monkeypatch):
    monkeypatch.setattr("tension.update.BATCH", 4)
    store = open_store(Clerk())
    assert update(store, folder, max_articles=6).state == "enough"
    assert len(store.events()) == 6
    stopped = update(store, folder, stop=lambda: len(store.events()) >= 12)
    assert stopped.state == "stopped"
    assert 12 <= len(store.events()) < 28
    rest = update(store, folder)
    assert rest.state == "done"
    assert len(store.events()) == 28
    assert store.events()["article_id"].is_unique


def test_a_second_run_does_not_wait_unless_told(folder, open_store):
    first, second = open_store(Clerk()), open_store(Clerk())
    with first.run(), pytest.raises(StoreBusyError, match="being written to by process"):
        update(second, folder)


def test_a_run_says_what_it_does(folder, open_store, caplog):
    with caplog.at_level(logging.INFO, logger="tension"):
        update(open_store(Clerk()), folder)
    assert "done: 28 new, 2 known, 28 events, 2 rejected" in caplog.text


def test_a_new_version_says_once_which_articles_it_cannot_score(folder, open_store, caplog):
    open_store(Clerk(), keep_texts=False).add([row | {"id": f"old {row['id']}"} for row in ROWS[:3]])
    second = open_store(Clerk("clerk 2"))
    update(second, folder, max_articles=20)
    assert "3 articles are scored by other versions only and their words were not kept" in caplog.text
    caplog.clear()
    update(second, folder)
    assert "not kept" not in caplog.text


def test_sources_that_are_not_there_raise_before_anything_is_written(open_store, tmp_path):
    store = open_store(Clerk())
    with pytest.raises(InputError, match="nowhere"):
        update(store, tmp_path / "nowhere.jsonl")
    with pytest.raises(OptionError, match="jsonl"):
        update(store, tmp_path, rejects=tmp_path / "rejects.csv")
    assert store.runs().empty


def test_a_folder_without_news_yet_is_no_error(open_store, tmp_path):
    store = open_store(Clerk())
    (tmp_path / "later").mkdir()
    assert update(store, [tmp_path / "later", tmp_path / "later" / "*.jsonl"]).articles == 0


def weeks(root, first, n, per_week=4):
    """Articles of one dyad, so many a week, each another story."""
    return [
        {"id": f"{root}{week}-{i}", "date": (pd.Timestamp(first) + pd.Timedelta(weeks=week, days=i)).isoformat(),
         "text": f"CHN {root if (week * per_week + i) % 5 else 'AGREE'} JPN over matter {root} {week} {week * 7 + i} {i * i}"}
        for week in range(n) for i in range(per_week)
    ]  # fmt: skip


def test_an_alarm_is_told_once_and_by_each_watch(open_store):
    store = open_store(Clerk())
    store.add(weeks("AGREE", "2013-01-07", 5) + weeks("ACCUSE", "2013-02-11", 14))
    assert watch(store, "CHN-JPN").empty
    store.add(weeks("AGREE", "2013-05-20", 2))
    assert watch(store, "CHN-JPN", peek=True)["date"].tolist() == [pd.Timestamp("2013-05-20")]
    told = watch(store, "CHN-JPN")
    assert told["dyad"].tolist() == ["CHN-JPN"]
    assert (told["deviation"] < 0).all()
    assert (told["p_value"] < 0.01).all()
    assert watch(store, "CHN-JPN").empty
    assert len(watch(store, name="mail")) == 1
    assert watch(store, "CHN-USA", name="other").empty
    assert watch(store, ["CHN-USA", "JPN-CHN"], name="other").attrs["unseen"] == ["CHN-USA"]
    assert watch(store, ["CHN->USA", "CHN->JPN", "USA-JPN"], directed=True, name="other").attrs["unseen"] == ["CHN->USA", "USA-JPN"]


def test_a_date_in_the_future_silences_no_watch(open_store, monkeypatch):
    store, slip = open_store(Clerk()), {"id": "slip", "date": "2031-05-01", "text": "USA AGREE GBR about tea"}
    monkeypatch.setattr("tension.store.watch.now", lambda: pd.Timestamp("2013-05-26").to_pydatetime())
    store.add(weeks("AGREE", "2013-01-07", 5) + weeks("ACCUSE", "2013-02-11", 14))
    assert watch(store).empty
    store.add([slip])
    assert watch(store).empty
    assert watch(store, "GBR-USA").attrs["unseen"] == []
    store.add(weeks("AGREE", "2013-05-20", 1))
    assert watch(store)["date"].tolist() == [pd.Timestamp("2013-05-20")]
    assert watch(store).empty


def test_a_watch_that_saw_the_future_begins_anew(open_store, monkeypatch):
    store, slip = open_store(Clerk()), {"id": "slip", "date": "2031-05-01", "text": "USA AGREE GBR about tea"}
    store.add([*weeks("ACCUSE", "2013-02-11", 14), slip])
    with monkeypatch.context() as later:
        later.setattr("tension.store.watch.now", lambda: pd.Timestamp("2031-06-01").to_pydatetime())
        watch(store)
    store.add(weeks("AGREE", "2013-05-20", 1))
    monkeypatch.setattr("tension.store.watch.now", lambda: pd.Timestamp("2013-05-26").to_pydatetime())
    assert watch(store)["date"].tolist() == [pd.Timestamp("2013-05-20")]


def test_a_directed_dyad_is_watched_on_request(open_store):
    store = open_store(Clerk())
    store.add(weeks("ACCUSE", "2013-02-11", 14) + weeks("AGREE", "2013-05-20", 1))
    with pytest.raises(OptionError, match="directed"):
        watch(store, "CHN->JPN")
    assert watch(store, "CHN->JPN", directed=True)["dyad"].tolist() == ["CHN->JPN"]
