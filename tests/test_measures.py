"""Tables of units, periods and comparators: sound as shipped, all faults of a broken one together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.lexicons.measures import load_comparators, load_periods, load_units

if TYPE_CHECKING:
    from pathlib import Path


def test_the_shipped_tables_are_sound():
    assert load_units()["户"].base == "households"
    assert load_periods()["周"].per_year == 52
    assert {"达到", "不低于", "以上", "近", "突破", "同比增长", "超过"} <= {one.word for one in load_comparators()}


def test_every_fault_of_a_table_of_units_is_reported(tmp_path: Path):
    path = tmp_path / "units.tsv"
    path.write_text(
        "unit\twritten\tbase\tfactor\tkind\tnot_before\n元\t元\tyuan\t1\tmoney\n元\t元\tyuan\t1\tmoney\n角\t\tyuan\t0.1\tmoney\n"
        "磅\t磅\tpounds\tmuch\tweight\n",
        encoding="utf-8",
    )
    with pytest.raises(LexiconError) as caught:
        load_units(path)
    assert len(caught.value.faults) == 4
    for part in ("'元' stands already", "line 4: unit, written and base", "kind is 'weight'", "factor is 'much'"):
        assert part in str(caught.value)


def test_faults_of_periods_and_comparators(tmp_path: Path):
    periods, comparators = tmp_path / "periods.tsv", tmp_path / "comparators.tsv"
    periods.write_text("period\twritten\tper_year\n周\t周\t-1\n\t月\t12\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="2 fault"):
        load_periods(periods)
    comparators.write_text("word\tplace\trelation\n达到\tabove\t>=\n达到\tabove\t≥\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="4 fault"):
        load_comparators(comparators)
