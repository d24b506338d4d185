"""The analysis may not get worse: floors on the gold of the real document and on plans of other professions.

The real document lies beside the checkout in ``../shared``; without it only the plans of the tests are measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import bench_goals

if TYPE_CHECKING:
    from pathlib import Path

GOLD = {
    "value and unit right, recall": 0.90,
    "value and unit right, precision": 0.85,
    "goals found": 0.95,
    "type right": 0.90,
    "status right": 0.90,
}
OWN = {"goals found": 0.95, "rows that are goals": 0.95, "type right": 0.90, "status right": 0.95, "unit right": 0.95}


@pytest.fixture(scope="module")
def gold(shared: Path) -> dict[str, float]:
    assert (shared / "gold").is_dir()
    return bench_goals.against_gold()


@pytest.mark.parametrize("figure", sorted(GOLD))
def test_the_gold_of_the_real_document(figure: str, gold: dict[str, float]):
    assert gold[figure] >= GOLD[figure]


@pytest.mark.parametrize("figure", sorted(OWN))
def test_plans_of_other_professions(figure: str):
    assert bench_goals.against_own()[figure] >= OWN[figure]
