"""Fixtures of the store: every test that takes `url` or `open_store` runs on both databases."""

from itertools import count

import postgres
import pytest
import sqlalchemy as sql

from tension.store.store import Store

_NAMES = count()


@pytest.fixture(scope="session")
def server():
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'news.db'}"
    if request.config.getoption("--without-postgres"):
        pytest.skip("left out by --without-postgres")
    pattern, name = request.getfixturevalue("server"), f"news_{next(_NAMES)}"
    engine = sql.create_engine(pattern.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sql.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return pattern.format(name=name)


@pytest.fixture
def open_store(url):
    """A function that opens the store, as another program would; all are closed at the end."""
    stores = []

    def opened(scorer, **options) -> Store:
        stores.append(Store(url, scorer, **options))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()
