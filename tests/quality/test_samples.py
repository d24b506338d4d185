"""The shipped samples against their clean originals: boundaries, character error rate, and no change to clean text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

import pipeline

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "tests" / "golden" / "samples").glob("*.txt"))
HEADING = re.compile(
    r"^(?:.{2,20} 篇[一二三四五六七八九十]+|第\d+篇：.*|【篇[一二三四五六七八九十]】.*)$", re.MULTILINE
)
WORST = 0.003  # characters wrong per character of the original


def original(name: str) -> str:
    return (ROOT / "tests" / "golden" / "samples" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=NAMES)
def sample(request: pytest.FixtureRequest) -> tuple[str, pipeline.Document]:
    data = (ROOT / "data" / "raw" / f"{request.param}.txt").read_bytes()
    return original(request.param), pipeline.clean(data)


def test_three_samples_in_three_encodings():
    assert len(NAMES) >= 3
    encodings = {
        pipeline.clean((ROOT / "data" / "raw" / f"{name}.txt").read_bytes()).evidence.encoding for name in NAMES
    }
    assert any("utf" in e for e in encodings)
    assert any("gb" in e for e in encodings)
    assert any("big5" in e or "950" in e for e in encodings)


def test_every_plan_boundary_is_right(sample: tuple[str, pipeline.Document]):
    want, document = sample
    assert [section.title for section in document.sections] == HEADING.findall(want)
    starts = [match.start() for match in HEADING.finditer(want)]
    for section, start, end in zip(document.sections, starts, [*starts[1:], len(want)], strict=True):
        got = document.text[section.start : section.end]
        assert got.rstrip()[-10:] == want[start:end].rstrip()[-10:]


def test_the_character_error_rate_is_low(sample: tuple[str, pipeline.Document]):
    want, document = sample
    assert Levenshtein.distance(document.text, want) / len(want) < WORST


@pytest.mark.parametrize("name", NAMES)
def test_the_clean_original_is_not_changed(name: str):
    document = pipeline.clean(original(name))
    assert [row for row in document.edits if row.applied] == []
