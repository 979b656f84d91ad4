"""Texts and web pages: what is read of them, what is left out, and that no page takes the reader down."""

import io
import logging
import subprocess
import sys
import time

import pytest

from tension.readers.documents import read_html, read_text
from tension.readers.limits import DEFAULT, Limits
from tension.readers.markup import MarkupError, decoded, lean, plain
from tension.records import Skipped
from tension.text.articles import publication_date

SENTENCES = (
    "Norway and Kenya signed an agreement on fisheries in Oslo on Tuesday after two years of talks.",
    "The foreign ministers of both countries said that the text would go to their parliaments in spring.",
    "Kenya had threatened last month to close its waters to Norwegian vessels, and Norway recalled its ambassador.",
    "Fishermen in Bergen welcomed the news, though some warned that the quotas were smaller than hoped for.",
    "A joint commission will meet twice a year and settle disputes about catches and inspections at sea.",
)
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
NAVIGATION = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/w'>World news</a></li></ul></nav>"
ASIDES = (
    "<div class='newsletter-signup'><p>Subscribe to our newsletter and get the news of the day.</p></div>"
    "<aside class='related'><h3>Related stories</h3><ul><li><a href='/a'>Chile expels the envoy of Peru</a></li></ul></aside>"
    "<table><tr><td>Quota</td><td>12,000 tonnes of cod</td></tr></table>"
)
COMMENTS = "<section id='comments' class='comments'><div class='comment'><p>Kenya should invade now, said a reader.</p></div></section>"
FOOTER = "<footer><p>Copyright 2019 Northern Post. All rights reserved.</p></footer>"
METAS = (
    '<link rel="canonical" href="https://post.example/world/pact"><meta property="og:site_name" content="Northern Post">'
    '<meta property="article:published_time" content="2019-01-24T23:30:00-05:00">'
)


def html_page(body: str = f"<article>{BODY}</article>", head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head><title>Norway and Kenya sign pact</title>{head}</head><body>{body}</body></html>'


def of_text(data: bytes, name: str = "a.txt", limits: Limits = DEFAULT):
    (item,) = read_text(io.BytesIO(data), name, limits)
    return item


def of_html(page: str | bytes, limits: Limits = DEFAULT):
    (item,) = read_html(io.BytesIO(page.encode() if isinstance(page, str) else page), "a.html", limits)
    return item


def lines(item) -> list[str]:
    return item["text"].split("\n")


@pytest.mark.parametrize(
    "data",
    [
        "Café talks\nresume".encode(),
        b"\xef\xbb\xbf" + "Café talks\nresume".encode(),
        "\ufeffCafé talks\nresume".encode("utf-16-le"),
        "\ufeffCafé talks\nresume".encode("utf-16-be"),
        "Café talks\nresume".encode("cp1252"),
    ],
)
def test_a_text_is_read_in_its_encoding(data):
    assert of_text(data) == {"text": "Café talks\nresume"}


@pytest.mark.parametrize(
    ("data", "cause", "reason"),
    [
        (b"", "no text", "empty"),
        (b" \n\t", "no text", "empty"),
        (b"Japan met\0 China.", "damaged", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "damaged", "binary"),
        ("Rozmowy przełożono: Łódź, żądania, święto".encode("iso8859-2"), "damaged", "not UTF-8"),
        ("Переговоры прошли в Москве".encode("cp1251"), "damaged", "not UTF-8"),
        ("Café à la carte, naïve façade".encode() + b"\xff", "damaged", "not UTF-8"),
        ("中日会谈在北京举行".encode("gbk"), "damaged", "not UTF-8"),
        ("\ufeffodd".encode("utf-16-le") + b"x", "damaged", "not UTF-8"),
    ],
)
def test_what_is_no_text_is_skipped(data, cause, reason):
    item = of_text(data)
    assert isinstance(item, Skipped)
    assert (item.row, item.cause) == (1, cause)
    assert reason in item.reason


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2019-01-24.txt", "2019-01-24"),
        ("news/reuters_20190124_03.txt", "2019-01-24"),
        ("2019_01_24 talks.txt", "2019-01-24"),
        ("2019-13-24.txt", None),
        ("2019-0124.txt", None),
        ("120190124.txt", None),
        ("2019-01-24_to_2019-02-01.txt", None),
        ("20190101/talks.txt", None),
        ("talks.txt", None),
    ],
)
def test_a_day_in_the_name_dates_a_text(name, date):
    assert of_text(b"Japan met China.", name).get("date") == date


@pytest.mark.parametrize("read", [of_text, of_html])
def test_what_is_longer_than_a_record_is_too_large(read):
    page = html_page().encode()
    assert isinstance(read(page, limits=Limits(record=len(page))), dict)
    assert read(page, limits=Limits(record=len(page) - 1)).cause == "too large"


def test_no_more_than_a_record_is_read_from_a_stream():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            assert size > 0
            self.given += min(size, 1000)
            return b"x" * min(size, 1000)

    stream = Endless()
    (item,) = read_text(stream, "a.txt", Limits(record=5000))
    assert item.cause == "too large"
    assert stream.given == 5001


def test_the_body_of_a_page_is_kept_and_the_rest_dropped():
    article = f"<article><h1>Norway and Kenya sign pact</h1>{BODY}{ASIDES}</article>"
    item = of_html(html_page(f"<header>{NAVIGATION}</header><main>{article}{COMMENTS}</main>{FOOTER}", METAS))
    assert lines(item) == ["Norway and Kenya sign pact", *SENTENCES]
    assert {key: value for key, value in item.items() if key != "text"} == {
        "id": "https://post.example/world/pact",
        "date": "2019-01-24T23:30:00-05:00",
        "title": "Norway and Kenya sign pact",
        "publisher": "Northern Post",
        "language": "en-GB",
    }
    assert publication_date(item["date"]).isoformat() == "2019-01-25T04:30:00"


def test_asides_between_paragraphs_are_dropped_and_sentences_like_them_are_not():
    asides = (
        "Subscribe to our newsletter.",
        "Sign up for the morning briefing",
        "Share this article",
        "Read more: India bans imports from Nepal",
        "RELATED STORIES: Chile expels the envoy of Peru",
        "Advertisement",
        "Get the day's news in your inbox.",
    )
    kept = "Signs of a thaw were seen as Norway shared this week what Kenya had asked for, a newsletter of the ministry said."
    paragraphs = [SENTENCES[0], *asides, *SENTENCES[1:], kept]
    item = of_html(html_page("<article>" + "".join(f"<p>{line}</p>" for line in paragraphs) + "</article>"))
    assert lines(item) == [*SENTENCES, kept]


@pytest.mark.parametrize("layout", ["<div id='content'><div>{}</div></div>", "<div class='story'>{}</div>"])
def test_pages_without_an_article_element(layout):
    between = "</div><div>" if "id" in layout else "<br><br>"
    item = of_html(html_page(NAVIGATION + layout.format(between.join(SENTENCES))))
    assert lines(item) == list(SENTENCES)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html></html>",
        html_page(NAVIGATION + FOOTER),
        html_page("<ul>" + "".join(f"<li><a href='/{i}'>Headline {i} on Norway</a></li>" for i in range(40)) + "</ul>"),
        html_page("<div id='app'></div><script>render()</script>"),
    ],
)
def test_a_page_without_an_article_is_skipped(page):
    assert of_html(page).cause == "no text"


def test_json_ld_gives_the_body_where_the_markup_has_none():
    data = (
        '{"@graph": [{"@type": "WebSite", "name": "x"}, {"@type": ["NewsArticle"], "headline": "Pact &amp; peace", '
        f'"datePublished": "2019-01-25T01:00:00Z", "articleBody": "{" ".join(SENTENCES)}", "publisher": {{"name": "The Post"}}}}]}}'
    )
    item = of_html(html_page("<div id='app'></div>", f'<script type="application/ld+json">{data}</script>'))
    assert item["text"] == " ".join(SENTENCES)
    assert (item["title"], item["publisher"], item["date"]) == ("Pact & peace", "The Post", "2019-01-25T01:00:00+00:00")


def _json(*articles: str) -> str:
    return "".join(
        f'<script type="application/ld+json">{{"@type": "NewsArticle", {item}}}</script>' for item in articles
    )


@pytest.mark.parametrize(
    ("head", "date"),
    [
        (_json('"datePublished": "2019-01-24T10:00:00+09:00"') + METAS, "2019-01-24T10:00:00+09:00"),
        (_json('"datePublished": "2019-01-24"') + METAS, "2019-01-24T23:30:00-05:00"),
        (_json('"datePublished": "2019-01-24T08:00:00"'), "2019-01-24T08:00:00"),
        (_json('"datePublished": "2017-03-02"') + METAS, "2017-03-02"),
        (_json('"datePublished": "2017-03-02"', '"datePublished": "2018-03-02"') + METAS, "2019-01-24T23:30:00-05:00"),
        (_json('"datePublished": "2019-01-24", "dateModified": "2019-01-24T10:00:00Z"'), "2019-01-24"),
        ("<meta name='date' content='Thu, 24 Jan 2019 23:30:00 -0500'>", "2019-01-24T23:30:00-05:00"),
        ("<meta name='date' content='Thu, 24 Jan 2019 23:30:00 EST'>", "2019-01-24T23:30:00-05:00"),
        ("<meta name='date' content='Thu, 24 Jan 2019 10:00:00 JST'>", "2019-01-24"),
        ("<meta name='date' content='Thu, 24 Jan 2019 10:00:00 GMT+0900'>", "2019-01-24T10:00:00+09:00"),
        ("<meta name='date' content='Thu Jan 24 2019 10:00:00 GMT-0500 (Eastern Standard Time)'>", "2019-01-24T10:00:00-05:00"),
        ("<meta name='date' content='Thu, 24 Jan 2019 10:00:00 UTC+9'>", "2019-01-24T10:00:00+09:00"),
        ("<meta name='date' content='Thu, 24 Jan 2019 10:00:00 +09:00'>", "2019-01-24T10:00:00+09:00"),
        ("<meta name='date' content='2019-01-24 10:00:00 UTC+9'>", "2019-01-24T10:00:00+09:00"),
        ("<meta name='date' content='2019-01-24 10:00:00 +0930'>", "2019-01-24T10:00:00+09:30"),
        ("<meta name='pubdate' content='1970-01-01T00:00:00Z'>", None),
        ("<meta name='date' content='next week'>", None),
        ("<link rel='canonical' href='https://post.example/2019/01/24/pact'>", "2019-01-24"),
    ],
)
def test_the_date_of_a_page(head, date):
    assert of_html(html_page(head=head)).get("date") == date


def test_a_visible_date_counts_and_one_in_the_running_text_does_not():
    told = f"{BODY}<p>On 3 May 2012 (2012-05-03) the first pact was signed.</p>"
    assert (
        of_html(html_page(f"<article><div class='date'>24 January 2019</div>{told}</article>"))["date"] == "2019-01-24"
    )
    assert of_html(
        html_page(f"<article><time itemprop='datePublished' datetime='2019-01-24T10:00Z'>t</time>{told}</article>")
    )["date"] == ("2019-01-24T10:00:00+00:00")
    assert "date" not in of_html(html_page(f"<article>{told}</article>"))


@pytest.mark.parametrize(
    ("head", "top", "date"),
    [
        ("<meta name='date' content='03/04/2019'>", "", None),
        ("<meta name='date' content='04/13/2019'>", "", None),
        ("<meta name='date' content='3.4.19'>", "", None),
        ("", "<div class='date'>02/03/2019</div>", None),
        ("", "<time datetime='02-03-2019'>2 March</time>", None),
        ("", "<div class='date'>Published: 02/03/2019</div><div class='date'>5 May 2017</div>", None),
        ("<meta name='date' content='03/04/2019'>", "<div class='date'>4 March 2019</div>", "2019-03-04"),
        ("<meta name='date' content='03/04/2019'>", "<div class='date'>2019/03/04 10:00</div>", "2019-03-04"),
        ("", "<div class='date'>4 March 2019</div><div class='byline'>File 11/12/18</div>", "2019-03-04"),
        ("<link rel='canonical' href='https://post.example/2019/03/04/pact'>", "<div class='date'>03/04/2019</div>", "2019-03-04"),
    ],
)
def test_a_date_that_may_put_the_month_or_the_day_first_is_not_believed(head, top, date):
    assert of_html(html_page(f"<article>{top}{BODY}</article>", head)).get("date") == date


def test_an_address_that_is_only_the_front_page_is_no_id():
    assert "id" not in of_html(html_page(head="<link rel='canonical' href='https://post.example/'>"))


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("cp1252", "iso-8859-1"),
        ("cp1251", "windows-1251"),
        ("cp1252", ""),
        ("utf-8", "nonsense"),
        ("utf-8", "punycode"),
        ("utf-8", "rot13"),
        ("utf-16", ""),
    ],
)
def test_a_page_is_read_in_its_encoding(encoding, named):
    last = (
        "Café owners and a “union” agreed with both sides."
        if "1251" not in encoding
        else "Both sides met Иванов in Oslo."
    )
    page = html_page(f"<article>{BODY}<p>{last}</p></article>", f"<meta charset={named}>" if named else "")
    assert lines(of_html(page.encode(encoding)))[-1] == last


def test_a_few_wrong_bytes_are_shown_and_many_refused():
    assert decoded(b"<meta charset=utf-8>" + b"a" * 3000 + b"\xff").count("\ufffd") == 1
    with pytest.raises(MarkupError, match="not utf-8"):
        decoded(b"<meta charset=utf-8>" + b"abc\xff" * 100)


ATTRIBUTES = " ".join(f"a{i}='1'" for i in range(60_000))
HOSTILE = {
    "deep": (html_page("<div>" * 200_000 + BODY), "damaged"),
    "deep bold": (html_page("<b>" * 5_000 + BODY), "damaged"),
    "attribute of 8 MB": (html_page(f"<div class='{'a' * 8_000_000}'>{BODY}</div>"), None),
    "many attributes": (html_page(f"<div {ATTRIBUTES}>{BODY}</div>"), None),
    "meta of <": (html_page(head=f"<meta name='x' content='{'<' * 500_000}'>"), None),
    "metas of <": (html_page(head=f"<meta name='author' content='{'<' * 1900}'>" * 500), None),
    "table": (html_page(f"<article>{BODY}<table>{'<tr><td>cell</td></tr>' * 50_000}</table></article>"), "too large"),
    "spans": (html_page(f"<article><p>{'<span>word </span>' * 100_000}</p></article>"), "too large"),
    "text of 5 MB": (html_page(f"<article><p>{'word ' * 1_000_000}</p></article>"), "too large"),
    "json": (html_page(head='<script type="application/ld+json">' + "[" * 100_000 + "</script>"), None),
    "json quotes": (html_page(head='<script type="application/ld+json">{"a": "' + '\\"' * 300_000 + "</script>"), None),
    "unclosed scripts": (html_page("<script>" * 200_000 + BODY), "no text"),
    "unclosed comments": (html_page("<!--" * 200_000 + BODY), "no text"),
    "unclosed quotes": (html_page(BODY + "<a b='" * 200_000), None),
    "unclosed tags": (html_page(BODY + "<a" * 500_000), None),
    "entities": (
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaa'><!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
        + html_page(BODY + "&a;&b;" * 9000),
        None,
    ),
    "charset": (html_page(head="<meta charset='" + "x" * 100_000 + "'>"), None),
    "controls": (html_page(f"<article>\x00\x01\x0b{BODY}\ufffe</article>"), None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_neither_crash_nor_hang(name):
    page, cause = HOSTILE[name]
    begun = time.perf_counter()
    item = of_html(page)
    assert time.perf_counter() - begun < 5
    if cause is None:
        assert SENTENCES[0] in item["text"]
        assert "root" not in item["text"]
    else:
        assert item.cause == cause


def test_markup_is_shortened_without_touching_what_is_short():
    html, scripts = lean(
        "<p class='a>b'>a &lt; b<!-- <p> --><script>if (a<b) '</p>'</script><style>p{}</style> <br/>1 < 2</p>"
    )
    assert html == "<p class='a>b'>a &lt; b    <br/>1 < 2</p>"
    assert scripts == []
    assert lean("<SCRIPT type='application/ld+json'>{}</Script><b>")[1] == ["{}"]


def test_a_fragment_as_text():
    assert (
        plain("<p>One &amp; <b>two</b>\n words.</p><ul><li>a<li>b</ul>x<br>y<script>z()</script>")
        == "One & two words.\na\nb\nx\ny"
    )
    assert plain(" ") == ""


def test_reading_pages_is_quiet():
    code = (
        "import io, logging, socket, sys\n"
        "def no(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = no; socket.getaddrinfo = no\n"
        "from tension.readers.documents import read_html\n"
        "from tension.readers.limits import DEFAULT\n"
        "for page in (b'<html><body><p>x</p>', b'', b'<html><nav>a</nav></html>', sys.stdin.buffer.read()):\n"
        "    list(read_html(io.BytesIO(page), 'a', DEFAULT))\n"
        "assert not logging.getLogger().handlers\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], input=html_page().encode(), capture_output=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_handlers_are_not_piled_up():
    of_html(html_page())
    before = list(logging.getLogger("htmldate").handlers)
    of_html(html_page())
    assert logging.getLogger("htmldate").handlers == before


def test_trafilatura_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ImportError, match=r"this needs trafilatura: pip install 'tension\[io\]'"):
        of_html(html_page())
