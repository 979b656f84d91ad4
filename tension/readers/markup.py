"""Foreign markup -> a tree of bounded size, whatever it holds.

The parsers below this room need minutes for a page of a few hundred kilobytes if it is built for that: an element with a hundred thousand
attributes, a paragraph of a hundred thousand spans, a table of as many cells, a `<meta>` of a million `<`. Pages are therefore stripped
of what no reader here needs (comments, scripts, styles, attributes of more than 2,000 characters in a tag) before they are parsed, and
left out if more than 4 MiB of text and tags, 20,000 elements or 255 levels remain.
"""

import codecs
import re
from typing import Any

from tension.errors import InputError, MissingExtraError
from tension.records import Cause

_MARKUP = 4 * 1024 * 1024
_ELEMENTS = 20_000
_ATTRIBUTES = 2_000
_META = 1_000
_WRONG = 0.001

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(
    rb"""(?:<\?xml[^>]{1,100}?encoding|<meta[^>]{1,200}?charset)\s{0,9}=\s{0,9}["']?([\w.:-]{2,40})""", re.IGNORECASE
)
# The encodings of the web. Python knows others (punycode, idna, unicode_escape), which take quadratic time or are no encodings of text.
_ENCODINGS = re.compile(
    r"utf-8|cp(125\d|866|874|932|949)|iso8859-\d+|koi8-[ru]|gbk|gb2312|gb18030|big5|euc_jp|euc_kr|shift_jis|tis-620"
)

_ATTRIBUTE = r"""(?:[\s/]++|=|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+)"""
_TAG = re.compile(
    rf"<!--.*?(?:-->|\Z)|<[!?][^>]*+>?"
    rf"|<(?P<raw>script|style)(?=[\s/>])(?P<kind>{_ATTRIBUTE}*+)>?(?P<body>.*?)(?:</(?P=raw)(?=[\s/>])[^>]*+>?|\Z)"
    rf"|<(?P<name>/?[a-z][^\s/>]*+)(?P<attributes>{_ATTRIBUTE}*+)>?",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS = dict.fromkeys([*range(9), 11, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul".split()
)


class MarkupError(InputError):
    """A page or feed cannot be used; the reader makes a `Skipped` of it, with this cause."""

    def __init__(self, reason: str, cause: Cause = "damaged"):
        super().__init__(reason)
        self.cause: Cause = cause


def decoded(data: bytes, charset: str = "") -> str:
    """Bytes of a page or feed as text.

    The encoding is that of the byte order mark, else `charset` (of the HTTP header), else the one the page names, else UTF-8, else
    windows-1252. A few wrong bytes, one in a thousand characters, become U+FFFD.

    Raises
    ------
    MarkupError
        If more than that is wrong.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _replaced(data[len(mark) :], encoding)
    named = _CHARSET.search(data[:4096])
    labels = [charset, named[1].decode("ascii", "replace") if named else ""]
    encodings = [found for label in labels if (found := _encoding(label))]
    for encoding in dict.fromkeys([*encodings, "utf-8"]):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _replaced(data, encodings[0] if encodings else "cp1252")


def _encoding(label: str) -> str:
    """The name by which Python knows an encoding; '' where it is none of the web's."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    name = "cp1252" if name in ("iso8859-1", "ascii") else name  # as browsers read it
    return name if _ENCODINGS.fullmatch(name) else ""


def _replaced(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, "replace")
    wrong = text.count("\ufffd")
    if wrong > max(1, _WRONG * len(text)):
        raise MarkupError(f"it is not {encoding}: {wrong} of {len(text)} characters cannot be read")
    return text


def lean(html: str) -> tuple[str, list[str]]:
    """A page without comments, scripts, styles and overlong attributes, in time linear in its length; and its JSON-LD scripts."""
    data: list[str] = []

    def shorter(match: re.Match[str]) -> str:
        if match["name"]:
            return match[0] if len(match["attributes"]) <= _ATTRIBUTES else f"<{match['name'][:100]}>"
        if match["raw"] and "ld+json" in match["kind"][:_ATTRIBUTES].lower():
            data.append(match["body"])
        return " "

    return _TAG.sub(shorter, html.translate(_CONTROLS)), data


def tree_of(html: str) -> Any:
    """The tree of a page that `lean` shortened.

    Raises
    ------
    MarkupError
        If it is too large or too deep, or no markup at all.
    """
    lxml_html = _lxml_html()
    if len(html) > _MARKUP:
        raise MarkupError(f"the page has {len(html)} characters of text and tags, more than {_MARKUP}", "too large")
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = lxml_html.document_fromstring(html.encode("utf-8"), parser=parser)
    except (lxml_html.etree.LxmlError, ValueError, AssertionError) as error:
        raise MarkupError(f"the page cannot be parsed: {error}") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise MarkupError("the elements of the page are nested more than 255 deep")
    count = sum(1 for _ in tree.iter())
    if count > _ELEMENTS:
        raise MarkupError(f"the page has {count} elements, more than {_ELEMENTS}", "too large")
    for element in tree.iter("meta", "title"):
        if element.get("content"):
            element.set("content", element.get("content")[:_META].replace("<", " ").replace(">", " "))
        element.text = element.text and element.text[:_META]
    return tree


def _lxml_html() -> Any:
    try:
        import lxml.html
    except ImportError as error:
        raise MissingExtraError.of("lxml", "io") from error
    return lxml.html


def plain(html: str) -> str:
    """A fragment of markup as text: blocks on lines of their own, spaces joined.

    Raises
    ------
    MarkupError
        As `tree_of`.
    """
    if not html.strip():
        return ""
    tree = tree_of(f"<html><body><div>{lean(html)[0]}</div></body></html>")
    pieces: list[str] = []
    for event, element in _lxml_html().etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _BLOCKS:
            pieces.append("\n")
        pieces.append(_joined(element.text if event == "start" else element.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _joined(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
