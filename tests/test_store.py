import pandas as pd
import pytest
import sqlalchemy as sql

from tension.errors import StoreError
from tension.records import validate_events
from tension.store import Store

ROWS = [
    {"id": "1", "date": "2013-05-01", "text": "China condemned Japan over the visit."},
    {"id": "2", "date": "2013-05-02", "text": "Japan condemned China over the patrols."},
    {"id": "3", "date": "2013-06-03", "text": "It rained in Peru."},
]


def test_adding_twice_changes_nothing(tmp_path, scorer):
    store = Store(tmp_path / "news.db", scorer)
    assert store.add(ROWS) == 3
    before = store.events()
    assert store.add([*ROWS, *ROWS]) == 0
    pd.testing.assert_frame_equal(before, store.events())


def test_a_reopened_store_holds_what_was_added(tmp_path, scorer):
    Store(tmp_path / "news.db", scorer).add(ROWS)
    events = Store(f"sqlite:///{tmp_path / 'news.db'}", scorer).events()
    validate_events(events)
    pd.testing.assert_frame_equal(events, scorer.score(ROWS), check_like=True, rtol=1e-3, check_exact=False)


def test_only_the_unseen_are_scored(tmp_path, scorer):
    store = Store(tmp_path / "news.db", scorer)
    store.add(ROWS[:2])
    assert [a.id for a in store.unseen(ROWS)] == ["3"]
    changed = ROWS[0] | {"text": "China praised Japan."}
    assert [a.id for a in store.unseen([changed])] == ["1"]


def test_events_between_dates_and_series(tmp_path, scorer):
    store = Store(tmp_path / "news.db", scorer)
    store.add(ROWS)
    assert set(store.events(since="2013-05-02")["article_id"]) == {"2"}
    assert set(store.events(until="2013-05-02")["article_id"]) == {"1"}
    assert store.series("M", min_n=1).index[0] == ("CHN-JPN", pd.Timestamp("2013-05-01"))


def test_a_file_that_is_no_database_is_reported(tmp_path):
    (tmp_path / "news.db").write_text("not a database at all" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"news\.db"):
        Store(tmp_path / "news.db")


def test_another_schema_is_refused(tmp_path):
    Store(tmp_path / "news.db")
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'news.db'}")
    with engine.begin() as connection:
        connection.execute(sql.text("UPDATE info SET value = '99'"))
    engine.dispose()
    with pytest.raises(StoreError, match="schema 99"):
        Store(tmp_path / "news.db")


def test_a_password_is_never_shown():
    store = object.__new__(Store)
    store._url = sql.make_url("postgresql+psycopg://me:secret@host/db")
    assert "secret" not in repr(store)


def test_two_texts_under_one_id_are_both_kept(tmp_path, scorer):
    store = Store(tmp_path / "news.db", scorer)
    rows = [ROWS[0], ROWS[0] | {"text": "China praised Japan's aid to Kenya."}]
    assert store.add(rows) == 2
    assert store.add(rows) == 0
    assert store.events()["text"].nunique() == 2


def test_what_cannot_be_read_is_kept_with_its_reason(tmp_path, scorer):
    store = Store(tmp_path / "news.db", scorer)
    assert store.add(["", "Le ministre chinois a rencontré son homologue japonais hier soir."]) == 0
    assert [s.reason.split(",")[0] for s in store.skipped] == ["empty text", "language is fr"]


def test_an_unknown_database_says_so():
    with pytest.raises(StoreError, match="cannot be opened"):
        Store("abacus://here/db")
