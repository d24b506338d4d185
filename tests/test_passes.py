"""Which documents of a shard go together."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.passes import BUNCH, BUNCH_BYTES, Task, _bunches
from pipeline.settings import Settings


def bunches(sizes: list[int], limit: float | None = None) -> list[list[int]]:
    shard = SimpleNamespace(size=len(sizes), bytes=sizes.__getitem__)
    return list(_bunches(Task(shard, Path(), Settings(), limit=limit)))  # type: ignore[arg-type] - all that is asked of it


@given(st.lists(st.integers(0, BUNCH_BYTES * 2) | st.integers(0, 3000), max_size=200), st.none() | st.floats(1, 100))
def test_each_document_goes_once_in_order_and_no_bunch_is_too_large(sizes: list[int], limit: float | None):
    found = bunches(sizes, limit)
    assert list(chain.from_iterable(found)) == list(range(len(sizes)))
    for bunch in found:
        assert 1 <= len(bunch) <= min(BUNCH, limit or BUNCH)
        assert len(bunch) == 1 or sum(sizes[number] for number in bunch) <= BUNCH_BYTES


def test_short_ones_go_together_and_what_is_long_or_unknown_alone():
    assert bunches([10] * 70) == [list(range(64)), list(range(64, 70))]
    assert bunches([10, 200_000, 10, 0, 10, 10]) == [[0], [1], [2], [3], [4, 5]]
    assert bunches([10, 10, 10], limit=2.5) == [[0, 1], [2]]
