import pytest
import sqlalchemy as sql
from clerk import Clerk

from tension.errors import StoreError
from tension.records import EVENT_DTYPES
from tension.store.store import Store

_TYPES = {"str": "TEXT", "int32": "INTEGER", "float32": "REAL", "bool": "BOOLEAN", "datetime64[us]": "TIMESTAMP"}


@pytest.fixture
def old_store(url):
    """A store as schema 1 left it: an article scored by two models, one without a date, three events."""
    events = ", ".join(f'"{name}" {_TYPES[dtype]}' for name, dtype in EVENT_DTYPES.items())
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
            "CREATE TABLE articles (id TEXT, content TEXT, model TEXT, date TIMESTAMP, publisher TEXT, added TIMESTAMP NOT NULL, "
            "PRIMARY KEY (id, content, model))",
            f"CREATE TABLE events (number INTEGER PRIMARY KEY, content TEXT NOT NULL, {events})",
            "CREATE INDEX events_by_pair ON events (source, target, date)",
            "CREATE INDEX events_by_article ON events (article_id, content, model)",
            "INSERT INTO info VALUES ('schema', '1')",
        ):
            connection.execute(sql.text(statement))
        for values in (
            "'a', 'c1', 'clerk 1', '2013-05-01 00:00:00.000000', 'A', '2013-06-01 00:00:00.000000'",
            "'a', 'c1', 'clerk 2', '2013-05-01 00:00:00.000000', 'A', '2013-07-01 00:00:00.000000'",
            "'b', 'c2', 'clerk 2', NULL, NULL, '2013-07-01 00:00:00.000000'",
        ):
            connection.execute(sql.text(f"INSERT INTO articles VALUES ({values})"))
        for number, (name, content, model) in enumerate(
            (("a", "c1", "clerk 1"), ("a", "c1", "clerk 2"), ("a", "c1", "clerk 2"))
        ):
            row = {
                "number": number, "content": content, "article_id": name, "sentence": number, "date": "2013-05-01 00:00:00.000000",
                "event_start": None, "event_end": None, "status": "occurred", "source": "JPN", "target": "CHN", "root": "ACCUSE",
                "quad": "VCONF", "p_cooperation": 0.1, "p_conflict": 0.8, "intensity": -2.0, "joint": False, "resolved": "named",
                "text": "x", "start": 0, "end": 1, "story": "a@2013-05-01", "model": model,
            }  # fmt: skip
            names = ", ".join(f'"{name}"' for name in row)
            connection.execute(
                sql.text(f"INSERT INTO events ({names}) VALUES ({', '.join(f':{n}' for n in row)})"), row
            )
    engine.dispose()
    return url


def test_a_store_of_schema_1_is_upgraded_with_all_it_holds(old_store, open_store):
    first, second = open_store(Clerk()), open_store(Clerk("clerk 2"))
    assert len(first.events("CHN-JPN")) == 1
    assert second.events()["sentence"].tolist() == [1, 2]
    assert second.versions()["articles"].tolist() == [1, 2]
    assert second.versions()["events"].tolist() == [1, 2]
    assert len(second.events(as_of="2013-06-15")) == 2  # the article was known then
    assert second.series("M", min_n=1)["n_events"].tolist() == [2]
    assert second.add([{"id": "c", "date": "2013-05-03", "text": "CHN AGREE JPN on a thing"}]) == 1
    assert len(open_store(Clerk("clerk 2")).events()) == 3


def test_a_newer_schema_is_refused_with_what_to_do(url, open_store):
    open_store(Clerk()).close()
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sql.text("UPDATE info SET value = '99' WHERE key = 'schema'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"schema 99.*pip install --upgrade"):
        Store(url, Clerk())


def test_tables_of_another_program_are_left_alone(url):
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sql.text("CREATE TABLE articles (headline TEXT)"))
    with pytest.raises(StoreError, match="of its own"):
        Store(url, Clerk())
    assert sql.inspect(engine).get_table_names() == ["articles"]
    engine.dispose()
