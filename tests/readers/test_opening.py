import gzip
import io
import stat
import zipfile

import pytest
import zstandard

from tension.errors import InputError
from tension.readers.limits import DEFAULT, Limits
from tension.readers.opening import LeftOut, Member, members
from tension.readers.streams import CountedFile, StreamError
from tension.records import Skipped

CONTENT = b'{"text": "Norway thanked Kenya."}\n' * 3
SMALL = Limits(record=1 << 20)


def opened(path, limits=DEFAULT):
    """Members of a file: their name and content, or what came instead."""
    with CountedFile(path) as file:
        return [
            (item.name.removeprefix(str(path)), item.suffix, item.stream.read()) if isinstance(item, Member) else item
            for item in members(file, str(path), limits)
        ]


def zipped(path, entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "content"),
    [
        ("x.jsonl", CONTENT, CONTENT),
        ("X.JSONL", CONTENT, CONTENT),
        ("x.jsonl.gz", gzip.compress(CONTENT) + gzip.compress(CONTENT), CONTENT * 2),
        ("x.jsonl.zst", zstandard.compress(CONTENT) + zstandard.compress(CONTENT), CONTENT * 2),
        ("x.jsonl.zst", zstandard.compress(b"") + zstandard.compress(CONTENT * 9999), CONTENT * 9999),
        ("x.jsonl.zst", b"\x50\x2a\x4d\x18\x02\x00\x00\x00ab" + zstandard.compress(CONTENT), CONTENT),
        ("x.jsonl.gz", b"", b""),
        ("x.jsonl.zst", b"", b""),
    ],
)
def test_a_file_is_one_member_and_decompressed(name, data, content, tmp_path):
    (tmp_path / name).write_bytes(data)
    assert opened(tmp_path / name) == [("", ".jsonl", content)]


def test_a_web_archive_stays_as_it_is(tmp_path):
    data = gzip.compress(b"WARC/1.0\r\n")
    (tmp_path / "x.warc.gz").write_bytes(data)
    assert opened(tmp_path / "x.warc.gz") == [("", ".warc", data)]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.jsonl.zst", CONTENT, "is text, and its name says a Zstandard file"),
        ("x.zip", CONTENT, "is text, and its name says a zip archive"),
        ("x.csv", b"\xff\xfei\x00d\x00", "is text in UTF-16"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name, data, message, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        opened(tmp_path / name)


def test_an_archive_gives_its_files_in_order_of_their_names(tmp_path):
    path = zipped(
        tmp_path / "x.zip",
        [
            ("b.csv", b"text\nb\n"),
            ("a/deep.jsonl", CONTENT),
            ("a/packed.jsonl.gz", gzip.compress(CONTENT)),
            ("empty/", b""),
        ],
    )
    assert opened(path) == [
        ("!a/deep.jsonl", ".jsonl", CONTENT),
        ("!a/packed.jsonl.gz", ".jsonl", CONTENT),
        ("!b.csv", ".csv", b"text\nb\n"),
    ]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("../up.jsonl", "outside"),
        ("a/../../up.jsonl", "outside"),
        ("/etc/news.jsonl", "outside"),
        ("..\\up.jsonl", "outside"),
        ("C:\\news.jsonl", "outside"),
        ("more.zip", "unknown format"),
        ("more.tar.gz", "unknown format"),
    ],
)
def test_members_that_are_not_followed(name, cause, tmp_path):
    first, second = opened(zipped(tmp_path / "x.zip", [(name, CONTENT), ("z.jsonl", CONTENT)]))
    if not isinstance(first, Skipped):
        first, second = second, first
    assert first.cause == cause
    assert first.source == f"{tmp_path}/x.zip!{name}"
    assert second[2] == CONTENT


def test_a_link_an_encrypted_file_and_a_rare_packing_are_not_followed(tmp_path):
    link = zipfile.ZipInfo("link.jsonl")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    (item,) = opened(zipped(tmp_path / "link.zip", [(link, b"/etc/passwd")]))
    assert item.cause == "outside"
    (item,) = opened(zipped(tmp_path / "lzma.zip", [("x.jsonl", CONTENT)], zipfile.ZIP_LZMA))
    assert (item.cause, "Deflate" in item.reason) == ("unknown format", True)
    data = bytearray(zipped(tmp_path / "locked.zip", [("x.jsonl", CONTENT)]).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    (item,) = opened(tmp_path / "locked.zip")
    assert (item.cause, "encrypted" in item.reason) == ("unknown format", True)


def test_what_is_no_news_is_left_out(tmp_path):
    path = zipped(
        tmp_path / "x.zip", [("a.pdf", b"x"), ("__MACOSX/b.jsonl", b"x"), (".c.jsonl", b"x"), ("README", b"")]
    )
    assert sorted(item.suffix for item in opened(path)) == ["", ".pdf", "hidden", "hidden"]
    assert all(isinstance(item, LeftOut) for item in opened(path))


def test_an_archive_without_its_list_is_damaged(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.jsonl", CONTENT)])
    path.write_bytes(path.read_bytes()[:-30])
    (item,) = opened(path)
    assert item.cause == "damaged"


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "x.zip"])
def test_a_bomb_is_not_read_on(name, tmp_path):
    zeros, path = bytes(64 << 20), tmp_path / name
    if name == "x.zip":
        zipped(path, [("x.jsonl", zeros)])
    else:
        path.write_bytes(gzip.compress(zeros, 9) if name.endswith(".gz") else zstandard.compress(zeros))
    with CountedFile(path) as file:
        found = members(file, str(path), SMALL)
        member = next(found)
        sizes = []
        with pytest.raises(StreamError, match="bomb") as caught:
            sizes.extend(map(len, iter(lambda: member.stream.read(65536), b"")))
    assert caught.value.cause == "too large"
    assert 1 << 20 <= sum(sizes) < 32 << 20


def test_text_that_packs_well_is_no_bomb(tmp_path):
    content = b"".join(b'{"id": %d, "text": "Norway thanked Kenya for its help."}\n' % i for i in range(60_000))
    limits = Limits(record=1 << 16)
    zipped(tmp_path / "x.zip", [(f"{i}.jsonl", content[: 70_000 * (i + 1)]) for i in range(3)])
    assert [len(item[2]) for item in opened(tmp_path / "x.zip", limits)] == [70_000, 140_000, 210_000]
    (tmp_path / "x.jsonl.zst").write_bytes(zstandard.compress(content))
    assert opened(tmp_path / "x.jsonl.zst", limits) == [("", ".jsonl", content)]


@pytest.mark.parametrize("cut", [1, 3, 10, 2000])
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_stream_gives_what_it_holds_and_then_says_so(pack, cut, tmp_path):
    content = b"".join(b"%d %d\n" % (i, i * 2654435761 % 2**32) for i in range(50_000))
    path = tmp_path / ("x.jsonl.gz" if pack is gzip.compress else "x.jsonl.zst")
    path.write_bytes(pack(content)[:-cut])
    with CountedFile(path) as file:
        (member,) = members(file, str(path), DEFAULT)
        lines = []
        with pytest.raises(StreamError) as caught:
            lines.extend(member.stream)
    assert caught.value.cause == "damaged"
    assert content.startswith(b"".join(lines))
    assert cut < 2000 or len(lines) > 50


def test_bytes_are_counted_and_a_stream_that_is_not_ours_stays_open():
    inner = io.BytesIO(CONTENT)
    with CountedFile(inner) as file:
        assert io.BufferedReader(file).read(5) == CONTENT[:5]
        assert file.count == len(CONTENT)
    assert not inner.closed
