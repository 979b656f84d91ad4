"""Articles -> batches, each written whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from tension.records import Article, Skipped
from tension.text.articles import undated

_LONGEST_ID, _SHOWN = 500, 60  # PostgreSQL's index rows end at 2,700 bytes


def batches(items: Iterable[Article | Skipped], skip: Callable[[Skipped], None], size: int) -> Iterator[list[Article]]:
    """Articles, so many at a time; no id with two texts or days in one batch, since its events go by the id.

    What was skipped already is passed to `skip`, and so is an article without a date: a store makes series.
    """
    batch: list[Article] = []
    seen: dict[str, tuple[str, date]] = {}
    for row, item in enumerate(items):
        if isinstance(item, Skipped):
            skip(item)
            continue
        if item.date is None:
            skip(undated(row, item))
            continue
        if len(item.id.encode()) > _LONGEST_ID:
            reason = f"its id is {len(item.id)} characters long, and may have {_LONGEST_ID} bytes"
            skip(Skipped(row, item.id[:_SHOWN], reason, "too large"))
            continue
        told = item.text, item.date.date()
        if len(batch) == size or seen.setdefault(item.id, told) != told:
            yield batch
            batch, seen = [], {item.id: told}
        batch.append(item)
    if batch:
        yield batch
