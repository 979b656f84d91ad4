import csv
import zipfile

import pytest

from tension.errors import InputError
from tension.sources.gdelt import LAYOUT
from tension.sources.lines import shape_of
from tension.sources.tables import read_blocks

HEADER = b"GLOBALEVENTID,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode,SOURCEURL\n"


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_the_size_of_a_block_changes_nothing(tmp_path, size):
    path = tmp_path / "export.csv"
    rows = [b'%d,20190124,CHN,JPN,112,"a ""%d"",\nb"\n' % (i, i) for i in range(20)]
    path.write_bytes(HEADER + b"".join(rows) + b"\nshort,row\n" + b"20,20190124,CHN,JPN,112,last")
    blocks = list(read_blocks(path, LAYOUT, size))
    cells = [row for block in blocks for row in block.rows[["id", "text"]].to_numpy().tolist()]
    assert cells == [[str(i), f'a "{i}",\nb'] for i in range(20)] + [["20", "last"]]
    assert sum(block.bad for block in blocks) == 1


def test_a_stray_quote_is_loud(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(HEADER + b'1,20190124,CHN,JPN,112,5" gun\n2,20190124,CHN,JPN,112,a\n')
    with pytest.raises(InputError, match="never closed"):
        list(read_blocks(path, LAYOUT))


def test_lines_that_end_in_carriage_returns_say_so(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(HEADER.replace(b"\n", b"\r") + b"1,20190124,CHN,JPN,112,a\r")
    with pytest.raises(InputError, match="save it with line feeds"):
        list(read_blocks(path, LAYOUT))


@pytest.fixture
def short_fields():
    """Python's own limit, which other readers may have raised."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("short_fields")
def test_an_endless_first_field_says_so(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(b"x" * 140_000 + b"\n")
    with pytest.raises(InputError, match="field limit"):
        list(read_blocks(path, LAYOUT))


@pytest.mark.parametrize(("place", "value", "message"), [(6, 1, "encrypted"), (8, 9, "not supported")])
def test_a_zip_that_cannot_be_unpacked_says_what_to_do(tmp_path, place, value, message):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export.csv", HEADER)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + place] = data[data.index(b"PK\x01\x02") + place + 2] = value
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"{message}.*unpack it"):
        list(read_blocks(path, LAYOUT))


def test_lines_and_fields():
    shape = shape_of(b"a\tb\n\nc\n \r\n", "\t", quoted=False)
    assert shape.fields.tolist() == [2, 1, 1, 1]
    assert shape.full.tolist() == [True, False, True, True]
    assert shape.chosen(shape.fields == 2) == b"a\tb\n"
