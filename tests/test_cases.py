"""The drawers: cases as data, a JSON line each with ``id``, ``text``, ``want`` (in ``negative``: no change).

``unknown`` holds wrong words that are in no table.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pipeline

DRAWERS = Path(__file__).parent / "cases"


def cases(drawer: str) -> list[Any]:
    rows = [
        json.loads(line)
        for path in sorted((DRAWERS / drawer).glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return [pytest.param(row, id=row["id"]) for row in rows]


@pytest.mark.parametrize("case", cases("negative"))
def test_negative(case: dict[str, str]):
    document = pipeline.clean(case["text"])
    assert [row for row in document.edits if row.applied] == [], case["why"]


@pytest.mark.parametrize("case", cases("synthetic") + cases("wild") + cases("unknown"))
def test_positive(case: dict[str, str]):
    assert pipeline.clean(case["text"]).text == case["want"]


@pytest.mark.parametrize("case", cases("known_failures"))
@pytest.mark.xfail(strict=True, reason="waits for a later stage")
def test_known_failure(case: dict[str, str]):
    assert pipeline.clean(case["text"]).text == case["want"]


def test_there_are_enough_negative_cases():
    assert len(cases("negative")) >= 60
