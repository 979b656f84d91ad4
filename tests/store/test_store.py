import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
import sqlalchemy as sql
from clerk import Clerk

from tension.errors import OptionError, StoreBusyError, StoreError
from tension.records import validate_events
from tension.series.aggregate import aggregate
from tension.store.store import Store

ROWS = [
    {"id": "1", "date": "2013-05-01", "text": "CHN ACCUSE JPN over the visit of a minister", "publisher": "A"},
    {"id": "2", "date": "2013-05-02", "text": "JPN ACCUSE CHN over the patrols near the islands", "publisher": "A"},
    {"id": "3", "date": "2013-06-03", "text": "USA AGREE GBR on the price of tea in the port", "publisher": "B"},
    {"id": "4", "date": "2013-06-04", "text": "it rained in Peru", "publisher": "B"},
]


def test_adding_twice_changes_nothing(open_store):
    store = open_store(Clerk())
    assert store.add(ROWS) == 4
    before = store.events()
    assert store.add([*ROWS, *ROWS]) == 0
    pd.testing.assert_frame_equal(before, store.events())


def test_what_is_read_is_what_was_scored(open_store, scorer):
    rows = [
        {
            "id": "1",
            "date": "2013-05-01T10:30",
            "text": "China condemned Japan over the visit. On Monday the two countries met.",
        },
        {"id": "2", "date": "2013-05-02", "text": "Japan said last October that it would not accept China's patrols."},
    ]
    open_store(scorer).add(rows)
    events = open_store(scorer).events()
    validate_events(events)
    assert len(events) > 2
    pd.testing.assert_frame_equal(events, scorer.score(rows), check_exact=True)


def test_events_by_dyad_direction_and_date(open_store):
    store = open_store(Clerk())
    store.add(ROWS)
    assert len(store.events("JPN-CHN")) == 2
    assert store.events("JPN->CHN")["article_id"].tolist() == ["2"]
    assert set(store.events(["GBR-USA", "CHN->JPN"])["article_id"]) == {"1", "3"}
    assert set(store.events(since="2013-05-02")["article_id"]) == {"2", "3"}
    assert set(store.events(until="2013-05-02")["article_id"]) == {"1"}
    assert store.events("CHN-USA").empty
    with pytest.raises(OptionError, match="CHN-JPN"):
        store.events("CHN")
    with pytest.raises(OptionError, match="not after"):
        store.series(since="2013-05-02", until="2013-05-01")


def test_series_is_aggregate_of_events(open_store):
    store = open_store(Clerk())
    store.add(ROWS)
    for options in (
        {"min_n": 1},
        {"min_n": 1, "directed": True, "measure": "stock"},
        {"freq": "Y", "weights": "article"},
    ):
        pd.testing.assert_frame_equal(store.series(**options), aggregate(store.events(), **options))
    assert store.series("M", "CHN-JPN", min_n=1).index.tolist() == [("CHN-JPN", pd.Timestamp("2013-05-01"))]


def test_two_texts_under_one_id_are_both_kept(open_store):
    store = open_store(Clerk())
    other = ROWS[0] | {"text": "FRA AGREE DEU on fishing quotas for the coming year"}
    assert store.add([ROWS[0], other]) == 2
    assert store.add([ROWS[0], other]) == 0
    assert store.events()["text"].nunique() == 2


def test_the_same_words_of_another_day_are_news_again(open_store):
    store = open_store(Clerk())
    row = {"text": "CHN ACCUSE JPN over the islands again"}  # without an id it is named after its words
    assert store.add([row | {"date": "2013-05-01"}, row | {"date": "2013-11-01"}]) == 2
    assert store.add([row | {"date": "2013-05-01"}, row | {"date": "2013-11-01"}]) == 0
    assert store.series("M", min_n=1)["n_stories"].tolist() == [1, 1]


def test_a_corrected_text_takes_the_place_of_the_first(open_store):
    store = open_store(Clerk())
    store.add(ROWS[:2])
    store.add([ROWS[0] | {"text": "CHN AGREE JPN over the visit of a minister"}])
    assert store.events("CHN->JPN")["root"].tolist() == ["AGREE"]
    assert store.add(ROWS[:2]) == 0  # the first text comes again: it is known
    assert store.events("CHN->JPN")["root"].tolist() == ["AGREE"]


def test_a_wire_copy_of_an_earlier_call_tells_its_story(open_store):
    store = open_store(Clerk())
    store.add(ROWS[:1])
    copy = {"id": "copy", "date": "2013-05-03", "text": ROWS[0]["text"], "publisher": "C"}
    late = copy | {"id": "late", "date": "2013-11-01"}
    store.add([copy, late])
    assert store.events()["story"].tolist() == ["1@2013-05-01", "1@2013-05-01", "late@2013-11-01"]
    assert store.series("M", min_n=1)["n_stories"].tolist() == [1, 1]


def test_one_call_or_many_tell_the_same_stories(open_store, tmp_path):
    rows = [ROWS[i % 3] | {"id": str(i), "date": f"2013-05-{1 + i % 9:02d}"} for i in range(40)]
    at_once, piecemeal = open_store(Clerk()), Store(tmp_path / "other.db", Clerk())
    at_once.add(rows)
    for row in rows:
        piecemeal.add(row)
    assert at_once.events()["story"].tolist() == piecemeal.events()["story"].tolist()
    piecemeal.close()


def test_what_cannot_be_kept_is_listed_with_its_reason(open_store):
    store = open_store(Clerk())
    assert store.add(["", {"text": "China condemned Japan."}, {"text": "x", "date": "soon"}]) == 0
    assert [s.cause for s in store.skipped] == ["no text", "no date", "no date"]
    assert [s.row for s in store.skipped] == [0, 1, 2]


def test_another_version_scores_into_rows_of_its_own(open_store):
    first = open_store(Clerk())
    first.add(ROWS)
    second = open_store(Clerk("clerk 2"))
    with pytest.raises(StoreError, match=r"clerk 1.*rescore"):
        second.events()
    assert second.left() == 4
    assert second.rescore() == 4
    assert second.left() == second.rescore() == 0
    assert second.events()["model"].unique().tolist() == ["clerk 2"]
    assert first.events()["model"].unique().tolist() == ["clerk 1"]
    pd.testing.assert_frame_equal(second.events(model="clerk 1"), first.events())
    assert second.versions()["articles"].tolist() == [4, 4]


def test_a_rescore_that_is_told_to_stop_says_so_and_goes_on(open_store, monkeypatch):
    monkeypatch.setattr("tension.store.store.BATCH", 2)
    open_store(Clerk()).add(ROWS)
    second = open_store(Clerk("clerk 2"))
    assert second.rescore(stop=lambda: second.left() <= 2) == 2
    assert second.runs()["state"].tolist() == ["done", "stopped"]
    assert second.rescore(stop=lambda: second.left() == 0) == 2
    assert second.runs()["state"].iloc[-1] == "done"


def test_options_make_a_version(open_store):
    open_store(Clerk()).add(ROWS)
    careful = open_store(Clerk(min_probability=0.9))
    assert careful.add(ROWS) == 4
    with pytest.raises(OptionError, match="several versions"):
        careful.events(model="clerk 1")
    assert len(careful.events(model=1)) == len(careful.events()) == 3
    with pytest.raises(OptionError, match="no version"):
        careful.events(model="clerk 9")


def test_without_texts_nothing_can_be_scored_again_but_from_files(open_store):
    open_store(Clerk(), keep_texts=False).add(ROWS)
    open_store(Clerk()).add([ROWS[0] | {"id": "9", "date": "2013-07-01"}])
    second = open_store(Clerk("clerk 2"))
    assert (second.rescore(), second.left(), second.lost()) == (1, 0, 4)
    assert second.add(ROWS[1:]) == 3
    assert second.lost() == 1
    corrected = ROWS[0] | {"text": "CHN AGREE JPN over the visit of a minister"}
    assert second.add([corrected]) == 1
    assert second.lost() == 0  # no series counts what was corrected


def at(monkeypatch, moment):
    """The store's clock."""
    when = pd.Timestamp(moment).to_pydatetime()
    monkeypatch.setattr("tension.store.store.now", lambda: when)


def test_as_of_gives_what_was_known(open_store, monkeypatch):
    store = open_store(Clerk())
    at(monkeypatch, "2013-06-10T12:00")
    store.add(ROWS[:3])
    at(monkeypatch, "2013-07-01T00:00")
    store.add([{"id": "9", "date": "2013-05-05", "text": "CHN ASSAULT JPN on the high seas by night"}])
    store.add([ROWS[1] | {"text": "JPN AGREE CHN over the patrols near the islands"}])
    then = store.events(as_of="2013-06-30")
    assert then["article_id"].tolist() == ["1", "2", "3"]
    assert then.loc[1, "root"] == "ACCUSE"
    assert store.events(as_of="2013-06-10T12:00").empty
    assert len(store.events(as_of="2013-06-10")) == 3
    assert store.series("M", "CHN-JPN", as_of="2013-06-30", min_n=1)["n_stories"].tolist() == [2]
    assert store.series("M", "CHN-JPN", min_n=1)["n_stories"].tolist() == [3]
    listed = store.revisions("2013-06-30")
    assert listed[["kind", "id"]].to_numpy().tolist() == [["late", "9"], ["corrected", "2"]]
    assert store.revisions("2013-07-02").empty
    assert store.revisions("2013-06-30", "2013-07-01").empty


def test_a_version_scored_later_keeps_the_days_articles_came(open_store, monkeypatch):
    at(monkeypatch, "2013-06-10")
    open_store(Clerk()).add(ROWS[:2])
    at(monkeypatch, "2013-07-01")
    second = open_store(Clerk("clerk 2"))
    second.rescore()
    assert len(second.events(as_of="2013-06-20")) == 2


def test_every_run_leaves_a_row(open_store):
    store = open_store(Clerk())
    store.add(ROWS)
    with pytest.raises(ZeroDivisionError), store.run():
        raise ZeroDivisionError
    runs = store.runs()
    assert runs["state"].tolist() == ["done", "failed"]
    assert runs["counts"][0] == {"articles": 4, "events": 3, "known": 0}
    assert str(os.getpid()) in runs["holder"][0]


def test_two_writers_one_waits_or_says_who_holds_it(open_store):
    first, second = open_store(Clerk()), open_store(Clerk(), wait=0.2)
    with first.run():
        with pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
            second.add(ROWS)
        assert second.events().empty
    waiting = open_store(Clerk(), wait=20)
    held = threading.Event()

    def hold():
        with first.run():
            held.set()
            threading.Event().wait(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    assert waiting.add(ROWS) == 4
    thread.join()


def test_a_failed_batch_leaves_the_ones_before_it(open_store, monkeypatch):
    monkeypatch.setattr("tension.store.store.BATCH", 2)
    broken = Clerk()
    store, score = open_store(broken), broken.score

    def fail_at_3(articles, stories=None):
        if any(article.id == "3" for article in articles):
            raise RuntimeError("stop")
        return score(articles, stories)

    broken.score = fail_at_3
    with pytest.raises(RuntimeError, match="stop"):
        store.add(ROWS)
    assert set(store.events()["article_id"]) == {"1", "2"}
    broken.score = score
    assert store.add(ROWS) == 2
    assert len(store.events()) == 3


def test_a_password_is_never_shown(tmp_path):
    with pytest.raises(StoreError) as error:
        Store("postgresql://me:s3cret@127.0.0.1:1/news")
    assert "s3cret" not in str(error.value)
    assert "no server answers" in str(error.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("abacus://here/db", "SQLite or PostgreSQL"),
        ("postgresql://me:p@ss@here/db", "%40"),
        ("://", "no database URL"),
        ("", "no database URL"),
        ("postgres:/me@here/db", "no database URL"),
        ("sqlite:////nowhere/at/all.db", "folder"),
    ],
)
def test_what_is_no_store_says_so(url, message):
    with pytest.raises(StoreError, match=message):
        Store(url)


def test_the_file_is_private(tmp_path):
    with Store(tmp_path / "news.db", Clerk()) as store:
        store.add(ROWS)
        files = sorted(tmp_path.iterdir())
        assert {p.name for p in files} >= {"news.db", "news.db-wal", "news.db.lock"}
        assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "news.db"
    path.write_text("not a database at all" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"news\.db.*something else"):
        Store(path)
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tension.store.store.BATCH", 50)
    store = Store(tmp_path / "news.db", Clerk())
    rows = [
        {"id": str(i), "date": "2013-05-01", "text": f"CHN ACCUSE JPN over matter {i} " + f"{i} " * 400}
        for i in range(800)
    ]
    engine = store._engine

    @sql.event.listens_for(engine, "connect")
    def small(connection, _record):
        connection.execute("PRAGMA max_page_count=200")

    engine.dispose()
    with pytest.raises(StoreError, match="free some space"):
        store.add(rows)
    kept = len(store.events())
    assert 0 < kept < 800
    assert kept % 50 == 0
    store.close()
    again = Store(tmp_path / "news.db", Clerk())
    assert again.add(rows) == 800 - kept
    assert again.events()["article_id"].is_unique
    again.close()


def test_a_store_that_may_only_be_read_is_read(tmp_path):
    with Store(tmp_path / "news.db", Clerk()) as store:
        store.add(ROWS)
    with Store(f"sqlite:///file:{tmp_path / 'news.db'}?mode=ro&uri=true", Clerk()) as reader:
        assert len(reader.events()) == 3
        with pytest.raises(StoreError, match=r"only read.*immutable=1"):
            reader.add(ROWS)
    with Store(f"sqlite:///file:{tmp_path / 'news.db'}?mode=ro&immutable=1&uri=true", Clerk()) as reader:
        assert len(reader.events()) == 3


def test_a_sentinel_date_and_an_endless_id_stop_nothing(open_store):
    store = open_store(Clerk())
    odd = [ROWS[0] | {"date": "9999-12-31"}, ROWS[0] | {"date": "0001-01-01"}, ROWS[0] | {"id": "x" * 6000}]
    assert store.add([*odd, ROWS[1]]) == 1
    assert [s.cause for s in store.skipped] == ["no date", "no date", "too large"]


def test_copies_correct_nothing_and_the_later_text_wins_whichever_came_first(open_store):
    store = open_store(Clerk())
    row = {"text": "CHN ACCUSE JPN over the islands again"}  # named after its words: its copies have the same id
    store.add([row | {"date": f"2013-05-{day}"} for day in (29, 30, 31)])
    assert len(store.events()) == 3
    corrected = {"id": "c", "date": "2013-07-02", "text": "USA AGREE GBR on the price of tea in the port"}
    store.add(corrected)
    store.add(corrected | {"date": "2013-07-01", "text": "USA ACCUSE GBR on the price of tea in the port"})
    assert store.events("GBR-USA")["root"].tolist() == ["AGREE"]


def test_two_reports_of_one_id_and_day_are_two_stories(open_store):
    store = open_store(Clerk())
    other = "CHN ASSAULT JPN near a reef that no chart of that sea shows"
    store.add([ROWS[0], ROWS[0] | {"text": other, "publisher": "B"}])
    assert store.events()["story"].nunique() == 2
    assert store.series("M", min_n=1)["n_stories"].tolist() == [2]


def test_words_are_kept_when_they_come_again(open_store):
    open_store(Clerk(), keep_texts=False).add(ROWS)
    open_store(Clerk("clerk 2")).add(ROWS)
    assert open_store(Clerk("clerk 3")).rescore() == 4


def test_a_failed_batch_is_not_counted_and_its_stories_are_forgotten(open_store, monkeypatch):
    store = open_store(Clerk())
    with store.run() as run:
        with monkeypatch.context() as broken:
            broken.setattr("tension.store.adding._scored_rows", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                store.add_batch(list(store.unseen(ROWS[:1])), run)
        store.add_batch(list(store.unseen([ROWS[0] | {"id": "copy"}])), run)
    assert store.runs()["counts"][0] == {"articles": 1, "events": 1, "known": 0}
    assert store.events()["story"].tolist() == ["copy@2013-05-01"]


def test_as_of_takes_a_day_whole_and_a_time_to_the_moment(open_store, monkeypatch):
    store = open_store(Clerk())
    at(monkeypatch, "2013-06-10T00:30")
    store.add(ROWS[:2])
    assert len(store.events(as_of="2013-06-10")) == 2
    assert store.events(as_of="2013-06-10T00:00").empty
    assert len(store.events(as_of="2013-06-10T10:00+09:00")) == 2
    assert store.events(as_of="2013-06-10T09:00+09:00").empty


def test_a_correction_of_what_was_not_known_yet_is_no_revision(open_store, monkeypatch):
    store = open_store(Clerk())
    at(monkeypatch, "2013-07-01")
    store.add(ROWS[:2])
    at(monkeypatch, "2013-07-03")
    store.add([ROWS[0] | {"text": "CHN AGREE JPN over the visit of a minister"}])
    assert store.revisions("2013-04-01").empty
    assert store.revisions("2013-07-02")["kind"].tolist() == ["corrected"]


def test_without_a_scorer_the_latest_run_is_read(open_store):
    open_store(Clerk(min_probability=0.9)).add(ROWS[:2])
    assert len(open_store(None).events()) == 2
    open_store(Clerk()).add(ROWS[:1])
    assert len(open_store(None).events()) == 1


def test_secrets_in_any_part_of_a_url_stay_there(tmp_path):
    for url in ("postgresql://127.0.0.1:1/news?user=me&password=s3cret", "postgresql://me:p%40s3cret@127.0.0.1:1/news"):
        with pytest.raises(StoreError) as error:
            Store(url)
        assert "s3cret" not in str(error.value)
        assert "***" in str(error.value)


def test_a_path_is_taken_as_it_stands(tmp_path):
    for name in ("news?x=1.db", "n%41ws.db", "with space.db", "file:news.db"):
        Store(tmp_path / name, Clerk()).close()
        assert (tmp_path / name).is_file()


def test_a_name_that_looks_like_a_uri_is_private_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store("file:news.db", Clerk()) as store:
        store.add(ROWS)
        assert {p.name.partition("-")[0] for p in tmp_path.iterdir()} == {"file:news.db", "file:news.db.lock"}
        assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in tmp_path.iterdir())


def test_a_link_to_a_store_shares_its_lock(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "news.db")
    with Store(tmp_path / "news.db", Clerk()) as first, Store(tmp_path / "link.db", Clerk(), wait=0) as second:
        with first.run(), pytest.raises(StoreBusyError):
            second.add(ROWS)
        assert second.add(ROWS) == 4


def test_stores_are_made_once_however_many_open_them(url):
    with ThreadPoolExecutor(8) as pool:
        for store in pool.map(lambda _: Store(url, Clerk()), range(8)):
            assert store.versions().empty
            store.close()


def test_a_file_is_opened_when_the_program_that_writes_to_it_is_done(tmp_path):
    path = tmp_path / "news.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE kept (x)")
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.rollback)
    release.start()
    with Store(path, Clerk()) as store:
        assert store.versions().empty
    release.join()
    other.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # the lock of a file ends with its process
def test_a_lock_whose_session_ended_writes_nothing_more(open_store):
    store, other = open_store(Clerk()), open_store(Clerk(), wait=0)
    with pytest.raises(StoreError, match="lost its lock"):
        _lose_the_lock(store, other)
    assert len(other.events()) == 1
    assert other.add(ROWS) == 3


def _lose_the_lock(store, other):
    with store.run() as run:
        store.add_batch(list(store.unseen(ROWS[:1])), run)
        with other.connected() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        store.add_batch(list(store.unseen(ROWS[1:])), run)


def test_pages_and_rows_tell_the_same_series(open_store, monkeypatch):
    store = open_store(Clerk())
    acts = ("ACCUSE", "AGREE", "ASSAULT")
    rows = [
        {
            "id": f"a{i - i % 3}",  # every third text is corrected twice
            "date": f"2013-{1 + i // 20:02d}-{1 + i % 20:02d}",
            "text": f"{('CHN', 'JPN', 'USA')[i % 3]} {acts[i % 3]} {('JPN', 'CHN', 'GBR')[i % 3]} over matter {i // 3} of the many",
        }
        for i in range(120)
    ]
    for month in range(6):
        at(monkeypatch, f"2013-{month + 2:02d}-01")
        store.add(rows[20 * month : 20 * (month + 1)])
    for which in (
        {},
        {"dyads": "CHN-JPN"},
        {"dyads": ["CHN->JPN", "GBR-USA"]},
        {"as_of": "2013-04-15"},
        {"since": "2013-02-03", "until": "2013-05-05", "dyads": "JPN->CHN"},
    ):
        expected = aggregate(store.events(**which), "M", min_n=1)
        assert len(expected)
        pd.testing.assert_frame_equal(store.series("M", **which, min_n=1), expected)
        directed = store.series("M", **which, min_n=1, directed=True, by="event")
        pd.testing.assert_frame_equal(
            directed, aggregate(store.events(**which), "M", min_n=1, directed=True, by="event")
        )
