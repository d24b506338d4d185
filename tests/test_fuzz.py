"""The fuzz targets with what hypothesis makes of hostile fragments; ``make fuzz`` looks for more, guided by coverage."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import texts
from tests.fuzz.guided import LONGEST, Findings, Row, _told, mutated
from tests.fuzz.targets import TARGETS, run
from tests.fuzz.traps import UNITS

if TYPE_CHECKING:
    from pathlib import Path

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


def test_findings_are_kept_once_for_each_place_in_the_code(tmp_path: Path):
    def fails(data: bytes) -> None:
        if data.startswith(b"bad"):
            raise ValueError(data)

    found = Findings(fails, tmp_path)
    for data in (b"good", b"bad input", b"bad", b"bad again"):
        found.look(data)
    (crash,) = tmp_path.glob("crash-*")
    assert crash.read_bytes() == b"bad"
    assert "ValueError" in next(tmp_path.glob("story-*")).read_text(encoding="utf-8")
    assert found.executions == 4


def test_mutations_are_the_same_every_time_and_not_too_long():
    seeds = [b"one", b"two" * LONGEST]
    some, again = ([mutated(random, seeds, [b"word"]) for _ in range(50)] for random in (Random(1), Random(1)))
    assert some == again
    assert len(set(some)) > 40
    assert max(map(len, some)) <= LONGEST


def test_what_a_child_said_is_added_up():
    story = "#2\tINITED cov: 10 ft: 12\n#99\tNEW cov: 14 ft: 20\nstat::number_of_executed_units: 120\n"
    assert _told(Row("decode", 5, 1, 9), story) == Row("decode", 125, 5, 14)
    assert _told(Row("decode", 5, 1, 9), "nothing") == Row("decode", 5, 1, 9)
