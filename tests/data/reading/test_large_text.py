"""CSV of many rows, columns, blocks or letters; samples."""

import numpy as np
import pytest
from data.reading.conftest import cells, kinds

from fastnn.data.reading import as_table

pytestmark = pytest.mark.usefixtures("each_reader")


def test_numbers_are_read_to_the_last_bit(read):
    words = list(map(repr, (np.random.default_rng(0).normal(size=200) * 1e5).tolist()))
    table = read("\n".join(["x,y", *(f"{word},1" for word in words)]))
    np.testing.assert_array_equal(table["x"].values, list(map(float, words)))


def test_a_word_far_below_numbers(read, small_blocks):
    rows = [f"{i},{i % 7}" for i in range(5000)]
    table = read("\n".join(["a,b", *rows, "4000x,1"]) + "\n")
    assert kinds(table) == {"a": "text", "b": "number"}
    assert table["a"].text(5000) == "4000x" and table["a"].text(17) == "17"
    rows[4900] = "- ,1"  # nothing but the bytes of numbers, and yet none
    assert read("\n".join(["a,b", *rows]) + "\n")["a"].kind == "text"


def test_cells_of_many_lines_across_blocks(read, small_blocks):
    cell = "line\n" * 300
    table = read("a,b\n" + "".join(f'"{cell}{i}",{i}\n' for i in range(50)))
    assert table.n_rows == 50 and table["b"].values.tolist() == list(range(50))
    assert table["a"].text(49) == cell + "49"


def test_ragged_rows_in_a_later_block(read, small_blocks):
    rows = [f"{i},{'x' * 90}" for i in range(1000)]
    rows[900] += ",1"
    rows[950] = "7"
    table = read("\n".join(["a,b", *rows]) + "\n")
    assert table.n_rows == 999 and "(line 902)" in table.read[0]
    assert "(line 952)" in table.read[1]
    assert table["a"].values[949] == 7 and table["b"].missing[949]
    assert table["a"].values[[-1, 900]].tolist() == [999, 901]


def test_a_thousand_columns(read):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 1000))
    lines = [",".join(f"c{j}" for j in range(1000))]
    lines += [",".join(map(repr, row)) for row in x.tolist()]
    table = read("\n".join(lines))
    np.testing.assert_array_equal(np.stack([c.values for c in table], axis=1), x)


def test_a_sample(read):
    text = "a,b\n" + "".join(f"{i},w{i % 3}\n" for i in range(5000)) + "5000\n"
    table = read(text, sample=100, seed=1)
    assert (table.n_rows, table.n_source_rows) == (100, 5001)
    values = table["a"].values
    assert (np.diff(values) > 0).all()
    assert cells(table)["b"] == [f"w{int(v) % 3}" if v < 5000 else "" for v in values]
    assert table.read[-1] == "a random sample of 100 of 5,001 rows (seed 1)"
    np.testing.assert_array_equal(read(text, sample=100, seed=1)["a"].values, values)
    assert (read(text, sample=100, seed=2)["a"].values != values).any()


def test_progress(read):
    shares = []
    read("a,b\n1,2\n", progress=lambda share, what: shares.append((share, what)))
    assert shares[-1][0] == 1.0 and "t.csv" in shares[0][1]


@pytest.mark.parametrize("cell", ["9", " ", "x", "1.", "é", "-1", '""', "1,5 "])
def test_a_cell_of_a_megabyte(read, cell):
    long = cell * (1_000_000 // len(cell))
    table = read(f'a,b\n1,2\n"{long}",3\n')
    assert table["b"].values.tolist() == [2, 3] and table.n_rows == 2


def test_too_many_columns(write):
    with pytest.raises(ValueError, match="60,000 columns in it; more than 50,000"):
        as_table(write(",".join(["x"] * 60_000) + "\n" + "1," * 59_999 + "1\n"))
