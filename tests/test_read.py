"""Formats, names and bad inputs."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import UsageError
from pipeline.stages.read import Quarantined, RawDocument
from pipeline.stages.read import read as read_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = "护士长工作计划\n一、加强学习，提高护理质量。\n二、加强沟通，做好优质服务。"


def read(*paths: Path, **options: str) -> list[RawDocument | Quarantined]:
    return list(read_inputs(paths, **options))


def text_of(raw: RawDocument | Quarantined) -> str:
    assert isinstance(raw, RawDocument), raw
    return raw.extracted if raw.extracted is not None else raw.data.decode()


def test_word_with_a_table_and_merged_cells(tmp_path: Path):
    document = docx.Document()
    document.add_paragraph("工作计划")
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "目标"
    table.cell(1, 0).text, table.cell(1, 1).text = "质量", "98%"
    document.add_paragraph("结束语。")
    document.save(str(tmp_path / "计划.docx"))
    assert text_of(*read(tmp_path)) == "工作计划\n目标\n质量\t98%\n结束语。"


def test_a_page_gives_its_article(tmp_path: Path):
    body = "".join(f"<p>第{i}条，护士长要认真检查护理质量，及时发现问题并督促整改。</p>" for i in range(8))
    page = f"<html><head><meta charset='gbk'><title>t</title><script>alert(1)</script></head><body><nav>首页 登录</nav><article>{body}</article></body></html>"
    (tmp_path / "p.html").write_bytes(page.encode("gbk"))
    text = text_of(*read(tmp_path))
    assert "第3条，护士长要认真检查护理质量" in text
    assert "alert" not in text


@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030"])
def test_csv_rows(tmp_path: Path, codec: str):
    lines = "编号,正文\na/b,护士长工作计划如下\n,教师工作计划如下\nc,\n"
    (tmp_path / "t.csv").write_bytes(lines.encode(codec))
    rows = read(tmp_path)
    assert [(raw.doc_id, raw.source, raw.extracted) for raw in rows if isinstance(raw, RawDocument)] == [
        ("t-a_b", "t.csv#1", "护士长工作计划如下"),
        ("t-2", "t.csv#2", "教师工作计划如下"),
    ]
    assert [raw.source for raw in rows if isinstance(raw, Quarantined)] == ["t.csv#3"]


def test_parquet_and_a_named_column(tmp_path: Path):
    pq.write_table(pa.table({"id": [7], "plan": [TEXT]}), tmp_path / "t.parquet")
    with pytest.raises(UsageError, match=r"id, plan.*--text-column"):
        read(tmp_path)
    (row,) = read(tmp_path, text_column="plan")
    assert (text_of(row), row.source) == (TEXT, "t.parquet#1")


def test_broken_json_lines_are_quarantined_alone(tmp_path: Path):
    (tmp_path / "t.jsonl").write_text('{"text": "甲计划"}\n{oops\n[1]\n{"text": "乙计划"}\n', encoding="utf-8")
    assert [type(row).__name__ for row in read(tmp_path)] == [
        "RawDocument",
        "Quarantined",
        "Quarantined",
        "RawDocument",
    ]


def test_equal_names_get_a_hash_each(tmp_path: Path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "计划.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "c 😀.txt").write_text(TEXT, encoding="utf-8")
    ids = [raw.doc_id for raw in read(tmp_path) if isinstance(raw, RawDocument)]
    assert ids[2] == "c 😀"
    assert all(name.startswith("计划-") and len(name) == 11 for name in ids[:2])
    assert len(set(ids)) == 3


def test_what_cannot_be_read_is_named_with_a_next_step(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    (tmp_path / "in" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "in" / "bad.docx").write_bytes(b"no zip")
    (tmp_path / "in" / ".hidden.txt").write_text("x", encoding="utf-8")
    found = {item.source: item for item in read(tmp_path / "in")}
    assert set(found) == {"out.txt", "gone.txt", "a.pdf", "bad.docx"}
    bad = found["bad.docx"]
    assert isinstance(bad, Quarantined)
    assert ".docx" in bad.reason


def test_a_missing_path_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Tests may run as root, whom no permission stops: the operating system's refusal is played.
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "closed").mkdir()
    opened = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(os, "scandir", scandir)
    closed, opened_one = read(tmp_path)
    assert (isinstance(opened_one, RawDocument), opened_one.source) == (True, "a.txt")
    assert isinstance(closed, Quarantined)
    assert closed.source == "closed"
    assert "check its permissions" in closed.reason
