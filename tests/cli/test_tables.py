"""Writing answers: what CSV needs quotes for comes back as it was."""

import csv
import io

from fastnn.cli import tables


def test_what_is_written_is_read_back():
    file = io.StringIO()
    rows = [["a, b", 'say "no"'], ["two\nlines", "é"], ["", "1.5"]]
    tables.write(file, ["x", "P(x, y)"], rows)
    assert "\r" not in file.getvalue()
    file.seek(0)
    assert list(csv.reader(file)) == [["x", "P(x, y)"], *rows]
