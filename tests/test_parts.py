"""A corpus in parts says the same as one in files, and is read, proved and resumed in the same way."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import pipeline
from pipeline import runner
from pipeline.corpus import load_document, verify
from pipeline.export.schema import TABLES
from tests.test_runner import PLAN, hidden, tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for number in range(30):
        (folder / f"计划{number:02}.txt").write_text(PLAN.replace("护士", f"第{number}护士"), encoding="utf-8")
    (folder / "rows.jsonl").write_text(
        '{"id": "a", "text": "=努厉工作。"}\n{broken\n{"id": "b", "text": "柿场"}\n', encoding="utf-8"
    )
    (folder / "empty.txt").touch()
    return folder


def same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    assert one.keys() == other.keys() == TABLES.keys()
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], check_dtype=False, obj=name)


def test_parts_hold_what_files_hold(raw: Path, tmp_path: Path):
    files, parts = tmp_path / "files", tmp_path / "parts"
    pipeline.clean_folder(raw, files)
    summary = pipeline.clean_folder(raw, parts, layout="parts", jobs=2)
    same(pipeline.load_corpus(files), pipeline.load_corpus(parts))
    assert len(list((parts / "edits").iterdir())) > 3
    assert not (parts / "text").exists()
    assert not list(parts.glob("*.csv"))
    assert summary.listed.startswith("corpus/, outline/, edits/")
    assert {fault.source for fault in summary.quarantined} == {"rows.jsonl#2", "empty.txt"}
    for name in ("计划07", "rows-a"):
        one, other = load_document(files, name), load_document(parts, name)
        assert (one.text, one.source_text) == (other.text, other.source_text)
    assert [v for v in verify(parts) if v.fault] == []
    assert len(list(verify(parts))) == len(list(verify(files))) == 32


def test_many_rows_are_a_large_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "rows.jsonl").write_text("""{"text": "努力工作。"}\n""" * 3, encoding="utf-8")
    pipeline.clean_folder(tmp_path / "rows.jsonl", tmp_path / "few")
    monkeypatch.setattr(runner, "MANY_DOCUMENTS", 2)
    pipeline.clean_folder(tmp_path / "rows.jsonl", tmp_path / "many")
    assert (tmp_path / "few" / "text").is_dir()
    assert not (tmp_path / "many" / "text").exists()


def test_the_database_reads_the_parts_from_anywhere(raw: Path, tmp_path: Path):
    pipeline.clean_folder(raw, tmp_path / "files")
    pipeline.clean_folder(raw, tmp_path / "parts", layout="parts")
    for view in ("overview", "changes", "plans"):
        one, other = (pipeline.open_database(tmp_path / place).sql(f"FROM {view}").df() for place in ("files", "parts"))
        pd.testing.assert_frame_equal(one, other, check_dtype=False)
    assert str(tmp_path).encode() not in (tmp_path / "parts" / "corpus.duckdb").read_bytes()


def test_csv_on_request_is_the_csv_of_files(raw: Path, tmp_path: Path):
    pipeline.clean_folder(raw, tmp_path / "files")
    pipeline.clean_folder(raw, tmp_path / "parts", layout="parts", as_csv=True)
    for name in (*(f"{name}.csv" for name in TABLES), "corpus.jsonl"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "files" / name).read_bytes(), name


def test_a_changed_document_is_found_and_only_it_is_cleaned(raw: Path, tmp_path: Path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    first = pipeline.clean_folder(raw, out, layout="parts")
    assert pipeline.clean_folder(raw, out, layout="parts").unchanged
    (raw / "计划11.txt").write_text(PLAN + "三、总结。\n", encoding="utf-8")
    (raw / "计划12.txt").unlink()
    (raw / "新计划.txt").write_text(PLAN, encoding="utf-8")
    again = pipeline.clean_folder(raw, out, layout="parts")
    assert (first.documents, again.documents, again.kept) == (32, 32, 30)
    pipeline.clean_folder(raw, fresh, layout="parts")
    assert tree(out) == tree(fresh)


def test_a_layout_takes_the_place_of_the_other(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    pipeline.clean_folder(raw, out, layout="parts")
    pipeline.clean_folder(raw, tmp_path / "parts", layout="parts")
    assert tree(out) == tree(tmp_path / "parts")
    pipeline.clean_folder(raw, out)
    pipeline.clean_folder(raw, tmp_path / "files")
    assert tree(out) == tree(tmp_path / "files")


@pytest.mark.parametrize("layout", ["files", "parts"])
def test_analysing_again_changes_nothing(layout: str, raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out, layout=layout)
    before = tree(out)
    pipeline.analyse_folder(out)
    assert tree(out) == before


@pytest.mark.parametrize("layout", ["files", "parts"])
def test_cleaning_without_analysis_and_analysing_later_is_the_whole_way(layout: str, raw: Path, tmp_path: Path):
    pipeline.clean_folder(raw, tmp_path / "whole", layout=layout)
    pipeline.clean_folder(raw, tmp_path / "late", layout=layout, analysis=False)
    tables = pipeline.load_corpus(tmp_path / "late")
    assert len(tables["corpus"]) == 62
    assert not any(len(tables[name]) for name in ("goals", "themes", "section_themes", "duplicates"))
    pipeline.analyse_folder(tmp_path / "late")
    assert tree(tmp_path / "late") == tree(tmp_path / "whole")


def test_no_absolute_path_and_nothing_left_behind(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out, layout="parts")
    for path in out.rglob("*"):
        if path.is_file():
            assert str(tmp_path).encode() not in path.read_bytes()
    assert {path.name for path in out.iterdir() if hidden(path, out)} == {".qinggao", ".state", ".lock"}
    assert {path.name for path in (out / ".state").iterdir()} == {"evidence", "shards", "finished.json"}


def test_a_kept_source_text_that_was_removed_comes_back(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    before = tree(out)
    (out / "source" / "rows-a.txt").unlink()
    pipeline.clean_folder(raw, out)
    assert tree(out) == before


def test_what_an_analysis_that_was_cut_short_left_is_made_anew(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    pipeline.analyse_folder(out)
    left = tmp_path / "left"
    shutil.copytree(out / ".state" / "shards", left)
    (raw / "计划03.txt").write_text(PLAN + "三、总结，完成率达到98%。\n", encoding="utf-8")
    pipeline.clean_folder(raw, out)
    shutil.copytree(left, out / ".state" / "shards", dirs_exist_ok=True)
    before = tree(out)
    pipeline.analyse_folder(out)
    assert tree(out) == before
