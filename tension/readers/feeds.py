"""News feeds -> articles: RSS and Atom, an article for each entry."""

import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from tension.errors import DateError, MissingExtraError
from tension.readers.documents import PARSER_ERRORS, too_large, whole
from tension.readers.limits import Limits
from tension.readers.markup import MarkupError, decoded, plain
from tension.records import Skipped
from tension.text.articles import LONGEST_DATE, publication_date

# What a feed may hold at most, so that none takes the parser more than some seconds: namespaces cost it quadratic time.
_MOST = {"<": 300_000, "&": 1_500_000}
_NAMESPACES = 100

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_NAMESPACE = re.compile(r"\bxmlns[^>\s]{0,200}")
_REFERENCE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#?\w{1,31};)?", re.DOTALL)
_XML = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")
_MARKED = re.compile(r"</?[A-Za-z]|&#?\w+;")
_CLOSED = re.compile(r"""[.!?…:;]["'”’)\]]*$""")
_TRAILER = re.compile(
    r"The post .{1,300} (?:appeared first|first appeared) on .{1,200}|(?:Continue reading|Read more)\b.{0,200}",
    re.IGNORECASE,
)


def read_feed(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Mapping[str, Any] | Skipped]:
    """Entries of a feed (RSS 0.9x, 1.0, 2.0, Atom).

    The text of an entry is its content, or else its summary, without markup, after its headline on a line of its own. Its date is that of
    publication, or else of the last change, in UTC. A feed that is not well-formed gives the entries that can be made out, and a
    `Skipped` that says so. Entities that a feed declares are not read, nor is anything outside the file.

    Raises
    ------
    MissingExtraError
        If feedparser is not installed.
    """
    data = whole(stream, limits)
    if data is None:
        yield too_large(limits)
        return
    try:
        feed = _parsed(_checked(decoded(data)))
    except MarkupError as error:
        yield Skipped(1, "", str(error), error.cause)
        return
    row = 0
    for row, entry in enumerate(feed.entries, 1):
        yield _article(row, entry, feed.feed)
    if feed.bozo:
        problem = f"the feed is not well-formed, entries may be cut or missing: {feed.get('bozo_exception')}"
        yield Skipped(row + 1, "", problem, "damaged")


def _checked(text: str) -> str:
    """A feed's text without its XML declaration, whose encoding no longer holds."""
    for character, most in _MOST.items():
        if (count := text.count(character)) > most:
            raise MarkupError(f"the feed holds {count} times '{character}', more than {most}", "too large")
    if len(set(_NAMESPACE.findall(text))) > _NAMESPACES:
        raise MarkupError(f"the feed declares more than {_NAMESPACES} namespaces")
    if "<!ENTITY" in text:
        raise MarkupError("the feed declares entities of its own, which are not read")
    return _REFERENCE.sub(_reference, _DECLARATION.sub("", text, count=1))


def _reference(match: re.Match[str]) -> str:
    """A reference as XML has them: `&nbsp;` and its like are HTML's, and `AT&T` has none."""
    found = match[0]
    if found in _XML or found.startswith(("<", "&#")):
        return found
    return html.escape(html.unescape(found) if found.endswith(";") else found, quote=False)


def _parsed(text: str) -> Any:
    try:
        import feedparser
    except ImportError as error:
        raise MissingExtraError.of("feedparser", "io") from error
    if not text.strip():
        raise MarkupError("empty file", "no text")
    try:
        feed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except PARSER_ERRORS as error:
        raise MarkupError(f"the feed cannot be read: {type(error).__name__}: {error}") from error
    if not feed.version and not feed.entries:
        raise MarkupError("it is no RSS or Atom feed", "unknown format")
    return feed


def _article(row: int, entry: Any, feed: Any) -> Mapping[str, Any] | Skipped:
    id = str(entry.get("id") or entry.get("link") or "")
    try:
        title, body = _headline(entry), _body(entry)
    except MarkupError as error:
        return Skipped(row, id, str(error), error.cause)
    text = _with_headline(title, body)
    if not text:
        return Skipped(row, id, "the entry has neither text nor headline", "no text")
    fields = {
        "id": id,
        "date": _date(entry),
        "title": title,
        "publisher": _publisher(entry, feed),
        "language": _language(entry, feed),
    }
    return {"text": text} | {key: value for key, value in fields.items() if value}


def _headline(entry: Any) -> str:
    title = entry.get("title") or ""
    return " ".join((plain(title) if _MARKED.search(title) else title).split())


def _body(entry: Any) -> str:
    """The longest content of an entry, or else its summary, as text."""
    values = [
        item.get("value") or ""
        for item in entry.get("content") or []
        if "html" in item.get("type", "html") or "plain" in item["type"]
    ]
    longest = max([plain(value) for value in values], key=len, default="")
    lines = (longest or plain(entry.get("summary") or "")).split("\n")
    while lines and _TRAILER.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def _with_headline(title: str, body: str) -> str:
    if not title or " ".join(body[: 2 * len(title)].split()).casefold().startswith(title.casefold()):
        return body
    return f"{title}{'' if _CLOSED.search(title) else '.'}\n{body}".strip()


def _date(entry: Any) -> str:
    """Of publication, else of the last change; as it stands if it cannot be read, so that the caller says so."""
    # The mapping's own `get` answers for one name with the other.
    written = [str(dict.get(entry, name) or "")[:LONGEST_DATE] for name in ("published", "updated")]
    moments = (_moment(date) for date in written)
    return next((moment.isoformat() for moment in moments if moment), next(filter(None, written), ""))


def _moment(written: str) -> datetime | None:
    """A date as UTC, of one in a zone that is not known ("JST") the day; None where it cannot be read.

    feedparser would take numbers and half dates for a day, and any zone for UTC.
    """
    mailed = _mailed(written)
    try:
        moment = publication_date(mailed if mailed and mailed.tzinfo else written)
    except DateError:
        moment = mailed and mailed.replace(hour=0, minute=0, second=0)
    return moment and moment.replace(tzinfo=UTC)


def _mailed(written: str) -> datetime | None:
    """A date of RFC 822, whose zone may have a name ("EST"), naive where it is not known; None for one in another form."""
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None


def _publisher(entry: Any, feed: Any) -> str:
    source = entry.get("source") or {}
    found = (source.get("title"), entry.get("publisher"), feed.get("publisher"), feed.get("title"))
    return html.unescape(next((str(name).strip() for name in found if name), ""))


def _language(entry: Any, feed: Any) -> str:
    details = [*(entry.get("content") or []), entry.get("summary_detail") or {}, entry.get("title_detail") or {}]
    own = next((detail["language"] for detail in details if detail.get("language")), "")
    return str(own or feed.get("language") or (feed.get("title_detail") or {}).get("language") or "")
