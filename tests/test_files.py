import pandas as pd
import pytest

from tension.errors import InputError
from tension.files import FrameWriter, read_frame, write_frame
from tension.rejects import Rejects


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_frames_come_back_as_written(suffix, tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "text": ['with "quotes", commas', "línea\nnueva"], "n": [1, 2]})
    path = tmp_path / f"x{suffix}"
    write_frame(frame, path)
    read = read_frame(path)
    assert read["text"].tolist() == frame["text"].tolist()
    assert read["n"].astype(int).tolist() == [1, 2]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_an_empty_frame_comes_back(suffix, tmp_path):
    write_frame(pd.DataFrame({"a": pd.Series(dtype="str")}), tmp_path / f"x{suffix}")
    assert read_frame(tmp_path / f"x{suffix}").empty


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_pieces_make_one_file(suffix, tmp_path):
    with FrameWriter(tmp_path / f"x{suffix}") as writer:
        for i in range(3):
            writer.write(pd.DataFrame({"n": [i], "when": [pd.Timestamp("2019-01-24")]}))
    assert read_frame(tmp_path / f"x{suffix}")["n"].astype(int).tolist() == [0, 1, 2]


def _write_and_fail(path):
    with FrameWriter(path) as writer:
        writer.write(pd.DataFrame({"n": [1]}))
        raise RuntimeError("stop")


def test_a_failed_write_leaves_no_half_file_under_the_name(tmp_path):
    path = tmp_path / "x.csv"
    with pytest.raises(RuntimeError, match="stop"):
        _write_and_fail(path)
    assert not path.exists()
    assert (tmp_path / "x.csv.part").exists()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no folder .*missing"):
        FrameWriter(tmp_path / "missing" / "x.csv")


def test_an_empty_table_keeps_its_columns(tmp_path):
    (tmp_path / "x.csv").write_text("id,text\n", encoding="utf-8")
    assert read_frame(tmp_path / "x.csv").columns.tolist() == ["id", "text"]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_through_a_link_the_file_it_names_is_written(suffix, tmp_path):
    (tmp_path / "far").mkdir()
    path, link = tmp_path / "far" / f"x{suffix}", tmp_path / f"link{suffix}"
    link.symlink_to(path)
    for n in (1, 2):
        write_frame(pd.DataFrame({"n": [n]}), link)
        assert link.is_symlink()
        assert read_frame(path)["n"].astype(int).tolist() == [n]


def test_rejects_are_written_through_a_link(tmp_path):
    path, link = tmp_path / "rejects.jsonl", tmp_path / "link.jsonl"
    path.write_text("old", encoding="utf-8")
    link.symlink_to(path)
    with Rejects(link):
        pass
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == ""
