"""The benchmark of big corpora: its plans are those of the compilation, its bounds are the right way round."""

from __future__ import annotations

from benchmarks.bench_scale import Line
from benchmarks.spun_corpus import _cut
from tests.damage.layout import lines_of
from tests.damage.samples import SPUN_RECIPES, make


def test_rows_are_the_plans_of_a_damaged_compilation():
    damaged = make(SPUN_RECIPES[1])
    plans = list(_cut(damaged))
    assert len(plans) == sum(line.heads_plan for line in lines_of(damaged.original))
    assert "".join("".join(plans).split()) == "".join(damaged.text.split())
    assert all("篇" in plan.splitlines()[0] for plan in plans[1:])


def test_a_bound_is_the_least_or_the_most():
    assert Line("speed", 40_000, must=50_000).missed
    assert not Line("speed", 60_000, must=50_000).missed
    assert Line("growth", 1.3, must=1.2, most=True).missed
    assert not Line("growth", 1.1, must=1.2, most=True).missed
    assert not Line("fuzzing", None, must=0, most=True).missed
    assert "MISSED" in Line("growth", 1.3, "×", 1.2, 1.05, most=True).shown()
