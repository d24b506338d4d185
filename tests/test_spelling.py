"""The corrector as a rule: protection, quotation, names, and what a document's other errors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import apply_edits
from pipeline.rules.protection import Protection, Spans, foreign_name, quoted, verse
from pipeline.rules.spelling import Spelling, prior_shift, shifted

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge

BAR = 0.9


def corrected(text: str, knowledge: Knowledge, *protected: str, errors: int | None = None) -> str:
    spelling = Spelling(knowledge.corrector, Protection(protected), knowledge.words)
    return apply_edits(text, spelling.propose(text, errors=errors), BAR).text


def test_a_protected_word_stays(knowledge: Knowledge):
    text = "认真分析柿场形势，建设柿场路"
    assert corrected(text, knowledge).startswith("认真分析市场形势")
    assert corrected(text, knowledge, "柿场路").startswith("认真分析市场形势，建设柿场路")
    assert corrected(text, knowledge, "柿") == text


def test_what_a_table_decided_stays(knowledge: Knowledge):
    text = "认真分析柿场形势"
    spelling = Spelling(knowledge.corrector, Protection([]), knowledge.words)
    assert list(spelling.propose(text, [(4, 6)])) == []


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("把“努厉”改过来", "努厉", True),
        ("“柿场”", "柿", True),
        ("他说“要认真分析柿场形势”", "柿", False),
        ("不努厉”", "厉", False),
        ("“甲”和柿场“乙”", "柿", False),
        ("“\n柿场”", "柿", False),
        ("“柿场\n”", "柿", False),
    ],
)
def test_quoted(text: str, part: str, expected: bool):  # noqa: FBT001 - a case's answer
    at = text.index(part)
    assert quoted(text, at, at + len(part)) is expected


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("代表克里希南·拉贾提出", "南", True),
        ("拉贾戈帕尔·克里希南说", "帕", True),
        ("认真分析柿场形势，由约翰·史密斯主持", "柿", False),
        ("克里希南提出", "南", False),
    ],
)
def test_foreign_name(text: str, part: str, expected: bool):  # noqa: FBT001
    at = text.index(part)
    assert foreign_name(text, at, at + len(part)) is expected


def test_particles_are_only_suggested(knowledge: Knowledge):
    text = "同事们出色的完成了各项任务，更好的完成了全年工作。"
    assert corrected(text, knowledge) == text


@given(st.integers(0, 500), st.integers(0, 200_000))
def test_more_errors_make_one_more_likelier(errors: int, chars: int):
    assert prior_shift(errors, chars) <= prior_shift(errors + 1, chars)
    assert prior_shift(errors, chars) >= prior_shift(errors, chars + 1000)


@given(st.floats(0.001, 0.999), st.floats(-2, 2))
def test_a_shift_keeps_probabilities(probability: float, shift: float):
    moved = shifted(probability, shift)
    assert 0 < moved < 1
    assert (moved > probability) == (shift > 0) or moved == pytest.approx(probability)


def test_a_short_text_is_judged_as_it_stands():
    assert -0.4 < prior_shift(0, 10) < 0
    assert prior_shift(0, 20_000) < -1
    assert prior_shift(400, 20_000) > 0


def test_spans_do_not_overlap():
    taken = Spans([(2, 4)])
    assert not taken.add(3, 5)
    assert taken.add(4, 6)
    assert not taken.add(5, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一夜东风催细雨，满园桃李压枝低。", True),
        ("白日依山尽，黄河入海流。", True),
        ("认真学习，努力工作，提高水平。", False),
        ("一夜东风催细雨。", False),
    ],
)
def test_verse(text: str, expected: bool):  # noqa: FBT001
    assert verse("前文。" + text, 5) is expected


def test_a_term_of_the_text_is_only_suggested(knowledge: Knowledge):
    text = "一线听班制度：听班人员在二十分钟内到岗，听班记录当日交回。"
    assert corrected(text, knowledge) == text
