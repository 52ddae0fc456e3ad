"""Damaged and random files: an answer or one sentence, soon, and nothing is run."""

import gzip
import io
import json
import pickle
import time

import numpy as np
import pytest

from fastnn.data import Report, inspect

ENDINGS = (".csv", ".tsv", ".txt", "", ".csv.gz", ".json", ".jsonl", ".parquet",
           ".xlsx", ".npy", ".pkl")  # fmt: skip
PIECES = (
    b'"', b'""', b"\0", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b" ",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3", b"\xe2\x82\xac", b"nan", b"1e999",
    b"-", b"[" * 50, b"{", b"}", b"]", b"null", b"9" * 400, b"=1+1", b"\x1f\x8b",
    b"PAR1", b"PK\x03\x04", b"\x80\x04", b"<script>", b"1_0", b"#", b"sep=;\n", b"\\",
)  # fmt: skip
MOST_SECONDS = 10


class Trap:
    """Unpickling it writes a file."""

    path = None

    def __reduce__(self):
        return open, (self.path, "w")


def files(trap):
    """Whole files of every kind: (how the name ends, bytes)."""
    rng = np.random.default_rng(0)
    words, x = rng.choice(["x", "y, z", ""], 40), rng.normal(size=40)
    rows = [
        [i, f"{x[i]:.3f}", str(words[i]), f'a{i} "b" {"ä" * (i % 3)}']
        for i in range(40)
    ]
    quoted = [",".join(json.dumps(c, ensure_ascii=False).replace('\\"', '""')
                       for c in row) for row in rows]  # fmt: skip
    csv = "\n".join(["n,x,word,text", *quoted]) + "\n"
    records = [dict(zip("nxwt", row, strict=True)) for row in rows]
    whole = [
        (".csv", csv.encode()), (".csv", csv.replace(",", ";").encode("cp1252")),
        ("", csv.encode("utf-16")), (".csv.gz", gzip.compress(csv.encode())),
        (".tsv", b"a\tb\n1\t2\n3\t4\n" * 20), (".txt", b"1 2 3\n4 5 6\n" * 20),
        (".json", json.dumps(records).encode()),
        (".jsonl", "\n".join(map(json.dumps, records)).encode()),
        (".json", json.dumps({"a": [1, 2], "b": ["x", None]}).encode()),
    ]  # fmt: skip
    Trap.path = str(trap)
    for array in (
        np.eye(4), np.array([(1, "a")], [("n", int), ("s", "U1")]),
        np.array([Trap()], object),
    ):  # fmt: skip
        file = io.BytesIO()
        np.save(file, array, allow_pickle=True)
        whole.append((".npy", file.getvalue()))
    return [*whole, (".pkl", pickle.dumps(Trap())), *_of_packages(rows)]


def _of_packages(rows):
    whole = []
    try:
        import polars

        frame = polars.DataFrame(rows, schema=list("nxwt"), orient="row")
        file = io.BytesIO()
        frame.write_parquet(file)
        whole.append((".parquet", file.getvalue()))
    except ImportError:
        pass
    try:
        import openpyxl

        book, file = openpyxl.Workbook(), io.BytesIO()
        for row in [list("nxwt"), *rows]:
            book.active.append(row)
        book.save(file)
        whole.append((".xlsx", file.getvalue()))
    except ImportError:
        pass
    return whole


def mutated(rng, whole):
    """(how the name ends, bytes): random bytes, or a file with some damage."""
    ending, content = whole[rng.integers(len(whole))]
    if rng.random() < 0.2:
        ending = ENDINGS[rng.integers(len(ENDINGS))]
    if rng.random() < 0.05:
        return ending, rng.bytes(rng.integers(0, 2000))
    data = bytearray(content)
    for _ in range(rng.integers(1, 6)):
        at, to = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        piece = PIECES[rng.integers(len(PIECES))]
        match rng.integers(7):
            case 0:
                data[at:at] = piece * int(rng.integers(1, 4))
            case 1:
                del data[at : min(to, at + 30)]
            case 2:
                del data[at:]
            case 3:
                data[at:at] = data[at:to]
            case 4:
                _, other = whole[rng.integers(len(whole))]
                data[at:] = other[rng.integers(len(other)) :]
            case 5:
                for place in rng.integers(0, max(len(data), 1), 5) if data else ():
                    data[place] = rng.integers(256)
            case 6:
                data = data.replace(piece, PIECES[rng.integers(len(PIECES))])
        del data[200_000:]
    return ending, bytes(data)


@pytest.mark.parametrize(
    "seeds",
    [range(300), pytest.param(range(300, 2000), marks=pytest.mark.slow)],
    ids=["300", "the rest"],
)
def test_any_file_is_answered_in_a_sentence(tmp_path, seeds):
    trap = tmp_path / "executed"
    whole = files(trap)
    answered = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        ending, content = mutated(rng, whole)
        path = tmp_path / f"t{ending}"
        path.write_bytes(content)
        started = time.process_time()
        try:
            report = inspect(path)
        except (ValueError, OSError, ImportError) as error:
            said = str(error)
            assert said.strip() and "\n" not in said and len(said) < 700, seed
        else:
            assert isinstance(report, Report), seed
            assert report.table.n_rows and report.table.columns, seed
            assert all(len(c) == report.table.n_rows for c in report.table), seed
            answered += 1
        assert time.process_time() - started < MOST_SECONDS, seed
        assert not trap.exists(), seed
        path.unlink()
    assert 0.1 < answered / len(seeds) < 0.9  # both kinds of files are tried
