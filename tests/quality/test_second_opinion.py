"""What the network adds may not be lost, nor what it must not do come back: floors beside those of the n-grams alone.

The sets lie beside the checkout in ``../shared``. ``make bench-correct`` measures more, and more of ``--thorough``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import bench_correct

NETWORK = True
FLOORS = json.loads((Path(bench_correct.__file__).parent / "floors.json").read_text(encoding="utf-8"))
PROMISED = {
    "cscd_dev_even": {"P": 0.75, "F1": 0.48},
    "real document (no table)": {"P": 0.985, "R": 0.88},
    "ecspell_law, thorough": {"P": 0.75, "F1": 0.7},
}
MOST_FALSE = 0.005
"""What was promised to users of this version; the floors may only lie above it (the rate of false alarms below)."""


@pytest.fixture(scope="module")
def figures(shared: Path) -> dict[str, dict[str, float]]:
    pytest.importorskip("onnxruntime", reason="the extra `neural` is not installed")
    assert (shared / "bench").is_dir()
    sets = {name: bench_correct.load(name) for name in ("cscd_dev_even", "fpr_rmrb")}
    found = {name: bench_correct.strict(pairs, bench_correct.corrected(pairs)).ratios() for name, pairs in sets.items()}
    law = bench_correct.load("ecspell_law")
    thorough = bench_correct.strict(law, bench_correct.corrected(law, "--thorough", "--no-lexicon")).ratios()
    real = bench_correct.real_document("--no-lexicon")
    return found | {"real document (no table)": real, "ecspell_law, thorough": thorough}


def test_no_floor_was_lowered():
    for name, row in PROMISED.items():
        for figure, promised in row.items():
            assert FLOORS["with"]["least"][name][figure] >= promised
            assert FLOORS["with"]["least"][name][figure] >= FLOORS["least"].get(name, {}).get(figure, 0)
    assert FLOORS["with"]["most"]["fpr_rmrb"]["FPR"] <= MOST_FALSE


def test_every_figure_reaches_its_floor(figures: dict[str, dict[str, float]]):
    least, most = FLOORS["with"]["least"], FLOORS["with"]["most"]
    low = {(name, figure) for name, row in least.items() for figure in row if figures[name][figure] < row[figure]}
    high = {(name, figure) for name, row in most.items() for figure in row if figures[name][figure] > row[figure]}
    assert not low, figures
    assert not high, figures
