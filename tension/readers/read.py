"""Files of any known format -> articles, one in memory at a time, each record that is none with its place and reason."""

from collections.abc import Mapping

from tension.errors import OptionError
from tension.readers.columns import check_named
from tension.readers.limits import DEFAULT, Limits
from tension.readers.places import Sources, places
from tension.readers.reading import Options, Reading
from tension.text.articles import publication_date


def read(
    sources: Sources,
    *,
    columns: Mapping[str, str] | None = None,
    date: object = None,
    since: object = None,
    until: object = None,
    limits: Limits = DEFAULT,
    must_match: bool = True,
    must_date: bool = False,
) -> Reading:
    """Read articles from files of news, one at a time.

    Formats, by suffix: JSON Lines (.jsonl, .ndjson), JSON (.json: an array of objects, or one), CSV and TSV with a header line, Parquet;
    text (.txt) and pages (.html, .htm, .xhtml), one article a file; feeds (.rss, .atom, .xml); web archives (.warc). Each may be
    compressed (.gz, .zst) or lie in an archive (.zip), which is read through without unpacking it to disk.

    Parameters
    ----------
    sources
        A file, a folder (searched through and through; hidden files, and those of other suffixes, are left out and counted in ``notes``),
        a glob, "-" for JSON Lines on standard input, or a list of these. Files are read in the order of their paths, each once.
    columns
        Our names (text, date, id, title, publisher, language) -> those of the tables, e.g. ``{"text": "body"}``. What is not named is
        read from the column of our name, or else guessed from the first record of each file that has a column for it; ``notes`` tells
        every guess.
    date
        Publication date of articles that carry none.
    since, until
        Keep articles published from `since` on and before `until`; those without any date are kept. A date with a time zone is
        converted to UTC, one without is taken to be UTC, and a day is its midnight: ``until="2020-01-01"`` keeps all of 2019.
    limits
        What is read at most: bytes of one record, and bytes that a compressed file may give for each of its own.
    must_match
        Whether a folder without files to read, or a glob without a match, raises: a scheduled run may find nothing yet.
    must_date
        Whether an article without a date is skipped: a series cannot place it.

    Returns
    -------
    Reading
        To be iterated once: an `Article` or a `Skipped` for each record. Articles in other languages than English are skipped and
        counted like any record that cannot be used: no text, an unreadable date, a broken line, one too large, a damaged file. An article
        without an id gets one from its text.

    Raises
    ------
    InputError
        If a source matches nothing, is an address, or names a file of an unknown suffix; while iterating, if the only file is not what
        its name says. Among several files such a one is a `Skipped`.
    MissingColumnError
        While iterating, if the only file lacks a text or a column that was named.
    OptionError
        If `columns` holds a name that is not ours, or `until` is not after `since`.
    DateError
        If `date`, `since` or `until` cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "news.jsonl")
    >>> _ = path.write_text('{"body": "Japan met China.", "published": "2019-01-24T23:30:00-05:00"}\\n{"body": ""}\\n')
    >>> reading = read(path)
    >>> for item in reading:
    ...     print(item.date if hasattr(item, "date") else item.reason)
    2019-01-25 04:30:00
    empty text
    >>> reading.articles, dict(reading.counts), reading.notes[0].split(": ")[1]
    (1, {'no text': 1}, "text read from 'body', date from 'published'")
    >>> folder.cleanup()
    """
    first, end = publication_date(since), publication_date(until)
    if first and end and first >= end:
        raise OptionError(f"until={until!r} is not after since={since!r}; until is the first moment that is left out")
    return Reading(
        places(sources, must_match),
        Options(check_named(columns), publication_date(date), first, end, limits, must_date),
    )
