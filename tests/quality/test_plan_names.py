"""Names of plans may not get worse: floors on the gold of the real document and on plans of other professions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import bench_themes

if TYPE_CHECKING:
    from pathlib import Path

OWN = {"seen: named": 0.75, "held out: named": 0.62}
CHANCE = {"seen: by the names of another plan": 0.12, "held out: by the names of another plan": 0.12}


@pytest.fixture(scope="module")
def own() -> dict[str, float]:
    return bench_themes.on_own(show=False)


@pytest.mark.parametrize("figure", sorted(OWN))
def test_plans_of_other_professions(figure: str, own: dict[str, float]):
    assert own[figure] >= OWN[figure]


@pytest.mark.parametrize("figure", sorted(CHANCE))
def test_names_fit_no_other_plan(figure: str, own: dict[str, float]):
    assert own[figure] <= CHANCE[figure]


def test_the_gold_of_the_real_document(shared: Path, tmp_path: Path):
    assert (shared / "gold").is_dir()
    bench_themes.clean_real(tmp_path)
    assert bench_themes.on_gold(bench_themes.real_plans(tmp_path), show=False)["named"] >= 0.70
