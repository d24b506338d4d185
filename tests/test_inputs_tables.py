"""Tables as streams: the same rows as if they were read whole, and faults where they are."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError, UsageError
from pipeline.inputs import tables, text
from pipeline.inputs.compression import open_unpacked
from pipeline.inputs.documents import load_row
from pipeline.inputs.files import InputFile
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.tables import NO_TEXT, Row, columns_of, read_rows
from pipeline.inputs.text import text_of, text_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZH = "护士长工作计划如下：加强学习，提高护理质量。"


def table(path: Path, data: bytes) -> InputFile:
    path.write_bytes(data)
    return InputFile(str(path), path.name, 0, len(data))


def parquet(path: Path, **columns: object) -> InputFile:
    pq.write_table(pa.table(columns), path)
    return InputFile(str(path), path.name, 0, path.stat().st_size)


# Encodings


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([ZH, "abc,", "\r\n", "\n", "\r", "繁體計畫", '"', "—", "😀"]), max_size=30),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-be", "utf-32"]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3),
)
def test_a_stream_of_text_is_what_its_bytes_are(parts: list[str], codec: str, damage: list[tuple[int, int]]):
    data = bytearray("".join(parts).encode(codec, "ignore"))
    for at, byte in damage:
        data[at : at + 1] = bytes([byte]) if at < len(data) else b""
    try:
        expected = text_of(bytes(data))
    except InputError:
        with pytest.raises(InputError):
            text_stream(io.BytesIO(data)).read()
        return
    with text_stream(io.BytesIO(data)) as stream:
        lines = list(stream)
    assert lines == list(io.StringIO(expected, newline=""))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16", "utf-16-le"])
def test_a_stream_may_be_longer_than_its_blocks(monkeypatch: pytest.MonkeyPatch, codec: str):
    monkeypatch.setattr(text, "BLOCK", 999)  # cuts characters in two
    whole = "工作計劃，加強學習。\n" * 500
    assert text_stream(io.BytesIO(whole.encode(codec))).read() == whole


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_the_encoding_may_show_itself_late(monkeypatch: pytest.MonkeyPatch, codec: str):
    monkeypatch.setattr(text, "BLOCK", 1000)
    whole = "id,text\n" * 1000 + "工作计划，加强学习，提高质量。\n" * 200
    assert text_stream(io.BytesIO(whole.encode(codec))).read() == whole


# CSV


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["", "甲", 'a"b', "x,y", "l\nm", "r\rs"]), min_size=2, max_size=4), max_size=6
    )
)
def test_csv_rows_are_those_of_the_whole_file(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]):
    stream = io.StringIO()
    csv.writer(stream).writerows([["id", "text"], *rows])
    file = table(tmp_path_factory.mktemp("t") / "t.csv", stream.getvalue().encode())
    expected = [Row(n, row[0] or str(n), row[1] or None, "" if row[1] else NO_TEXT) for n, row in enumerate(rows, 1)]
    assert list(read_rows(file)) == expected


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "big5"])
def test_csv_in_any_encoding(tmp_path: Path, codec: str):
    file = table(tmp_path / "t.csv", f"編號,正文\r\n7,{'工作計劃，加強學習。' * 9}\r\n".encode(codec))
    assert [row.text for row in read_rows(file, "正文")] == ["工作計劃，加強學習。" * 9]


def test_an_endless_csv_row_ends_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "LARGEST_ROW", 1000)
    content = f'text\n{ZH}\n"{ZH}\n' + f"{ZH}\n" * 100
    first, rest = read_rows(table(tmp_path / "t.csv", content.encode()))
    assert first.text == ZH
    assert (rest.number, rest.text) == (2, None)
    assert "quotation mark" in rest.fault


def test_a_csv_that_is_no_text_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError, match="not text"):
        list(read_rows(table(tmp_path / "t.csv", b"PK\x03\x04" + bytes(100))))


# JSON lines


def test_a_broken_line_is_one_faulty_row(tmp_path: Path):
    content = (
        b'\xef\xbb\xbf{"id": 0, "text": "a"}\n\n{oops\n[1]\n{"id": [1], "text": "b\\ud800"}\n{"text": 5}\n'
        + b"[" * 9999
    )
    rows = list(read_rows(table(tmp_path / "t.jsonl", content)))
    assert [(row.number, row.name, row.text) for row in rows] == [
        (1, "0", "a"),
        (2, "2", None),
        (3, "3", None),
        (4, "[1]", "b???".replace("???", "\ufffd" * 3)),
        (5, "5", None),
        (6, "6", None),
    ]
    assert all(bool(row.fault) == (row.text is None) for row in rows)


def test_a_line_beyond_the_limit_is_read_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "LARGEST_ROW", 100)
    content = b'{"text": "a"}\n{"text": "' + b"x" * 5000 + b'"}\n{"text": "b"}\n'
    rows = list(read_rows(table(tmp_path / "t.jsonl", content)))
    assert [row.text for row in rows] == ["a", None, "b"]
    assert "split it" in rows[1].fault


def test_columns_come_from_the_first_rows(tmp_path: Path):
    file = table(tmp_path / "t.jsonl", b'{"a": 1}\n' * 50 + '{"Content": "x", "编号": 1}\n'.encode())
    assert columns_of(file) == ("Content", "编号")
    late = table(tmp_path / "u.jsonl", b'{"a": 1}\n' * 200 + b'{"text": "x"}\n')
    with pytest.raises(UsageError, match="no text column; the columns are a; name one with --text-column"):
        columns_of(late)


# Parquet


def test_parquet_rows_and_faulty_values(tmp_path: Path):
    bad = pa.array([b"ok", b"\xff\xfe"]).view(pa.string())
    file = parquet(tmp_path / "t.parquet", text=pa.concat_arrays([bad, pa.array([None, "b"])]), id=[1, 2, None, 4])
    rows = list(read_rows(file))
    assert [(row.name, row.text) for row in rows] == [("1", "ok"), ("2", None), ("3", None), ("4", "b")]
    assert "correct the row" in rows[1].fault


def test_only_the_columns_that_matter_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = parquet(tmp_path / "t.parquet", junk=["x" * 100] * 50, text=["a"] * 50)
    asked: list[list[str]] = []
    batches = pq.ParquetFile.iter_batches

    def watched(self: pq.ParquetFile, size: int, *, columns: list[str], use_threads: bool) -> Iterator[pa.RecordBatch]:
        asked.append(columns)
        return batches(self, size, columns=columns, use_threads=use_threads)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", watched)
    assert len(list(read_rows(file))) == 50
    assert asked == [["text"]]


def test_few_bytes_that_say_much_are_not_unfolded_at_once(tmp_path: Path):
    folded = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["计" * 100_000]))
    file = parquet(tmp_path / "t.parquet", text=folded)
    before = pa.default_memory_pool().max_memory()
    assert sum(len(row.text or "") for row in read_rows(file)) == 200_000_000
    assert pa.default_memory_pool().max_memory() - before < 50 << 20  # of 600 MB


def test_a_damaged_page_ends_the_table(tmp_path: Path):
    path = tmp_path / "t.parquet"
    texts = [f"{ZH}{i}" for i in range(3000)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=1000, use_dictionary=False, compression="zstd")
    data = bytearray(path.read_bytes())
    offset = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    data[offset : offset + 400] = b"\xff" * 400
    *rows, last = read_rows(table(path, bytes(data)))
    assert [row.text for row in rows] == texts[:2000]
    assert "no readable Parquet file" in last.fault


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"no table at all"])
def test_a_broken_parquet_is_an_input_error(tmp_path: Path, data: bytes):
    with pytest.raises(InputError, match="Parquet"):
        list(read_rows(table(tmp_path / "t.parquet", data)))


# Faults, and rows as documents


@pytest.mark.parametrize("kind", [".jsonl", ".csv", ".parquet", ".jsonl.gz"])
def test_a_table_that_does_not_open_is_an_input_error(tmp_path: Path, kind: str):
    gone = InputFile(str(tmp_path / f"gone{kind}"), f"gone{kind}", 0, 0)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        list(read_rows(gone))


def test_an_unfinished_reading_closes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[BinaryIO] = []

    def watched(file: InputFile) -> BinaryIO:
        opened.append(open_unpacked(file))
        return opened[-1]

    monkeypatch.setattr(tables, "open_unpacked", watched)
    rows = read_rows(table(tmp_path / "t.jsonl", json.dumps({"text": ZH}).encode() + b"\n" + b"{}\n" * 10))
    assert next(rows).text == ZH
    rows.close()  # type: ignore[attr-defined]
    assert [stream.closed for stream in opened] == [True, True]


def test_rows_become_documents(tmp_path: Path):
    file = table(tmp_path / "t.csv.x", b"")._replace(source="a/t.jsonl.gz")
    raw = load_row(file, Row(3, "x/y", ZH))
    assert isinstance(raw, RawDocument)
    assert (raw.doc_id, raw.source, raw.extracted, raw.how) == ("t-x_y", "a/t.jsonl.gz#3", ZH, "row 3")
    assert load_row(file, Row(4, "4", None, "is no JSON")) == Quarantined("a/t.jsonl.gz#4", "is no JSON")
