"""Packed files: streams, cuts, damage and bombs."""

from __future__ import annotations

import gzip
import io
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.inputs import compression
from pipeline.inputs.compression import unpacked
from pipeline.inputs.documents import load_file
from pipeline.inputs.files import list_files
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.tables import Row, read_rows

if TYPE_CHECKING:
    from pathlib import Path

PACK = {".gz": gzip.compress, ".zst": zstandard.compress}
BOTH = pytest.mark.parametrize("packing", [".gz", ".zst"])


def rows_of(folder: Path) -> list[Row]:
    (file,) = list_files([folder]).files
    return list(read_rows(file))


def lines(count: int) -> bytes:
    # Hashes, so that they hardly pack and a cut leaves some of them whole.
    return b"".join(b'{"text": "%s"}\n' % sha256(b"%d" % i).hexdigest().encode() for i in range(count))


@BOTH
@pytest.mark.parametrize("name", ["x.jsonl", "x.csv"])
def test_tables_are_unpacked(tmp_path: Path, packing: str, name: str):
    content = '{"text": "甲"}\n{"text": "乙"}' if name == "x.jsonl" else "text\n甲\n乙\n"
    (tmp_path / f"{name}{packing}").write_bytes(PACK[packing](content.encode()))
    assert [row.text for row in rows_of(tmp_path)] == ["甲", "乙"]


@BOTH
def test_documents_are_unpacked(tmp_path: Path, packing: str):
    (tmp_path / f"计划.txt{packing}").write_bytes(PACK[packing]("工作计划".encode()))
    raw = load_file(list_files([tmp_path]).files[0])
    assert isinstance(raw, RawDocument)
    assert (raw.doc_id, raw.source, raw.data.decode()) == ("计划", f"计划.txt{packing}", "工作计划")


@BOTH
@settings(max_examples=30)
@given(st.lists(st.binary(max_size=5000), max_size=4), st.integers(0, 40))
def test_members_follow_one_another(packing: str, parts: list[bytes], padding: int):
    packed = b"".join(PACK[packing](part) for part in parts) + b"\0" * padding
    assert unpacked(io.BytesIO(packed), packing).read() == b"".join(parts)


@BOTH
@settings(max_examples=30)
@given(st.data())
def test_a_cut_archive_is_refused_wherever_it_is_cut(packing: str, data: st.DataObject):
    packed = PACK[packing](b"0123456789" * 500)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(InputError, match="cut short"):
        unpacked(io.BytesIO(packed[:cut]), packing).read()


@BOTH
@settings(max_examples=50)
@given(st.binary(min_size=1, max_size=300))
def test_whatever_the_bytes_nothing_but_an_input_error(packing: str, data: bytes):
    try:
        unpacked(io.BytesIO(data), packing).read()
    except InputError as error:
        assert "; " in str(error)  # noqa: PT017 - success is fine, too


@BOTH
@pytest.mark.parametrize("damage", ["cut", "broken"])
def test_rows_before_a_fault_are_kept(tmp_path: Path, packing: str, damage: str):
    content = lines(20_000)
    packed = bytearray(PACK[packing](content))
    middle = len(packed) // 2
    packed[middle:] = b"" if damage == "cut" else b"\xff" * (len(packed) - middle)
    (tmp_path / f"x.jsonl{packing}").write_bytes(packed)
    *rows, last = rows_of(tmp_path)
    assert len(rows) > 5000
    assert all(row.text and len(row.text) == 64 for row in rows)
    assert (last.number, last.text) == (len(rows) + 1, None)
    assert "the rows from this one on were not read" in last.fault


@BOTH
def test_a_table_that_is_no_archive_is_an_input_error(tmp_path: Path, packing: str):
    (tmp_path / f"x.jsonl{packing}").write_bytes(lines(3))
    with pytest.raises(InputError, match="pack it again"):
        rows_of(tmp_path)


@BOTH
def test_a_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch, packing: str):
    monkeypatch.setattr(compression, "UNJUDGED", 1 << 20)
    monkeypatch.setattr(compression, "LARGEST_RATIO", 500)
    packed = PACK[packing](bytes(64 << 20))
    stream = unpacked(io.BytesIO(packed), packing)
    blocks = iter(partial(stream.read, 1 << 16), b"")
    given_out: list[int] = []
    with pytest.raises(InputError, match=r"more than 500 times its size"):
        given_out.extend(map(len, blocks))
    assert sum(given_out) < 34 << 20  # the limit and one piece


def test_a_stream_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compression, "LARGEST_STREAM", 1000)
    with pytest.raises(InputError, match="split it"):
        unpacked(io.BytesIO(gzip.compress(lines(100))), ".gz").read()


def test_a_bomb_of_a_document_is_quarantined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.inputs.documents.LARGEST_DOCUMENT", 1 << 20)
    (tmp_path / "x.txt.gz").write_bytes(gzip.compress(b"x" * (2 << 20)))
    raw = load_file(list_files([tmp_path]).files[0])
    assert raw == Quarantined("x.txt.gz", "is larger than 1 MB; split the document")
