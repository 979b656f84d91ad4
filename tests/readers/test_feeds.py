"""Feeds: RSS and Atom, well-formed, broken and hostile."""

import io
import sys
import time

import pytest

from tension.readers.feeds import read_feed
from tension.readers.limits import DEFAULT, Limits
from tension.records import Skipped
from tension.text.articles import article_of

ITEM = (
    "<item><title>Kenya signs pact</title><link>http://post.example/1</link><guid>g1</guid>"
    "<pubDate>Thu, 24 Jan 2019 23:30:00 -0500</pubDate><description>&lt;p&gt;Norway was told.&lt;/p&gt;</description></item>"
)
NAMESPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def rss(items: str, head: str = "<title>The Post</title><language>en-gb</language>") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel>{head}{items}</channel></rss>'
    )


def of(feed: str | bytes, limits: Limits = DEFAULT) -> list:
    return list(read_feed(io.BytesIO(feed.encode() if isinstance(feed, str) else feed), "a.rss", limits))


def entry(content: str) -> dict:
    (item,) = of(rss(f"<item>{content}</item>"))
    return item


def test_an_entry_of_rss():
    assert of(rss(ITEM)) == [
        {
            "text": "Kenya signs pact.\nNorway was told.",
            "id": "g1",
            "date": "2019-01-25T04:30:00+00:00",
            "title": "Kenya signs pact",
            "publisher": "The Post",
            "language": "en-gb",
        }
    ]


def test_an_entry_of_atom():
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Post</title>
        <entry><id>tag:1</id><title type="html">Kenya &amp;amp; Norway &lt;b&gt;sign&lt;/b&gt;</title>
        <updated>2019-01-25T10:00:00Z</updated>
        <published>2019-01-24T23:30:00+09:00</published><summary>Short.</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two <b>bold</b>.</p></div></content></entry>
        <entry><title>Peru waits</title><link href="http://post.example/2"/><updated>2019-01-25T10:00:00Z</updated>
        <source><title>The Wire</title></source></entry></feed>"""
    first, second = of(feed)
    assert first == {
        "text": "Kenya & Norway sign.\nOne.\nTwo bold.",
        "id": "tag:1",
        "date": "2019-01-24T14:30:00+00:00",
        "title": "Kenya & Norway sign",
        "publisher": "The Post",
        "language": "en",
    }
    assert (second["text"], second["id"], second["date"], second["publisher"]) == (
        "Peru waits.",
        "http://post.example/2",
        "2019-01-25T10:00:00+00:00",
        "The Wire",
    )


def test_old_rss():
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd">'
    (item,) = of(f'<?xml version="1.0"?>{doctype}<rss version="0.91"><channel><title>Old</title>{ITEM}</channel></rss>')
    assert item["publisher"] == "Old"
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://x"><title>R</title></channel><item rdf:about="http://x/1">
        <title>Kenya signs</title><description>d</description><dc:date>2019-01-24T10:00:00+09:00</dc:date></item></rdf:RDF>"""
    (item,) = of(rdf)
    assert (item["text"], item["date"], item["id"]) == ("Kenya signs.\nd", "2019-01-24T01:00:00+00:00", "http://x/1")


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("Kenya signs", "Norway waits.", "Kenya signs.\nNorway waits."),
        ("Is it over?", "Norway waits.", "Is it over?\nNorway waits."),
        ("“It is over.”", "Norway waits.", "“It is over.”\nNorway waits."),
        ("Kenya signs", "KENYA SIGNS the pact.", "KENYA SIGNS the pact."),
        ("Kenya signs", "", "Kenya signs."),
        ("", "Norway waits.", "Norway waits."),
        ("Kenya  signs\n pact", "Norway waits.", "Kenya signs pact.\nNorway waits."),
    ],
)
def test_the_headline_stands_in_front(title, body, text):
    assert entry(f"<title>{title}</title><description>{body}</description>")["text"] == text


def test_the_content_counts_before_the_summary_and_its_markup_goes():
    content = "<p>Norway&nbsp;waits.<br>So does Chile.</p><script>x()</script><p>The post <a>A</a> appeared first on <a>B</a>.</p>"
    item = entry(f"<description>Short</description><content:encoded><![CDATA[{content}]]></content:encoded>")
    assert item["text"] == "Norway waits.\nSo does Chile."


@pytest.mark.parametrize(
    ("content", "publisher"),
    [
        ("<source url='http://w'>The Wire</source><dc:publisher>DC</dc:publisher>", "The Wire"),
        ("<dc:publisher>DC</dc:publisher>", "DC"),
        ("", "The Post"),
    ],
)
def test_the_publisher(content, publisher):
    assert entry(f"<title>x</title>{content}")["publisher"] == publisher


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Thu, 24 Jan 2019 23:30:00 -0500", "2019-01-25T04:30:00+00:00"),
        ("Thursday, 24 January 2019 23:30 EST", "2019-01-25T04:30:00+00:00"),
        ("24 Jan 19 10:00:00 UT", "2019-01-24T10:00:00+00:00"),
        ("Thu, 24 Jan 2019", "2019-01-24T00:00:00+00:00"),
        ("Thu, 24 Jan 2019 10:00:00", "2019-01-24T10:00:00+00:00"),
        ("Thu, 24 Jan 2019 10:00:00 GMT+0900", "2019-01-24T01:00:00+00:00"),
        ("Thu, 24 Jan 2019 10:00:00 UTC+9", "2019-01-24T01:00:00+00:00"),
        ("2019-01-24T10:00:00+0530", "2019-01-24T04:30:00+00:00"),
        ("20190124T100000Z", "2019-01-24T10:00:00+00:00"),
        ("January 24, 2019 10:00 AM", "2019-01-24T10:00:00+00:00"),
        ("Thu, 24 Jan 2019 10:00:00 JST", "2019-01-24T00:00:00+00:00"),  # in which zone is not known: the day
        ("Thu, 24 Jan 2019 23:30:00 BST", "2019-01-24T00:00:00+00:00"),
    ],
)
def test_the_date(written, date):
    assert entry(f"<title>x</title><pubDate>{written}</pubDate>")["date"] == date


@pytest.mark.parametrize(
    "written",
    [
        "next week",
        "1709546400",
        "1733000000",
        "10:30",
        "2019-W05",
        "2019-063",
        "2003-13",
        "03/04/2019",
    ],
)
def test_a_date_that_cannot_be_read_is_left_to_the_caller(written):
    item = entry(f"<title>x</title><pubDate>{written}</pubDate>")
    assert item["date"] == written
    assert article_of(1, item).cause == "no date"


def test_the_last_change_dates_an_entry_without_a_date_of_publication_that_can_be_read():
    changed = "<title>x</title><dc:date>2019-01-25</dc:date>"
    assert entry(f"{changed}<pubDate>24 January 2019</pubDate>")["date"] == "2019-01-24T00:00:00+00:00"
    assert entry(f"{changed}<pubDate>next week</pubDate>")["date"] == "2019-01-25T00:00:00+00:00"
    assert entry(changed)["date"] == "2019-01-25T00:00:00+00:00"
    assert "date" not in entry("<title>x</title>")


def test_an_entry_without_words_is_skipped_and_the_rest_goes_on():
    first, second, third = of(rss(f"{ITEM}<item><guid>g2</guid></item>{ITEM}"))
    assert second == Skipped(2, "g2", "the entry has neither text nor headline", "no text")
    assert first == third


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "windows-1251"])
def test_a_feed_is_read_in_its_encoding(encoding):
    word = "Иванов" if "1251" in encoding else "Café"
    feed = rss(f"<item><title>{word}</title></item>").replace('"utf-8"', f'"{encoding}"', 1)
    assert [item["title"] for item in of(feed.encode(encoding))] == [word]


def test_references_of_html_and_none_at_all_are_read():
    assert entry("<title>AT&T &mdash; R&amp;D&nbsp;&#233;</title>")["title"] == "AT&T — R&D é"
    assert entry("<title><![CDATA[AT&T]]></title>")["title"] == "AT&T"


@pytest.mark.parametrize("feed", [rss(ITEM * 2)[:-60], rss(ITEM * 2 + "<item><b></item>"), rss(ITEM * 2 + "\x01")])
def test_a_broken_feed_gives_its_entries_and_says_so(feed):
    *items, last = of(feed)
    assert [item["id"] for item in items if isinstance(item, dict)] == ["g1", "g1"]
    assert (last.cause, last.row) == ("damaged", len(items) + 1)
    assert "not well-formed" in last.reason


@pytest.mark.parametrize(
    ("feed", "cause"),
    [
        ("", "no text"),
        ("<html><body>x</body></html>", "unknown format"),
        ("<catalog><book/></catalog>", "unknown format"),
        ("Norway waits.", "unknown format"),
        (bytes(range(256)) * 10, "damaged"),
        (rss(ITEM) + " " * 100, "too large"),
    ],
)
def test_what_is_no_feed_is_skipped(feed, cause):
    (item,) = of(feed, Limits(record=len(rss(ITEM)) + 50 if cause == "too large" else 10_000))
    assert (item.row, item.cause) == (1, cause)


def test_a_feed_without_entries_gives_nothing():
    assert of(rss("")) == []


LAUGHS = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10 if i else 'lol'}'>" for i in range(9))
HOSTILE = {
    "laughs": (
        f"<!DOCTYPE rss [{LAUGHS}]><rss version='2.0'><channel><item><title>&a8;</title></item></channel></rss>",
        "damaged",
    ),
    "file": (
        f"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{rss('<item><title>&x;</title></item>')[38:]}",
        "damaged",
    ),
    "laughs in UTF-16": (f"<!DOCTYPE rss [{LAUGHS}]><rss><channel/></rss>".encode("utf-16"), "damaged"),
    "namespaces": (rss("".join(f"<x{i}:y xmlns:x{i}='http://a/{i}'/>" for i in range(20_000))), "damaged"),
    "tags": (rss("<item>" * 310_000), "too large"),
    "references": (rss("<item><title>" + "&amp;" * 1_600_000 + "</title></item>"), "too large"),
    "date": (rss(f"<item><title>x</title><pubDate>{'1' * 1_000_000}</pubDate></item>"), "no date"),
    "deep": (rss("<item><description>" + "&lt;div&gt;" * 50_000 + "</description></item>"), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_neither_crash_nor_hang(name, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    feed, cause = HOSTILE[name]
    begun = time.perf_counter()
    (item,) = of(feed)
    item = item if isinstance(item, Skipped) else article_of(1, item)
    assert time.perf_counter() - begun < 5
    assert item.cause == cause


def test_nothing_outside_a_feed_is_read(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("the network was asked"))
    feed = "<!DOCTYPE rss SYSTEM 'http://dtd.example/x.dtd'><?xml-stylesheet href='http://css.example/x'?>"
    include = "<description><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/></description>"
    (item,) = of(f"{feed}<rss version='2.0'><channel><item><title>Kenya signs</title>{include}</item></channel></rss>")
    assert item["text"] == "Kenya signs."


def test_feedparser_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(ImportError, match=r"this needs feedparser: pip install 'tension\[io\]'"):
        of(rss(ITEM))
