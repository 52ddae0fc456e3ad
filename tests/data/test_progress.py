"""inspect(progress=...): shares that grow, a bar that goes away."""

import io

import pytest

from fastnn.data import inspect, progress


def test_shares_grow_to_the_end_of_the_work():
    told = []
    inspect({"a": [1, 2]}, progress=lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)


def test_reading_is_told_too(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n")
    told = []
    inspect(tmp_path / "t.csv", progress=lambda *one: told.append(one))
    assert (0.3, "reading t.csv") in told


def test_progress_is_checked():
    with pytest.raises(TypeError, match="progress is 3; expected True, False or"):
        inspect({"a": [1]}, progress=3)


def test_a_bar_waits_and_goes_away():
    stream = io.StringIO()
    with progress.Bar(stream) as tell:
        tell(0.1, "reading")
        assert stream.getvalue() == ""  # most are done before anybody asks
        tell.next = 0.0
        tell(0.5, "reading" * 100)
        assert "━" * 12 + "╌" * 12 in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
