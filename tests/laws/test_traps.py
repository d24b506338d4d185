"""Text made to be slow goes the whole way, and the laws hold for it.

A quadratic rule needs minutes here; there is no clock in the test, the whole suite has one.
"""

from __future__ import annotations

import pytest

import pipeline
from tests.fuzz.laws import assert_covered, assert_tiles, assert_undone
from tests.fuzz.traps import traps

LENGTH = 8_000  # about 24 KB
TRAPS = traps(LENGTH)


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_cleaned_and_the_laws_hold(name: str):
    document = pipeline.clean(TRAPS[name])
    assert document.source_text == TRAPS[name]
    assert_undone(document)
    assert_covered(document)
    assert_tiles(document)
