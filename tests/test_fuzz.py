"""The fuzz targets with what hypothesis makes of hostile fragments; ``make fuzz`` looks for more, guided by coverage."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import texts
from tests.fuzz.targets import TARGETS, run
from tests.fuzz.traps import UNITS

PARTS = st.one_of(
    st.sampled_from(texts.FRAGMENTS), st.sampled_from(texts.MARKS), st.sampled_from(UNITS), st.text(max_size=5)
)
TEXTS = st.lists(PARTS, max_size=14).map("".join)
ENCODED = st.one_of(
    TEXTS.map(lambda text: text.encode("utf-8", "surrogateescape")),
    TEXTS.map(lambda text: text.encode("gb18030", "replace")),
    st.binary(max_size=60),
)
short = settings(deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Return a seed with some of its bytes replaced."""
    seed = draw(st.sampled_from(seeds))
    start = draw(st.integers(0, len(seed)))
    return seed[:start] + draw(ENCODED) + seed[start + draw(st.integers(0, 40)) :]


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str):
    seeds = tuple(TARGETS[name].seeds())

    @short
    @given(st.one_of(ENCODED, damaged(seeds)))
    def holds(data: bytes) -> None:
        run(name, data)

    holds()
