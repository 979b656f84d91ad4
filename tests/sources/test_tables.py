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


def test_lines_and_fields():
    shape = shape_of(b"a\tb\n\nc\n \r\n", "\t", quoted=False)
    assert shape.fields.tolist() == [2, 1, 1, 1]
    assert shape.full.tolist() == [True, False, True, True]
    assert shape.chosen(shape.fields == 2) == b"a\tb\n"
