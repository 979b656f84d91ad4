"""What several files of the store ask of its tables."""

import sqlalchemy as sql

from tension.store.schema import info


def next_number(connection: sql.Connection, column: sql.Column) -> int:
    """The number after the highest: only one writes at a time."""
    return (connection.execute(sql.select(sql.func.max(column))).scalar() or 0) + 1


def value_of(connection: sql.Connection, key: str) -> str | None:
    """What is written down under a key."""
    return connection.execute(sql.select(info.c.value).where(info.c.key == key)).scalar()


def write_value(connection: sql.Connection, key: str, value: str) -> None:
    """Write something down under a key, in the place of what was there."""
    connection.execute(sql.delete(info).where(info.c.key == key))
    connection.execute(sql.insert(info).values(key=key, value=value))
