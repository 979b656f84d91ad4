"""Records that a table holds, counted in another way than the readers do."""

import csv
import io


def rows_in(data: bytes, delimiter: str) -> int:
    """Rows of a CSV under its header; one that cannot be read is the last."""
    text = io.StringIO(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"), newline="")
    rows, count = csv.reader(text, delimiter=delimiter, strict=True), -1
    try:
        for row in rows:
            count += bool(row) or count < 0
    except csv.Error:
        count += 1
    return count
