"""Articles -> batches, each written whole or not at all."""

from collections.abc import Callable, Iterable, Iterator

from tension.records import Article, Skipped


def batches(items: Iterable[Article | Skipped], skip: Callable[[Skipped], None], size: int) -> Iterator[list[Article]]:
    """Articles of different ids, so many at a time; of equal ones the first.

    What was skipped already is passed to `skip`, and so is an article without a date: a store makes series.
    """
    batch: dict[str, Article] = {}
    for row, item in enumerate(items):
        if isinstance(item, Skipped):
            skip(item)
            continue
        if item.date is None:
            reason = "no publication date: give the articles a column 'date', or a date for those without"
            skip(Skipped(row, item.id, reason, "no date"))
            continue
        if (item.id in batch and batch[item.id].text != item.text) or len(batch) == size:
            yield list(batch.values())
            batch = {}
        batch.setdefault(item.id, item)
    if batch:
        yield list(batch.values())
