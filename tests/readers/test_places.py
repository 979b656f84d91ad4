import os

import pytest

from tension.errors import InputError
from tension.readers.places import STDIN, places


@pytest.fixture
def folder(tmp_path):
    for name in (
        "news/b.csv",
        "news/2019/a.jsonl.gz",
        "news/notes.pdf",
        "news/.git/c.csv",
        "news/.d.csv",
        "news/README",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text\n", encoding="utf-8")
    return tmp_path / "news"


def names(found, folder):
    return [os.path.relpath(place.name, folder) for place in found.files]


def test_a_folder_is_walked_and_what_is_left_out_counted(folder):
    found = places(folder)
    assert names(found, folder) == ["2019/a.jsonl.gz", "b.csv"]
    assert found.left_out == {".pdf": 1, "": 1, "hidden": 2}
    assert not found.alone


def test_names_are_as_given_files_distinct_and_standard_input_last(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    found = places(["-", "news/b.csv", "news", str(folder)])
    assert [place.name for place in found.files] == ["news/2019/a.jsonl.gz", "news/b.csv", STDIN]
    assert sum(place.size for place in found.files) == 10


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("*.csv", ["b.csv"]),
        ("*", ["2019/a.jsonl.gz", "b.csv"]),
        ("**/*", ["2019/a.jsonl.gz", "b.csv"]),
        ("2*", ["2019/a.jsonl.gz"]),
    ],
)
def test_a_glob(pattern, matched, folder):
    assert names(places(str(folder / pattern)), folder) == matched
    assert names(places(folder / pattern), folder) == matched


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path):
    (tmp_path / "a[1].csv").write_text("text\n", encoding="utf-8")
    found = places(tmp_path / "a[1].csv")
    assert found.alone
    assert names(found, tmp_path) == ["a[1].csv"]


def test_links_out_of_a_folder_are_not_followed(folder, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.csv").write_text("text\n", encoding="utf-8")
    (folder / "file.csv").symlink_to(tmp_path / "secret" / "s.csv")
    (folder / "folder").symlink_to(tmp_path / "secret")
    (folder / "inside.csv").symlink_to(folder / "b.csv")
    (folder / "broken.csv").symlink_to(folder / "nothing.csv")
    os.mkfifo(folder / "pipe.csv")
    found = places(folder)
    causes = {os.path.relpath(item.source, folder): item.cause for item in found.skipped}
    assert causes == {
        "file.csv": "outside", "folder": "outside", "broken.csv": "unknown format", "pipe.csv": "unknown format",
    }  # fmt: skip
    assert len(found.files) == 2
    assert len(places(folder / "file.csv").files) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.csv", "no file, folder or match of nowhere.csv"),
        ("nowhere/*.csv", r"match of nowhere/\*.csv"),
        ("https://example.org/news.csv", "download https://example.org/news.csv first"),
        ("s3://bucket/news.csv", "reads files"),
        ("news/notes.pdf", r"the suffix \.pdf; known are \.jsonl, \.csv"),
        ("news/README", r"suffix \(none\)"),
        ("news/*.pdf", r"nothing to read .*, only 1 \.pdf"),
        ("news/.git/..", r"."),
        ([], "no source"),
        ([3], "not int"),
        (3, "not int"),
        (b"news", "not bytes"),
    ],
)
def test_a_source_that_gives_nothing_is_named(source, message, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    if source == "news/.git/..":
        (folder / "b.csv").unlink()
        (folder / "2019" / "a.jsonl.gz").unlink()
        message = "nothing to read in the folder"
    with pytest.raises(InputError, match=message):
        places(source)


def test_one_named_file_is_alone(folder):
    assert places(folder / "b.csv").alone
    assert places([folder / "b.csv", str(folder / "b.csv")]).alone
    assert places("-").alone
    assert not places(str(folder / "*.csv")).alone
