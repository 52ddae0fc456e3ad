"""In which alphabet a file is written: marks, UTF-8, and guesses that are told."""

import pytest
from data.reading.conftest import cells

PEOPLE = {
    "cp1252": ("prénom,âge", "José,Zoë", "Francois,Besançon"),
    "latin-1": ("nom,ville", "Peña,São Paulo", "Björn,Tromsø"),
    "cp1250": ("jméno,město", "Řehoř,Plzeň", "Jiří,Děčín"),
    "cp1251": ("имя,город", "Иван,Москва", "Анна,Тверь"),
    "koi8-r": ("имя,город", "Иван,Москва", "Анна,Тверь"),
    "cp866": ("имя,город", "Иван,Москва", "Анна,Тверь"),
    "cp1253": ("όνομα,πόλη", "Γιώργος,Αθήνα", "Μαρία,Πάτρα"),
    "cp932": ("名前,年齢", "田中,三", "さとう,四"),
    "euc_jp": ("名前,町", "たなか,とうきょう", "さとう,なら"),
    "gb18030": ("姓名,城市", "王芳,北京", "李娜,上海"),
    "big5": ("姓名,城市", "王小明,臺北", "陳美玲,高雄"),
    "euc_kr": ("이름,도시", "김철수,서울", "박영희,부산"),
}


@pytest.mark.parametrize("encoding", PEOPLE)
def test_alphabets_are_guessed_and_said(read, encoding):
    header, *rows = PEOPLE[encoding]
    table = read("\n".join([header, *rows]) + "\n", "t.csv", encoding)
    assert [",".join(row) for row in zip(*cells(table).values(), strict=True)] == rows
    assert table.names == header.split(",")
    assert "a guess" in table.read[0]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE without a mark"),
        ("utf-16-be", "UTF-16-BE without a mark"),
        ("utf-32", "UTF-32"),
    ],
)
def test_unicode(read, encoding, said):
    table = read("größe,n\nklein,1\nüber 3 €,2\n", "t.csv", encoding)
    assert cells(table) == {"größe": ["klein", "über 3 €"], "n": ["1", "2"]}
    assert said is None or said in table.read[0]
    assert bool(table.read) == (said is not None)


def test_a_few_broken_bytes_in_utf8(read):
    text = "a,b\né,1\nü,2\nö,3\n".encode() + b"\xe9,4\n"
    table = read(text)
    assert cells(table)["a"] == ["é", "ü", "ö", "\ufffd"]
    assert "UTF-8 but for 1 byte" in table.read[0]


def test_bytes_far_below_the_first_block(read, small_blocks):
    text = "".join(f"row {i},1\n" for i in range(2000)) + "Zürich,2\nMünchen,3\n"
    table = read("a,b\n" + text, "t.csv", "cp1252")
    assert cells(table)["a"][-2:] == ["Zürich", "München"]


def test_zeros_are_no_text(refused):
    assert "not a text file" in refused(b"a,b\n1,\x00\n")
    assert "not a text file" in refused(bytes(range(256)) * 10)
