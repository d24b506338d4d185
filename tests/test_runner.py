"""A whole run: folder in, corpus out; faults isolated; reruns; the same bytes for any number of workers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

import pipeline
from pipeline.corpus import load_document, verify
from pipeline.errors import LexiconError, OutputError, UsageError
from pipeline.export.schema import TABLES, make_table
from pipeline.route import TEXT_STAGES

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "护士工作计划 篇一\n捅过努厉,题高服务水泙.\n护士工作计划 篇二\n一、加强学习\n认真学习业务知识。\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "计划.txt").write_text(PLAN, encoding="utf-8")
    (folder / "sub" / "计划.txt").write_bytes(PLAN.encode("gb18030"))
    (folder / "with space 😀.md").write_text("# 教师工作计划\n\n努厉工作。\n", encoding="utf-8")
    (folder / "rows.jsonl").write_text(
        '{"id": "a", "text": "=努厉工作。"}\n{broken\n{"id": "b", "text": "柿场"}\n', encoding="utf-8"
    )
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb" and path.name != "run.json" and not hidden(path, folder)
    }


def hidden(path: Path, folder: Path) -> bool:
    """Whether a file is what a run leaves for the next one, not for its user."""
    return path.relative_to(folder).parts[0].startswith(".")


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(folder / "corpus.duckdb"), read_only=True) as connection:
        return {name: connection.table(name).order("ALL").fetchall() for name in TABLES}


def test_a_run_with_bad_inputs(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    summary = pipeline.clean_folder(raw, out)
    assert {record["source"] for record in summary.records} == {
        "rows.jsonl#1", "rows.jsonl#3", "sub/计划.txt", "with space 😀.md", "计划.txt",
    }  # fmt: skip
    assert {q.source for q in summary.quarantined} == {
        "rows.jsonl#2",
        "empty.txt",
        "picture.txt",
        "dangling.txt",
    }
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["quarantined"]) == 4
    assert all(q["reason"] for q in manifest["quarantined"])
    assert str(tmp_path) not in "".join(p.read_text("utf-8", "replace") for p in out.rglob("*") if p.is_file())
    assert [v for v in verify(out) if v.fault] == []
    corpus = pipeline.load_corpus(out)["corpus"]
    assert corpus.groupby("source")["section"].max()["计划.txt"] == 2
    row = corpus[corpus["source"] == "sub/计划.txt"].iloc[0]
    assert row["text"] == "护士工作计划 篇一\n通过努力，提高服务水平。"
    text = (out / "text" / f"{row['doc_id']}.txt").read_text(encoding="utf-8")
    assert text[row["start"] : row["end"]] == row["text"]


def test_cells_are_guarded_and_unguarded(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    with (out / "corpus.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [row["text"] for row in csv.DictReader(stream)]
    assert "'=努力工作。" in cells
    frame = pipeline.load_corpus(out)["corpus"]
    assert "=努力工作。" in set(frame["text"])
    parquet = pd.read_parquet(out / "corpus.parquet")
    assert parquet["text"].tolist() == frame["text"].tolist()


def test_law_3_any_number_of_workers_gives_the_same_bytes(raw: Path, tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    pipeline.clean_folder(raw, one, jobs=1)
    pipeline.clean_folder(raw, two, jobs=3)
    assert tree(one) == tree(two)
    assert tables(one) == tables(two)


def test_law_4_a_bad_input_changes_nothing_of_the_others(raw: Path, tmp_path: Path):
    pipeline.clean_folder(raw, tmp_path / "one")
    for name in ("empty.txt", "picture.txt", "dangling.txt"):
        (raw / name).unlink()
    pipeline.clean_folder(raw, tmp_path / "two")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    told = {"manifest.json", "quarantined.csv", "quarantined.parquet"}
    assert {k: v for k, v in one.items() if k not in told} == {k: v for k, v in two.items() if k not in told}


def test_a_rerun_keeps_what_is_unchanged(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    first = pipeline.clean_folder(raw, out)
    before = tree(out)
    again = pipeline.clean_folder(raw, out)
    assert (again.kept, tree(out)) == (len(first.records), before)
    (raw / "计划.txt").write_text(PLAN + "三、总结。\n", encoding="utf-8")
    (raw / "with space 😀.md").unlink()
    changed = pipeline.clean_folder(raw, out)
    assert (changed.kept, changed.removed) == (3, 1)
    fresh = tmp_path / "fresh"
    pipeline.clean_folder(raw, fresh)
    assert tree(out) == tree(fresh)
    assert pipeline.clean_folder(raw, out, force=True).kept == 0


def test_a_dry_run_writes_nothing(raw: Path, tmp_path: Path):
    summary = pipeline.clean_folder(raw, tmp_path / "out", dry_run=True)
    assert (summary.documents, len(summary.faults)) == (5, 4)
    assert not (tmp_path / "out").exists()


def test_folders_that_are_not_ours_are_refused(raw: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="is the input folder"):
        pipeline.clean_folder(raw, raw)
    with pytest.raises(UsageError, match="holds the input"):
        pipeline.clean_folder(raw, tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.doc").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="was not written by qinggao"):
        pipeline.clean_folder(raw, tmp_path / "mine")


def test_a_table_without_a_text_column_is_a_usage_error(tmp_path: Path):
    (tmp_path / "t.csv").write_text("title,author\na,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"(?s)title.*author.*--text-column"):
        pipeline.clean_folder(tmp_path / "t.csv", tmp_path / "out")


def test_a_faulty_lexicon_stops_before_anything_is_written(raw: Path, tmp_path: Path):
    bad = tmp_path / "bad.tsv"
    bad.write_text("wrong\n", encoding="utf-8")
    with pytest.raises(LexiconError):
        pipeline.clean_folder(raw, tmp_path / "out", settings=pipeline.Settings(typos=bad))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["text", "log"])
def test_verify_notices_any_changed_character(place: str, raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw / "sub", out)
    (path,) = (out / place).iterdir()
    good = path.read_bytes()
    for at in range(0, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert [v for v in verify(out) if v.fault], f"byte {at} of {place}"
    path.write_bytes(good + b"\n")
    assert [v for v in verify(out) if v.fault]
    path.write_bytes(good)
    assert not [v for v in verify(out) if v.fault]


def test_the_stages_chained_give_the_bytes_of_clean(raw: Path, tmp_path: Path):
    pipeline.clean_folder(raw, tmp_path / "one")
    data = None
    for stage in ("read", "decode", *TEXT_STAGES, "split", "analyse", "export"):
        extra = {"read": [str(raw)], "export": ["--out", str(tmp_path / "two"), "--no-neural"]}.get(stage, [])
        extra += ["--no-neural"] * (stage in TEXT_STAGES)  # as in this process, where tests leave the network out
        done = subprocess.run(
            [sys.executable, "-m", f"pipeline.stages.{stage}", *extra],
            input=data,
            capture_output=True,
            check=True,
        )
        data = done.stdout
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


LOADED = """
import sys
from pathlib import Path
import pipeline, pipeline.runner

def loaded():
    # the first worker brings the last one, before there is another thread
    return {name for name in sys.modules if name != "multiprocessing.popen_fork"}

load, before = pipeline.runner._load, []
pipeline.runner._load = lambda *given: [load(*given), before.append(loaded())]
raw, out, layout = sys.argv[1:]
pipeline.clean_folder(raw, out, pipeline.Settings(neural=False), jobs=2, layout=layout)
print(*sorted(loaded() - before[0]))
"""


@pytest.mark.parametrize("layout", ["files", "parts"])
def test_nothing_is_imported_while_workers_may_be_forked(raw: Path, tmp_path: Path, layout: str):
    # A worker forked in the middle of an import would wait for its end without end (found by `make soak`).
    command = [sys.executable, "-c", LOADED, str(raw), str(tmp_path / "out"), layout]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout.split() == []


def test_a_stray_byte_is_shown_as_such(tmp_path: Path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_bytes("今年的工作计划如下。".encode() + b"\xff" + "认真完成各项任务。".encode())
    pipeline.clean_folder(tmp_path / "raw", tmp_path / "out")
    edits = pipeline.load_corpus(tmp_path / "out")["edits"]
    assert edits[["kind", "before", "after"]].to_numpy().tolist() == [["mojibake", "\\xff", ""]]
    assert not [v for v in verify(tmp_path / "out") if v.fault]


def test_a_document_is_found_by_id_and_by_source(raw: Path, tmp_path: Path):
    out = tmp_path / "out"
    pipeline.clean_folder(raw, out)
    document = load_document(out, "sub/计划.txt")
    assert load_document(out, document.doc_id).text == document.text
    assert "努[厉 → 力]" in document.explain()
    with pytest.raises(UsageError, match="no such document"):
        load_document(out, "nothing")


def test_a_table_that_breaks_its_schema_is_refused():
    good = {name: [] for name in TABLES["edits"].names}
    assert len(make_table("edits", good)) == 0
    with pytest.raises(OutputError, match="has columns"):
        make_table("edits", {"doc_id": []})
    row = dict(zip(TABLES["edits"].names, ["d", "s", "r", "nonsense", 3, 2, "", "", 1.5, True, ""], strict=True))
    with pytest.raises(OutputError, match=r"raw_end < raw_start.*unknown kind.*confidence"):
        make_table("edits", {name: [value] for name, value in row.items()})
