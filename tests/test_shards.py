"""Inputs cut into shards: every document once, in order, under its own name; keys tell what a shard holds."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pipeline.engines import here
from pipeline.inputs import shards as cutting
from pipeline.inputs.files import list_files
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.shards import Shard, cut

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    for number in range(60):
        (folder / f"计划{number:02}.txt").write_text(f"第{number}份工作计划。\n" * 30, encoding="utf-8")
    (folder / "sub" / "计划00.txt").write_text("另一份工作计划。", encoding="utf-8")
    rows = [{"id": n % 50, "text": f"第{n}行的工作计划。" * 40} for n in range(300)]
    lines = [*(json.dumps(row, ensure_ascii=False) for row in rows[:150]), "{broken"]
    lines += [json.dumps(row, ensure_ascii=False) for row in rows[150:]]
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder


def shards_of(folder: Path, work: Path) -> list[Shard]:
    found, unread = cut(list_files([folder]).files, work, None, here)
    assert not unread
    return found


def documents(shards: list[Shard]) -> list[RawDocument | Quarantined]:
    return [shard.load(number) for shard in shards for number in range(shard.size)]


def test_every_document_once_in_order_under_its_own_name(raw: Path, tmp_path: Path):
    shards = shards_of(raw, tmp_path / "work")
    assert len(shards) > 5
    found = documents(shards)
    sources = [item.source for item in found]
    assert sources == [f"rows.jsonl.gz#{n}" for n in range(1, 302)] + ["sub/计划00.txt"] + [
        f"计划{number:02}.txt" for number in range(60)
    ]
    assert sources == [shard.source(number) for shard in shards for number in range(shard.size)]
    names = Counter(item.doc_id for item in found if isinstance(item, RawDocument))
    assert max(names.values()) == 1
    assert "计划07" in names
    assert "计划00" not in names
    assert [item.source for item in found if isinstance(item, Quarantined)] == ["rows.jsonl.gz#151"]


def test_the_cut_does_not_change_a_document(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = documents(shards_of(raw, tmp_path / "one"))
    monkeypatch.setattr(cutting, "MOST", 7)
    monkeypatch.setattr(cutting, "SMALLEST", 1 << 12)
    other = shards_of(raw, tmp_path / "two")
    assert max(shard.size for shard in other) <= 7
    assert documents(other) == one


def test_a_changed_file_changes_the_key_of_its_shard_alone(raw: Path, tmp_path: Path):
    before = [shard.key for shard in shards_of(raw, tmp_path / "one")]
    assert before == [shard.key for shard in shards_of(raw, tmp_path / "again")]
    assert len(set(before)) == len(before)
    (raw / "计划31.txt").write_text("改过的工作计划。", encoding="utf-8")
    after = [shard.key for shard in shards_of(raw, tmp_path / "two")]
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_new_file_moves_few_others(raw: Path, tmp_path: Path):
    before = {shard.key for shard in shards_of(raw, tmp_path / "one")}
    (raw / "新计划.txt").write_text("新的工作计划。", encoding="utf-8")
    after = {shard.key for shard in shards_of(raw, tmp_path / "two")}
    assert len(after - before) <= 2


def test_a_name_that_another_document_takes_changes_the_key(raw: Path, tmp_path: Path):
    before = {shard.key for shard in shards_of(raw, tmp_path / "one")}
    (raw / "sub" / "计划05.txt").write_text("同名的工作计划。", encoding="utf-8")
    shards = shards_of(raw, tmp_path / "two")
    named = {item.doc_id for item in documents(shards) if isinstance(item, RawDocument) and "05.txt" in item.source}
    assert len(named) == 2
    assert "计划05" not in named
    assert len({shard.key for shard in shards} - before) >= 2


def test_names_made_to_meet_lose_nothing(tmp_path: Path):
    def hashed(name: str, place: str) -> str:
        return f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"

    first = hashed("a", "x/a.txt")
    second = hashed(first, "0:x/a.txt")
    for folder, name in (("x", "a"), ("y", "a"), ("z", first), ("u", second)):
        (tmp_path / "raw" / folder).mkdir(parents=True)
        (tmp_path / "raw" / folder / f"{name}.txt").write_text(f"{folder}的工作计划。", encoding="utf-8")
    found = documents(shards_of(tmp_path / "raw", tmp_path / "work"))
    kept = [item for item in found if isinstance(item, RawDocument)]
    assert len({item.doc_id for item in kept}) == len(kept) == 2
    assert sorted(item.source for item in found if isinstance(item, Quarantined)) == [f"u/{second}.txt", "x/a.txt"]
