"""The real document against its gold (development half), scored by the scorer that comes with the gold."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import pipeline
from pipeline.corpus import load_document, verify

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def out(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "out"
    pipeline.clean_folder(shared / "raw", folder)
    return folder


@pytest.fixture(scope="module")
def score(out: Path, shared: Path) -> dict[str, Any]:
    command = [sys.executable, str(shared / "gold" / "score.py"), str(out), "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_twelve_plans_and_no_site_mark(out: Path):
    corpus = pipeline.load_corpus(out)["corpus"]
    assert len(corpus) == 12
    text = "".join(corpus["text"])
    for mark in (
        "www.",
        "公文汇",
        "稿子汇",
        "文秘写作网",
        "范文文库",
        "导语",
        "纠正后上传",
        "范文推荐",
        "案范",
    ):
        assert mark not in text


def test_law_1_on_a_real_folder(out: Path):
    assert [verdict for verdict in verify(out) if verdict.fault] == []


def test_law_2_on_the_real_document(out: Path):
    (record,) = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    document = load_document(out, record["doc_id"])
    assert [row for row in pipeline.clean(document.text).edits if row.applied] == []


def test_headings(score: dict[str, Any]):
    assert score["outline"]["F1"] >= 0.95


def test_typos_with_the_table(score: dict[str, Any]):
    assert score["typo"]["P"] >= 0.99, score["typo"]["falses"]
    assert score["typo"]["R"] >= 0.98, score["typo"]["missed"]


def test_byte_loss_and_noise(score: dict[str, Any]):
    for kind in ("swallow", "noise", "watermark"):
        assert (score[kind]["right"], score[kind]["wrong"]) == (score[kind]["of"], 0), kind
