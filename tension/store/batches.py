"""Articles -> batches, each written whole or not at all."""

from collections.abc import Callable, Iterable, Iterator

from tension.records import Article, Skipped
from tension.text.articles import undated


def batches(items: Iterable[Article | Skipped], skip: Callable[[Skipped], None], size: int) -> Iterator[list[Article]]:
    """Articles, so many at a time; no id with two texts in one batch, since its events go by the id.

    What was skipped already is passed to `skip`, and so is an article without a date: a store makes series.
    """
    batch: list[Article] = []
    texts: dict[str, str] = {}
    for row, item in enumerate(items):
        if isinstance(item, Skipped):
            skip(item)
            continue
        if item.date is None:
            skip(undated(row, item))
            continue
        if len(batch) == size or texts.setdefault(item.id, item.text) != item.text:
            yield batch
            batch, texts = [], {item.id: item.text}
        batch.append(item)
    if batch:
        yield batch
