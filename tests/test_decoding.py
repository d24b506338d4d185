"""Decoding: the lattice against every reading written out."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lm import decoding
from pipeline.lm.decoding import Doubt, Option, Reading, decode, spans
from pipeline.lm.model import LanguageModel, spaced
from pipeline.lm.proposals import FAR, propose
from pipeline.lm.tokens import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL = LanguageModel()
TEXT = BEGIN + "进一步题高服务水泙和效率" + END
LOGS = MODEL.score(TEXT)[0].tolist()


def doubt(*symbols: str, cost: float = 1.5) -> Doubt:
    return Doubt(0.0, [Option(symbol, cost, 0.0, 1, 0) for symbol in symbols], cost)


def exhaustive(start: int, end: int, doubts: dict[int, Doubt]) -> list[Reading]:
    """Every reading of the span, scored as a whole sentence."""
    places = [place for place in range(start, end) if place in doubts]
    readings = []
    for choice in product(*([None, *doubts[place].options] for place in places)):
        chars = list(TEXT)
        changes = []
        for place, option in zip(places, choice, strict=True):
            if option is not None:
                chars[place] = option.symbol
                changes.append((place, option))
        score = MODEL.total(spaced("".join(chars))) - sum(option.cost for _, option in changes)
        readings.append(Reading(score, tuple(changes)))
    return sorted(readings, key=lambda reading: -reading.score)


CASES = [
    {TEXT.index("题"): doubt("提", "体", "替")},
    {TEXT.index("题"): doubt("提", "体"), TEXT.index("泙"): doubt("平", "评", "坪")},
    {TEXT.index("题"): doubt("提"), TEXT.index("高"): doubt("搞", "告"), TEXT.index("服"): doubt("复")},
]


@pytest.mark.parametrize("doubts", CASES)
def test_the_best_reading_is_found(doubts: dict[int, Doubt]):
    start, end = min(doubts), max(doubts) + 1
    want, got = exhaustive(start, end, doubts)[0], decode(TEXT, LOGS, (start, end), doubts, MODEL)
    assert got[0].changes == want.changes
    assert [reading.score for reading in got] == sorted((reading.score for reading in got), reverse=True)
    assert any(not reading.changes for reading in got)


@pytest.mark.parametrize("doubts", CASES)
def test_scores_differ_as_whole_sentences_do(doubts: dict[int, Doubt]):
    start, end = min(doubts), max(doubts) + 1
    want = {reading.changes: reading.score for reading in exhaustive(start, end, doubts)}
    got = {reading.changes: reading.score for reading in decode(TEXT, LOGS, (start, end), doubts, MODEL)}
    for changes, score in got.items():
        assert score - got[()] == pytest.approx(want[changes] - want[()], abs=1e-3)


def test_what_stands_there_survives_a_narrow_beam(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decoding, "BEAM", 1)
    doubts = CASES[1]
    assert any(not reading.changes for reading in decode(TEXT, LOGS, (min(doubts), max(doubts) + 1), doubts, MODEL))


@given(st.lists(st.integers(0, 300), unique=True).map(sorted), st.integers(1, 4))
@settings(max_examples=200)
def test_spans_hold_every_place_once(places: Sequence[int], reach: int):
    found = list(spans(places, reach))
    assert [place for start, end in found for place in places if start <= place < end] == list(places)
    assert all(one[1] <= two[0] for one, two in zip(found, found[1:], strict=False))
    assert all(end - start <= decoding.LONGEST + reach for start, end in found)


def option(symbol: str) -> Option:
    return Option(symbol, 1.5, 0.0, 1, 0)


def test_near_changes_are_one_proposal_and_far_ones_two():
    readings = [Reading(0.0, ((4, option("提")), (5, option("搞")), (9, option("平")))), Reading(-9.0, ())]
    found = propose(TEXT, readings)
    assert [(p.before, p.after, p.best) for p in found] == [("题高", "提搞", True), ("泙", "平", True)]
    assert found[0].rest == ((9, option("平")),)
    assert found[0].lead == FAR


def test_the_lead_is_over_another_candidate_for_the_same_place():
    readings = [Reading(0.0, ((4, option("提")),)), Reading(-2.5, ((4, option("体")),)), Reading(-9.0, ())]
    (found,) = propose(TEXT, readings)
    assert found.lead == 2.5


def test_a_change_that_gains_too_little_is_not_proposed():
    assert propose(TEXT, [Reading(0.0, ()), Reading(-3.0, ((4, option("提")),))]) == []
    assert propose(TEXT, [Reading(0.0, ())]) == []


def test_the_runner_up_is_proposed_where_it_is_close():
    readings = [
        Reading(0.0, ((4, option("提")),)),
        Reading(-1.5, ((4, option("体")),)),
        Reading(-1.6, ((4, option("替")),)),
        Reading(-9.0, ()),
    ]
    found = propose(TEXT, readings)
    assert [(p.after, p.lead, p.best) for p in found] == [("提", 1.5, True), ("体", -1.5, False)]
    assert len(propose(TEXT, [readings[0], readings[1]._replace(score=-2.5), readings[3]])) == 1
