"""What a page says about itself: when it was published, under which address, in which language, and its JSON-LD."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from tension.errors import MissingExtraError
from tension.text.articles import plain_offset

_LONGEST_JSON = 1024 * 1024
_KINDS = ("article", "blogposting", "report")
_CHILDREN = ("@graph", "mainEntity")
# In the order of trust; names as they stand in property, name or itemprop, in small letters.
_METAS = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "published-date",
    "publish-date",
    "publication_date",
    "publishdate",
    "pubdate",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "date",
)
_PLACEHOLDERS = (date(1970, 1, 1), date(1, 1, 1))
_DATED = re.compile("date|time|publish|byline|meta", re.IGNORECASE)
_OFFSET = re.compile(r"\s?([+-]\d\d):?(\d\d)$")
_MONTH_OR_DAY_FIRST = re.compile(r"(?<!\d)(?<!\d[/.-])\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?!\d)")


def article_data(scripts: list[str]) -> Mapping[str, Any]:
    """The one article that a page's JSON-LD describes; empty where it describes none, or several."""
    found: list[Mapping[str, Any]] = []
    for script in scripts:
        if len(script) <= _LONGEST_JSON:
            try:
                found.extend(_articles(json.loads(script, strict=False)))
            except (ValueError, RecursionError):
                continue
    distinct = {(str(item.get("headline")), str(item.get("datePublished"))): item for item in found}
    return next(iter(distinct.values())) if len(distinct) == 1 else {}


def _articles(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 5:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            yield from _articles(item, depth + 1)
        elif isinstance(item, dict):
            kinds = item.get("@type")
            if any(str(kind).lower().endswith(_KINDS) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                yield item
            for child in _CHILDREN:
                yield from _articles(item.get(child), depth + 1)


def publication(tree: Any, data: Mapping[str, Any], address: str) -> str:
    """The publication date of a page as ISO 8601; '' where the page gives none.

    Asked in this order: `datePublished` of its JSON-LD; its meta tags (`article:published_time` and its like); elements marked
    `itemprop="datePublished"` or `pubdate`. The first answer tells the day. Where it has no time or no time zone, the first later answer
    that has them and is less than a day and a half away is taken instead. Only a page without any of these is searched for a date in its
    address and in its lines of date and author; the running text is not, since the dates in it are those of events. A date there that may
    put the month or the day first is not believed.
    """
    found = [stamp for value in _candidates(tree, data) if (stamp := _read(value))]
    if not found:
        return _visible(tree, address)
    near = [stamp for stamp in found if abs(_plain(stamp) - _plain(found[0])) < timedelta(hours=36)]
    zoned = [stamp for stamp in near if isinstance(stamp, datetime) and stamp.tzinfo]
    timed = [stamp for stamp in near if isinstance(stamp, datetime)]
    return (zoned or timed or near)[0].isoformat()


def _candidates(tree: Any, data: Mapping[str, Any]) -> Iterator[Any]:
    yield data.get("datePublished")
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        for name in ("property", "name", "itemprop"):
            metas.setdefault(element.get(name, "").lower(), element.get("content", ""))
    yield from (metas.get(name) for name in _METAS)
    for element in tree.xpath("//*[@itemprop='datePublished' or @pubdate]"):
        yield element.get("datetime") or element.get("content")


def _read(value: Any) -> date | None:
    """A datetime, or a date where there is no time; None for what is neither ISO 8601 nor RFC 2822, and for placeholders.

    An offset may stand as "GMT+0900". The time of a zone that is not known is left out.
    """
    if not isinstance(value, str) or not 8 <= len(value.strip()) <= 64:
        return None
    text = _OFFSET.sub(r"\1\2", plain_offset(value.strip()))
    for parse in (date.fromisoformat, datetime.fromisoformat, _mailed):
        try:
            stamp = parse(text)
        except (ValueError, TypeError, OverflowError):
            continue
        day = stamp.date() if isinstance(stamp, datetime) else stamp
        return None if day in _PLACEHOLDERS else stamp
    return None


def _mailed(text: str) -> date:
    """A date of RFC 2822: with its time, unless words follow that are no zone it knows ("JST", "PM")."""
    stamp = parsedate_to_datetime(text)
    return stamp if stamp.tzinfo or text[-1].isdigit() else stamp.date()


def _plain(stamp: date) -> datetime:
    """For comparing a day, taken at noon, with a time."""
    if isinstance(stamp, datetime):
        return stamp.replace(tzinfo=None)
    return datetime(stamp.year, stamp.month, stamp.day, 12)


def _visible(tree: Any, address: str) -> str:
    """The day that a page shows; '' where it takes a date that may put the month or the day first to tell it."""
    try:
        from htmldate import find_date
    except ImportError as error:
        raise MissingExtraError.of("htmldate, which trafilatura brings", "io") from error
    lines = _dated_lines(tree)
    ask = partial(find_date, extensive_search=False, original_date=True, url=address or None)
    found = ask(lines) or ""
    if found and _drop_unclear(lines):
        clear = ask(lines) or ""
        return clear if sorted(clear.split("-")) == sorted(found.split("-")) else ""
    return found


def _dated_lines(tree: Any) -> Any:
    """A copy of a page without its running text."""
    lines = deepcopy(tree)
    for paragraph in list(lines.iter("p", "li", "blockquote", "td", "h1", "h2", "h3")):
        inner = paragraph.iter("time")
        marks = f"{paragraph.get('class', '')} {paragraph.get('id', '')}"
        if paragraph.getparent() is not None and not _DATED.search(marks) and next(inner, None) is None:
            paragraph.drop_tree()
    return lines


def _drop_unclear(tree: Any) -> bool:
    """Take the dates that may put the month or the day first out of a page; whether there were any."""
    unclear = _MONTH_OR_DAY_FIRST
    texts = [
        (element, place, text)
        for element in tree.iter()
        for place in ("text", "tail")
        if unclear.search(text := getattr(element, place) or "")
    ]
    attributes = [
        (element, name, value) for element in tree.iter() for name, value in element.items() if unclear.search(value)
    ]
    for element, place, text in texts:
        setattr(element, place, unclear.sub("", text))
    for element, name, value in attributes:
        element.set(name, unclear.sub("", value))
    return bool(texts or attributes)


def canonical(tree: Any, address: str) -> str:
    """The address under which a page wants to be known; '' where it names none. One that is only the front page is not believed."""
    links = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    for link in links:
        try:
            url = urljoin(address, str(link).strip())
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc and (parts.path.strip("/") or parts.query):
            return url
    return ""


def language(tree: Any) -> str:
    """The language that a page names; '' where it names none."""
    return (tree.get("lang") or tree.get("xml:lang") or "").strip()
