"""Single documents -> articles: texts and web pages."""

import io
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePath
from typing import Any, BinaryIO

from tension.errors import MissingExtraError
from tension.readers.limits import Limits
from tension.readers.markup import MarkupError, decoded, lean, plain, tree_of
from tension.readers.published import article_data, canonical, language, publication
from tension.records import Skipped

# What trafilatura and the packages under it raise on pages they were not made for.
PARSER_ERRORS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_WESTERN = re.compile(r"[\x09-\x0d\x20-\x7eÀ-ÖØ-öø-ÿŠšŽžŒœŸ‘’‚“”„–—…•€£§°«»¿¡·™®©ªº‰†‡‹›\xa0\xad]*+")
# Lines that address the reader, and headlines of other articles between the paragraphs.
_ASIDE = re.compile(
    r"(?:subscribe (?:to|now)|sign up (?:for|to)|share (?:this|on)\b|follow us|advertisement\b|click here|get the latest)[^\n]{0,150}"
    r"|(?:get|join|receive|enter|stay|want)\b[^\n]{0,100}\b(?:newsletter|inbox)\b[^\n]{0,50}"
    r"|(?:read (?:more|also|next)|also read|see also|related|more on this|recommended|watch|in pictures)"
    r"(?: stor(?:y|ies)| articles?)?\s?:[^\n]{0,250}"
    r"|(?:comments?|related (?:stories|articles|topics|news)|read more|continue reading)\.{0,3}",
    re.IGNORECASE,
)
_MOST_WESTERN = 0.1
_QUIET = logging.NullHandler()


def whole(stream: BinaryIO, limits: Limits) -> bytes | None:
    """All bytes of a stream that holds one record; None if there are more than `limits.record`."""
    content = io.BytesIO()
    while piece := stream.read(limits.record + 1 - content.tell()):
        content.write(piece)
        if content.tell() > limits.record:
            return None
    return content.getvalue()


def too_large(limits: Limits, id: str = "", row: int = 1) -> Skipped:
    return Skipped(row, id, f"it is longer than {limits.record} bytes", "too large")


def read_text(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Mapping[str, Any] | Skipped]:
    """A text file as one article, dated by a day in its name (`2019-01-24`, `20190124`) if there is just one.

    The encoding is UTF-8, or UTF-16 with a byte order mark; windows-1252 where the bytes make sense as western text.
    """
    data = whole(stream, limits)
    if data is None:
        yield too_large(limits)
        return
    text = _text(data)
    if text is None:
        binary = b"\0" in data and not data.startswith(tuple(mark for mark, _ in _BOMS))
        reason = "it is binary, not text" if binary else "it is not UTF-8, or damaged; convert it"
        yield Skipped(1, "", reason, "damaged")
    elif not text.strip():
        yield Skipped(1, "", "empty text", "no text")
    else:
        yield {"text": text} | _dated(name)


def _text(data: bytes) -> str | None:
    mark, encoding = next(((mark, encoding) for mark, encoding in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        text = None if mark or b"\0" in data else _western(data)
    return None if text is None or "\0" in text else text


def _western(data: bytes) -> str | None:
    """Windows-1252 text; None for what is more likely damaged UTF-8 or in another encoding."""
    loose = data.decode("utf-8", "replace")
    foreign = sum(1 for character in loose if character > "\x7f")
    wrong = loose.count("\ufffd")
    if foreign - wrong > wrong:
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters = sum(1 for character in text if character > "\x7f")
    return text if letters <= _MOST_WESTERN * len(text) and _WESTERN.fullmatch(text) else None


def _dated(name: str) -> dict[str, str]:
    days = set()
    for year, _, month, day in _DAY.findall(PurePath(name).name):
        try:
            days.add(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return {"date": days.pop()} if len(days) == 1 else {}


def read_html(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Mapping[str, Any] | Skipped]:
    """A web page as one article: its body without navigation, tables, comments, and lines that advertise ("Subscribe to", "Read also:").

    `page` says what is taken from it.
    """
    data = whole(stream, limits)
    if data is None:
        yield too_large(limits)
        return
    try:
        yield page(data)
    except MarkupError as error:
        yield Skipped(1, "", str(error), error.cause)


def page(data: bytes, charset: str = "", address: str = "") -> dict[str, Any]:
    """The article of a web page.

    Parameters
    ----------
    data
        The page.
    charset
        Its encoding as an HTTP header gives it; the page's own word counts only without it.
    address
        Where it was found.

    Returns
    -------
    dict
        `text` and, where the page gives them, `title`, `date` (see `publication` for the rule), `publisher`, `language` (the `lang` of
        `<html>`) and `id` (the canonical address). Where the markup holds no body, the `articleBody` of the page's JSON-LD is the text.

    Raises
    ------
    MarkupError
        If there is no article in it ("no text"), or it is too large or damaged.
    MissingExtraError
        If trafilatura is not installed.
    """
    html, scripts = lean(decoded(data, charset))
    if not html.strip():
        raise MarkupError("empty page", "no text")
    tree = tree_of(html)
    described = article_data(scripts)
    from lxml.etree import LxmlError

    try:
        id, published = canonical(tree, address), publication(tree, described, address)
        document = _extracted(tree, id or address)
    except (*PARSER_ERRORS, LxmlError) as error:
        raise MarkupError(f"the page cannot be read: {type(error).__name__}: {error}") from error
    text = _article_lines(document.text if document else "") or _article_lines(_said(described.get("articleBody")))
    if not text:
        raise MarkupError("the page holds no article body", "no text")
    publisher = described.get("publisher")
    fields = {
        "id": id,
        "date": published,
        "title": _said(described.get("headline")) or (document and document.title),
        "publisher": _said(publisher.get("name") if isinstance(publisher, dict) else publisher)
        or (document and document.sitename),
        "language": language(tree),
    }
    return {"text": text} | {key: value for key, value in fields.items() if value}


def _article_lines(text: str) -> str:
    return "\n".join(line for line in text.strip().split("\n") if not _ASIDE.fullmatch(line.strip("-|* ")))


def _said(value: Any) -> str:
    return plain(value) if isinstance(value, str) else ""


def _extracted(tree: Any, address: str) -> Any:
    """What trafilatura makes of a page; None where it finds no article. It prefers little text to wrong text."""
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise MissingExtraError.of("trafilatura", "io") from error
    for package in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(package).addHandler(_QUIET)  # without one, Python prints their warnings about single pages
    return bare_extraction(
        tree,
        url=address or None,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        prune_xpath="//nav | //footer | //menu | //dialog | //button | //select",
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
