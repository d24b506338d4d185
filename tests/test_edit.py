"""Applying, undoing and projecting edits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EditError
from pipeline.model import Document, Edit, SpanMap, apply_edits, minimal, undo_edits


def edit(start: int, before: str, after: str, confidence: float = 1.0) -> Edit:
    return Edit(start, start + len(before), before, after, "other", "test", confidence)


def test_minimal_trims_common_prefix_and_suffix():
    assert minimal(edit(3, "甲乙丙丁", "甲丁")) == [edit(4, "乙丙", "")]
    assert minimal(edit(3, "甲丁", "甲乙丙丁")) == [edit(4, "", "乙丙")]
    assert minimal(edit(0, "甲", "甲")) == []


def test_minimal_cuts_equal_lengths_into_runs():
    assert minimal(edit(5, "開門見山", "开门见山")) == [edit(5, "開門見", "开门见")]
    assert minimal(edit(5, "開大門", "开大门")) == [edit(5, "開", "开"), edit(7, "門", "门")]


def test_apply_leaves_out_what_overlaps_and_suggests_what_is_unsure():
    done = apply_edits("努厉工作", [edit(0, "努厉", "努力"), edit(1, "厉工", "利工"), edit(2, "工", "公", 0.3)], 0.9)
    assert done.text == "努力工作"
    assert done.edits == [edit(1, "厉", "力")]
    assert done.suggestions == [edit(2, "工", "公", 0.3)]


def test_apply_refuses_an_edit_that_does_not_fit():
    with pytest.raises(EditError, match="must propose on the text it was given"):
        apply_edits("甲乙", [edit(0, "乙", "丙")])


def test_undo_refuses_a_changed_text():
    done = apply_edits("努厉", [edit(1, "厉", "力")])
    with pytest.raises(EditError, match="changed after the run"):
        undo_edits("努利", done.edits)


def test_spans_keep_deleted_text_outside():
    done = apply_edits("甲乙丙丁", [edit(1, "乙", ""), edit(3, "丁", "戊己")])
    assert done.text == "甲丙戊己"
    spans = SpanMap(done.edits)
    low, high = spans.to_input(np.array([0, 1, 2, 3]), np.array([1, 2, 4, 4]))
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [(0, 1), (2, 3), (3, 4), (3, 4)]


def test_an_insertion_has_an_empty_raw_span():
    document = Document("d", "d", "甲乙")
    document.revise("x", [edit(1, "", "\n")])
    (row,) = document.edits
    assert (row.raw_start, row.raw_end, row.edit.after) == (1, 1, "\n")


TEXT = st.text(alphabet="甲乙丙丁ab ,。\n", max_size=30)


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(TEXT)
    edits = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        edits.append(edit(start, text[start:end], draw(st.text(alphabet="甲戊己x", max_size=4))))
    return text, edits


@given(text_and_edits())
def test_undo_is_the_inverse_of_apply(case: tuple[str, list[Edit]]):
    text, edits = case
    done = apply_edits(text, edits)
    assert undo_edits(done.text, done.edits) == text


@given(st.lists(text_and_edits(), min_size=1, max_size=1), st.data())
def test_projection_through_several_batches_is_monotone_and_covers(
    cases: list[tuple[str, list[Edit]]], data: st.DataObject
):
    text, edits = cases[0]
    document = Document("d", "d", text)
    document.revise("one", edits)
    for stage in ("two", "three"):
        now = document.text
        start = data.draw(st.integers(0, len(now)))
        end = data.draw(st.integers(start, min(len(now), start + 4)))
        document.revise(stage, [edit(start, now[start:end], data.draw(st.text(alphabet="己庚", max_size=3)))])
    assert document.undo() == text
    size = len(document.text)
    low, high = document.to_source(np.arange(size), np.arange(size) + 1)
    assert (low <= high).all()
    assert (np.diff(low) >= 0).all()
    covered = np.zeros(len(text), bool)
    for a, b in zip(low.tolist(), high.tolist(), strict=True):
        covered[a:b] = True
    for row in document.edits:
        covered[row.raw_start : row.raw_end] = True
    assert covered.all()
