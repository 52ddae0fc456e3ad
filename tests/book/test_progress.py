"""What a reader has done is kept, and a broken file stops nobody."""

import pytest

from fastnn.book import progress


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_it_is_kept():
    progress.opened(4)
    progress.solved("4.1")
    progress.answered(4, 7)
    progress.answered(4, 5)
    assert progress.load() == {"opened": {4}, "solved": {"4.1"}, "quiz": {4: 7}}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"opened": 3}', "null"])
def test_a_broken_file_is_an_empty_one(home, text):
    progress.place().parent.mkdir(parents=True)
    progress.place().write_text(text)
    assert progress.load()["solved"] == set()
    progress.solved("0.1")
    assert progress.load()["solved"] == {"0.1"}


def test_where_nothing_can_be_written_the_book_works(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "file"))
    progress.solved("0.1")
    assert progress.load()["solved"] == set()
