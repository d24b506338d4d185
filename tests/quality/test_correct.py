"""The quality of correction may not fall: floors, the data that they were measured on, and no lowering in silence.

The sets lie beside the checkout in ``../shared``; without them only the floors themselves are checked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import bench_correct

if TYPE_CHECKING:
    Figures = dict[str, dict[str, float]]

FLOORS = json.loads((Path(bench_correct.__file__).parent / "floors.json").read_text(encoding="utf-8"))

PROMISED = {
    "real document": {"P": 0.99, "R": 0.98},
    "real document (no table)": {"P": 0.97, "R": 0.88},
    "cscd_dev_even": {"P": 0.70, "F1": 0.36},
    "ecspell_law": {"F1": 0.52},
    "ecspell_med": {"F1": 0.38},
}
MOST_FALSE = 0.01
"""What was promised to users of this version; the floors may only lie above it (the rate of false alarms below)."""


@pytest.fixture(scope="module")
def figures(shared: Path) -> Figures:
    assert (shared / "bench").is_dir()
    return bench_correct.quality("without")


@pytest.mark.parametrize("name", PROMISED)
def test_no_floor_was_lowered(name: str):
    for figure, promised in PROMISED[name].items():
        assert FLOORS["least"][name][figure] >= promised
    assert FLOORS["most"]["fpr_rmrb"]["FPR"] <= MOST_FALSE


def test_the_floors_were_measured_on_this_data(shared: Path):
    assert shared
    assert bench_correct.digest() == FLOORS["data"]


def test_every_figure_reaches_its_floor(figures: Figures):
    low = {
        f"{name} {figure}": (figures[name][figure], floor)
        for name, row in FLOORS["least"].items()
        for figure, floor in row.items()
        if figures[name][figure] < floor
    }
    high = {
        f"{name} {figure}": (figures[name][figure], ceiling)
        for name, row in FLOORS["most"].items()
        for figure, ceiling in row.items()
        if figures[name][figure] > ceiling
    }
    assert not low
    assert not high
