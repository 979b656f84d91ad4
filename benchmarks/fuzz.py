"""Fuzzing of all that takes foreign bytes and words: the readers, the segmentation, the dates, and the road to candidate pairs.

python benchmarks/fuzz.py [--seconds 20] [--target NAME ...] [--keep FOLDER]

Each target runs in a process of its own, bounded in time and memory, and changes small seeds in the ways that reach new lines of code.
A finding is an exception that is no `TensionError`, a hang, too much memory, a crash, or a broken promise: a record that is neither an
article nor skipped, a position beyond the size, a sentence that does not stand where it says, words that no sentence holds. It needs
atheris (Apache-2.0, `pip install atheris`; Linux and macOS only, and so no part of the extra dev).
"""

import argparse
import gzip
import io
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pandas as pd
from common import write_result

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from counting import rows_in

MEMORY = 1000  # MiB of addresses beyond those that the packages take, most of which stay empty
HANG = 10  # seconds for one input
LONGEST = 64 * 1024
LIMIT = 256 * 1024  # bytes of one record: small, so that what is too large comes up
MOST_FINDINGS = 20
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_EXIT = {70: "hang", 71: "memory", 77: "crash"}
_FOREIGN = ("trafilatura", "htmldate", "courlan", "justext", "feedparser")
_SPARING = {
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # others set gigabytes of addresses aside
_ANCHORS = (
    datetime(2019, 1, 24),
    None,
    datetime.min,
    datetime.max,
    datetime(2020, 2, 29),
    datetime(2024, 12, 31, 23, 59),
)
_LEFT_OUT = re.compile(r"\s*(?:[A-Z][^\n]{0,120}?(?:--|[-–—]) )?\s*(?:\(.*\))?\s*", re.DOTALL)

_ROWS = [
    {"id": "1", "date": "2019-01-24T23:30:00-05:00", "title": "Thanks", "text": "Norway thanked Kenya for its help."},
    {
        "id": "2",
        "date": "2019-02-01",
        "publisher": "The Post",
        "language": "en",
        "text": "Kenya and Norway held talks.",
    },
    {"id": None, "date": None, "text": 'Qatar said: "We met Oman", and left.'},
]
_ODD = (
    b'\xef\xbb\xbf{"body": "Kenya met Norway.", "published": "0000-01-01"}\r\n\n'
    b'{"text": "\\ud83d \\u202e \\u0000", "date": 20190124}\n[1]\n{broken\n{"text": 1e999, "id": [[[]]]}\n\xff\n{"text": "Kenya waits."}'
)
_PAGE = b"""<!DOCTYPE html><html lang="en"><head><title>Thanks</title><meta charset="utf-8">
<meta property="article:published_time" content="2019-01-24T10:00:00+03:00"><link rel="canonical" href="https://news.example/thanks">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline": "Thanks",
"datePublished": "2019-01-24", "publisher": {"name": "The Post"}, "articleBody": "Norway thanked Kenya for its help."}]}</script></head>
<body><nav>Home</nav><article><h1>Thanks</h1><time datetime="2019-01-24">24 January 2019</time>
<p>Norway thanked Kenya on Thursday for its help with the grain that it had sent by ship to the port in the north of the country.</p>
<p>Kenya &amp; Norway will hold talks in Nairobi next week, the ministers said after a long meeting on the fishing grounds.</p>
<!-- note --><table><tr><td>1</td></tr></table></article><footer>Read more: other</footer></body></html>"""
_RSS = b"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Post</title><language>en</language><item><title>Thanks</title>
<link>https://news.example/1</link><guid>1</guid><pubDate>Thu, 24 Jan 2019 10:00:00 GMT</pubDate><dc:creator>A</dc:creator>
<description>Norway thanked Kenya&nbsp;for its help.</description><content:encoded><![CDATA[<p>Norway thanked <b>Kenya</b>.</p>]]>
</content:encoded></item><item><title>AT&T &#x26; talks</title></item></channel></rss>"""
_ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Post</title><entry><id>urn:1</id>
<title type="html">Thanks &amp;amp; talks</title><updated>2019-01-24T10:00:00Z</updated><source><title>Wire</title></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Norway thanked Kenya.</p></div></content></entry>
<entry><id>urn:2</id><summary>Kenya met Norway.</summary><published>2019-01-25T00:00:00+14:00</published></entry></feed>"""


def _warc(header: bytes, body: bytes, more: bytes = b"") -> bytes:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" + header + b"\r\n" + body
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://news.example/thanks>\r\nWARC-Date: 2019-01-25T00:00:00Z\r\n" + more
        + b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer + b"\r\n\r\n"
    )  # fmt: skip


def _table(separator: str) -> bytes:
    return pd.DataFrame(_ROWS).to_csv(index=False, sep=separator).encode()


def _parquet(compression: str | None) -> bytes:
    sink, frame = io.BytesIO(), pd.DataFrame(_ROWS)
    frame.assign(when=pd.Timestamp("2019-01-24"), tags=[["a"]] * 3).to_parquet(sink, compression=compression)
    return sink.getvalue()


_LINES = "".join(json.dumps(row) + "\n" for row in _ROWS).encode()
_ARCHIVE = b"".join(
    (
        _warc(b"", _PAGE),
        _warc(b"Content-Encoding: gzip\r\n", gzip.compress(_PAGE, 1)),
        _warc(b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(_PAGE), _PAGE)),
        _warc(b"", _PAGE, b"WARC-Truncated: length\r\n"),
    )
)
_TEXT = "TOKYO (Kyodo) -- Mr. Abe said: “We met.” He left on Jan. 5, 2019. (The Post)\nThe U.S. and Iran, while Qatar waited, agreed."


def seeds() -> dict[str, list[bytes]]:
    """What fuzzing starts from: small valid files of each format, and texts as `text_of` reads them."""
    return {
        "jsonl": [_LINES, _ODD],
        "json": [json.dumps(_ROWS).encode(), b'{"text": "Kenya met Norway.", "date": "2019"}', b"[[], 1, null]"],
        "csv": [_table(","), b'\xef\xbb\xbfbody,published\r\n"Kenya ""met""\r\nNorway.",2019-01-24\r\n,\r\n'],
        "tsv": [_table("\t"), b"text\tdate\rKenya met Norway.\t2019\r"],
        "parquet": [_parquet(None), _parquet("snappy"), _parquet("gzip")],
        "txt": [_TEXT.encode(), _TEXT.encode("utf-16"), "Côte d’Ivoire met Norway.".encode("cp1252")],
        "html": [_PAGE, _PAGE.decode().encode("utf-16"), b"<p>Kenya met Norway."],
        "rss": [_RSS],
        "atom": [_ATOM],
        "warc": [_ARCHIVE, _warc(b"Content-Encoding: deflate\r\n", b"x"), _warc(b"Content-Encoding: br\r\n", b"\x0b")],
        "text": [
            b"0u" + _TEXT.encode(),
            b"1w" + bytes(range(0, 244, 3)),
            b"2w" + bytes(range(243, 0, -5)),
            b"3w\x01\xff\x02\xff\x03",
        ],
    }


# Of the texts in which every byte is a word.
_WORDS = """\
.|,|;|:|!|?|…|(|)|[|]|"|'|’|“|”|«|»|-|--| – |—|/|%|$|#|@| |  |\n|\t|\r\n|\u00a0|\u2028|\u0301|\u200b|\u200d|\u202e|\u200f|\u00ad|\ufeff|\
\ud800|é|ß|İ|ﬁ|👩‍👩‍👧|🇯🇵|𝔘|中国|。|؟|Россия|القاهرة|\u0e01\u0e33|Ωμέγα|²|٢٠١٩|ABCDEFGHIJKLMNOPQRSTUVWXYZ|\
 Japan| China| the United States| U.S.| North Korea| the two Koreas| Tokyo| the Kremlin| NATO| the EU| Putin| President Xi| Vladimir Putin|\
 the Senkaku Islands| South China Sea| Georgia| Congo| Israeli| Chinese| Palestine| Peru, Chile and Cuba| Russians| CHINA AND JAPAN|\
 Kenya’s|\
 Britain| South African| Guinea-Bissau| the two countries| both sides| each other| their talks| neither side| the other side| The ministry|\
 He said| and| while| but| as| although|While |Despite | said| met| accused| agreed to| will| than| the first| yesterday|\
 last October| since|\
 until| by| in 2012| Jan. 5| 5 May| 2019-01-24| 300 decades ago| this week| next month| Monday| the 1990s| early March| from May to June|\
 the second half of 2019| from 1899-99| Feb 30| winter| last winter| in the past 999 years| 24 Jan 2019 10:00 GMT|T10:30+09:00| 10:30| now|\
0000-01-01|9999-12-31|Z| Mr.| Dr.| St.| etc.| e.g.|A.B.| No. 5| TOKYO (Kyodo) --| (Reuters)| (The Times (London))|\nParis - |1.5""".split(
    "|"
)


class Broken(AssertionError):
    """A promise that was not kept."""


def promise(kept: object, words: str) -> None:
    if not kept:
        raise Broken(words)


def zipped(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x.jsonl", "in/2019-01-24.txt", "y.csv.gz"):
            archive.writestr(name, gzip.compress(content, 1) if name.endswith(".gz") else content)
    return sink.getvalue()


def zstandard_of(content: bytes) -> bytes:
    import zstandard

    return zstandard.compress(content)


PACK = {".gz": lambda data: gzip.compress(data, 1), ".zst": zstandard_of, ".zip": zipped}


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes of a file of some name, out of a fuzzer's input, and how many records they hold where that is known."""

    name: str

    def __call__(self, data: bytes) -> tuple[bytes, int | None]:
        """The first byte of an input for a packing says: as it stands, packed, packed and cut, packed and spoilt."""
        suffix = "." + self.name.rpartition(".")[2]
        if suffix not in PACK:
            return data, records_in(data, suffix)
        way, content = data[:1], data[1:]
        if way in (b"", b"0"):
            return content, None
        packed = PACK[suffix](content[3:] if way in b"23" else content)
        place = int.from_bytes(content[:2], "big") % len(packed)
        if way == b"2":
            return packed[:place], None
        if way == b"3":
            return packed[:place] + content[2:3] + packed[place + 1 :], None
        return packed, records_in(content, ".jsonl") if self.name.startswith("x.jsonl") else None


def records_in(data: bytes, suffix: str) -> int | None:
    """Records that a file holds, counted in another way than the reader's; None where there is no other way."""
    if suffix == ".jsonl":
        return sum(bool(line.strip()) for line in data.split(b"\n"))
    if suffix in (".txt", ".html"):
        return 1
    if suffix == ".json":
        value = json.loads(data)
        return len(value) if isinstance(value, list) else 1
    return rows_in(data, _DELIMITERS[suffix]) if suffix in _DELIMITERS else None


def reader_target(name: str, folder: Path) -> Callable[[bytes], None]:
    """Reads a file of that name with the input in it."""
    from tension.errors import TensionError
    from tension.readers.formats import SUFFIXES, parser_of
    from tension.readers.limits import Limits
    from tension.readers.read import read

    for suffix in SUFFIXES:
        parser_of(suffix)
    for package in (*_FOREIGN, "pyarrow.parquet", "zstandard", "fastwarc.warc", "py3langid"):
        import_module(package)
    path, shaped = folder / name, Packed(name)

    def run(data: bytes) -> None:
        content, count = None, None
        try:
            content, count = shaped(data)
        except (ValueError, RecursionError):  # no JSON: the reader has to say so
            content = data
        path.write_bytes(content)
        try:
            check_reading(read(path, limits=Limits(record=LIMIT)), count)
        except TensionError as error:
            promise(str(error), "an error without words")

    return run


def check_reading(reading: object, count: int | None) -> None:
    from tension.records import Article, Cause, Skipped

    items = 0
    for item in reading:
        items += 1
        promise(0 <= reading.position <= reading.size, f"position {reading.position} of {reading.size}")
        if isinstance(item, Article):
            promise(item.text.strip() and item.id and item.language == "en", "an article without text, id or language")
            promise(item.date is None or item.date.tzinfo is None, "a date with a zone")
            item.text.encode("utf-8")
        else:
            promise(
                isinstance(item, Skipped) and item.reason and item.source, "a skipped record without reason or source"
            )
            promise(item.cause in get_args(Cause), f"the cause {item.cause}")
    promise(items == reading.articles + reading.counts.total(), "counts that differ from what was given")
    promise(reading.position <= reading.size, "a position beyond the size")
    promise(count is None or items == count, f"{items} items for {count} records")


def text_of(data: bytes) -> str:
    """A text out of a fuzzer's input: UTF-8, or words, each a byte; high bytes repeat the last word."""
    from tension.text.articles import clean

    if data[:1] != b"w":
        return clean(data[1:].decode("utf-8", "replace"))
    words, length = [""], 0
    for byte in data[1:]:
        word = words[-1][:4096] if byte > 243 else _WORDS[byte % len(_WORDS)]
        times = 2 ** (byte - 243) if byte > 243 else 1
        length += times * len(word)
        if length > LONGEST:
            break
        words.append(times * word)
    return clean("".join(words))


def article_in(data: bytes) -> object:
    from tension.records import Article

    text = text_of(data[1:])
    return Article("x", text, _ANCHORS[data[0] % len(_ANCHORS)] if data else None, text[:100])


def segmentation_target(_: str, __: Path) -> Callable[[bytes], None]:
    from tension.text.sentences import LONGEST as MOST
    from tension.text.sentences import split_sentences

    def run(data: bytes) -> None:
        article, end = article_in(data), 0
        for number, sentence in enumerate(split_sentences(article)):
            own = article.text[sentence.start : sentence.end]
            promise(own == sentence.text and sentence.index == number, "a sentence that is not where it says")
            promise(
                own and own == own.strip() and len(own) <= MOST,
                "a sentence that is empty, too long or has spaces around it",
            )
            promise(end <= sentence.start, "sentences that overlap")
            check_gap(article.text[end : sentence.start])
            end = sentence.end
        check_gap(article.text[end:])

    return run


def check_gap(gap: str) -> None:
    """Between sentences stand spaces, a dateline or citations."""
    for line in gap.split("\n") if gap.strip() else ():
        promise(_LEFT_OUT.fullmatch(line), f"words that no sentence holds: {line!r:.80}")


def dates_target(_: str, __: Path) -> Callable[[bytes], None]:
    from tension.errors import DateError
    from tension.text.articles import publication_date
    from tension.text.dates import event_time, time_expressions
    from tension.text.sentences import split_sentences

    def run(data: bytes) -> None:
        article = article_in(data)
        try:
            moment = publication_date(article.text)
            promise(
                moment is None or (moment.tzinfo is None and moment.year >= 1000), "a publication date without its year"
            )
        except DateError as error:
            promise(len(str(error)) < 300, "an error as long as its input")
        for sentence in split_sentences(article):
            found = time_expressions(sentence.text, article.date)
            promise(
                all(0 <= e.start < e.end <= len(sentence.text) for e in found), "an expression outside its sentence"
            )
            promise(all(e.first <= e.last for e in found), "an interval that ends before it starts")
            promise(all(a.end <= b.start for a, b in pairwise(found)), "expressions that overlap")
            promise(not found or event_time(found, [(0, 5)]) in found, "a time out of nowhere")

    return run


def pairs_target(_: str, __: Path) -> Callable[[bytes], None]:
    """All that `Scorer.score` does before it asks the model."""
    from tension.scorer import Scorer
    from tension.tally import Tally
    from tension.text.clauses import split_clauses

    scorers = Scorer(organisations="actors"), Scorer(context=False, places=False)

    def run(data: bytes) -> None:
        article = article_in(data)
        promise(
            "".join(article.text[a:b] for a, b in split_clauses(article.text)) == article.text, "clauses with a hole"
        )
        for found in scorers[len(data) % 2].road.read(article, Tally()):
            clause, reading = found.clause, found.reading
            promise(found.sentence.text[clause.start : clause.end] == found.text, "a clause that is not where it says")
            promise(clause.pairs, "a clause without a pair")
            first, end = reading.judged or (0, len(reading.text))
            promise(0 <= first < end <= len(reading.text), "a clause that is not in its reading")
            for before, after in zip(clause.pairs, reading.pairs, strict=True):
                promise(before.source != before.target, "a state that faces itself")
                check_spans((*before.source_spans, *before.target_spans), found.text)
                check_spans((*after.source_spans, *after.target_spans), reading.text)

    return run


def check_spans(spans: tuple[tuple[int, int], ...], text: str) -> None:
    promise(all(0 <= start < end <= len(text) for start, end in spans), f"a span outside its text: {spans}")


@dataclass(frozen=True, slots=True)
class Target:
    make: Callable[[str, Path], Callable[[bytes], None]]
    file: str
    tried: str


_BYTES = "valid files with bytes changed, doubled, cut out and put in"
_PACKING = "damaged packings, and JSON Lines of every kind packed whole, cut and spoilt"
_TEXTS = "UTF-8 of all scripts, and salads of names, dates, brackets, quotes, abbreviations, marks that turn or combine, and long runs"
TARGETS = {
    **{
        name: Target(reader_target, f"x.{name}", _BYTES)
        for name in "jsonl json csv tsv parquet txt html rss atom warc".split()
    },
    **{name: Target(reader_target, f"x.{name}", _PACKING) for name in ("jsonl.gz", "jsonl.zst", "zip")},
    "warc.gz": Target(reader_target, "x.warc.gz", "web archives damaged before and after they are packed"),
    "segmentation": Target(segmentation_target, "text", _TEXTS),
    "dates": Target(
        dates_target, "text", f"{_TEXTS}, as dates and in sentences published between the years 1 and 9999"
    ),
    "pairs": Target(pairs_target, "text", f"{_TEXTS}, through mentions, clauses, candidate pairs and stand-ins"),
}


def fuzz(name: str, folder: Path, options: list[str]) -> None:
    """The child: fuzz one target, write down what is found, and go on."""
    import atheris

    with atheris.instrument_imports(include=["tension", *_FOREIGN]):
        run = TARGETS[name].make(TARGETS[name].file, folder)
    found: dict[str, int] = {}

    def watched(data: bytes) -> None:
        try:
            run(data)
        except BaseException as error:  # a panic of a Rust package is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            where = [
                f
                for f in traceback.extract_tb(error.__traceback__)
                if "/tension/" in f.filename or "fuzz" in f.filename
            ][-1]
            key = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:200]!r}"
            place = f"{type(error).__name__} {where.filename}:{where.lineno}"
            if place not in found and len(found) < MOST_FINDINGS:
                (folder / f"finding-{len(found)}").write_bytes(data)
                (folder / f"finding-{len(found)}.txt").write_text(f"{key}\n", encoding="utf-8", errors="replace")
            found[place] = found.get(place, 0) + 1

    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + (MEMORY << 20),) * 2)
    atheris.Setup([sys.argv[0], *options], watched)
    atheris.Fuzz()


def figures_of(name: str, seconds: int, folder: Path) -> dict:
    """Run a target for some seconds in a child."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for number, seed in enumerate(seeds_of(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "timeout": HANG,
        "rss_limit_mb": 2 * MEMORY,
        "max_len": LONGEST
        if TARGETS[name].make is reader_target
        else LONGEST // 64,  # a word for each byte makes long texts
        "print_final_stats": 1,
        "seed": 1,
    }
    command = [sys.executable, __file__, "--child", name, "--keep", str(folder)]
    command += [f"-{option}={value}" for option, value in options.items()] + [
        f"-artifact_prefix={folder}/",
        str(corpus),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | _SPARING,
            timeout=3 * seconds + 120,
            check=False,
        )
        log, code = done.stderr, done.returncode
    except subprocess.TimeoutExpired as error:
        log, code = str(error.stderr), 70
    (folder / "log").write_text(log, encoding="utf-8")
    runs, used = re.search(r"number_of_executed_units: +(\d+)", log), re.search(r"Done \d+ runs in (\d+) second", log)
    findings = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("finding-*.txt"))]
    findings += [f"{_EXIT.get(code, f'exit {code}')}: {log.strip().splitlines()[-1:]}"] if code else []
    return {
        "executions": int(runs[1]) if runs else 0,
        "seconds": int(used[1]) if used else seconds,
        "findings": findings,
        "tried": TARGETS[name].tried,
    }


def seeds_of(name: str) -> Iterator[bytes]:
    """Seeds of a target: its format's, or for a packing those of what is in it, in each of the ways of `Packed`."""
    packing, known = "." + name.rpartition(".")[2], seeds()
    if packing not in PACK:
        yield from known.get(name) or (*known["text"], *_single_words())
        return
    for seed in known[name.removesuffix(packing) if "." in name else "jsonl"]:
        yield from (b"0" + PACK[packing](seed), b"1" + seed, b"2\x00\x50\x00" + seed, b"3\x00\x50\x00" + seed)


def _single_words() -> Iterator[bytes]:
    """Inputs for `text_of`: every word alone, in a long run, and between two that it may follow or lead."""
    for number in range(len(_WORDS)):
        for words in (
            (number,),
            (number, 255, number),
            (number, _WORDS.index("  "), 253, number),
            (_WORDS.index(" than"), number, 0),
            (_WORDS.index(" Japan"), number, number),
        ):
            yield bytes((number % len(_ANCHORS), ord("w"), *words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    parser.add_argument(
        "--target", choices=TARGETS, action="append", help="only this one; figures are printed, not stored"
    )
    parser.add_argument("--keep", type=Path, help="an empty folder for inputs, findings and logs")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments, options = parser.parse_known_args()
    try:
        import atheris  # noqa: F401
    except ImportError:
        parser.error("this needs atheris: pip install atheris (there are wheels for Linux)")
    if arguments.child:
        fuzz(arguments.child, arguments.keep, options)
        return
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.target or TARGETS:
            figures[name] = figures_of(name, arguments.seconds, (arguments.keep or Path(scratch)) / name)
            print(
                f"{name:14s}{figures[name]['executions']:9d} executions, findings: {figures[name]['findings'] or 0}",
                flush=True,
            )
    if not arguments.target:
        write_result("fuzz", {"memory_mib": MEMORY, "hang_seconds": HANG, "longest_input": LONGEST, "targets": figures})


if __name__ == "__main__":
    main()
