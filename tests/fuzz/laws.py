"""The laws of the product, as assertions on one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.export import log
from pipeline.model import undo_edits

if TYPE_CHECKING:
    from pipeline.model import Document, Edit


def assert_undone(document: Document) -> None:
    """Law 1: undoing every batch gives the source text; every edit is minimal and lies inside the text it changes."""
    text = document.text
    for batch in reversed(document.batches):
        text = undo_edits(text, batch.edits)
        at = 0
        for edit in batch.edits:
            assert at <= edit.start, edit
            assert_inside(edit, text)
            assert edit.before != edit.after, edit
            if edit.before and edit.after:
                assert edit.before[0] != edit.after[0], edit
                assert edit.before[-1] != edit.after[-1], edit
            at = edit.end
        for edit in batch.suggestions:
            assert_inside(edit, text)
        for low, high in (*batch.raw.tolist(), *batch.raw_suggested.tolist()):
            assert 0 <= low <= high <= len(document.source_text)
    assert text == document.source_text


def assert_inside(edit: Edit, text: str) -> None:
    assert 0 <= edit.start <= edit.end <= len(text), edit
    assert text[edit.start : edit.end] == edit.before, edit
    assert 0 <= edit.confidence <= 1, edit


def assert_tiles(document: Document) -> None:
    """Law 5: plans tile the source text in order, from the end of the front matter on."""
    sections = document.sections
    for one, two in zip(sections, sections[1:], strict=False):
        assert one.raw_start <= one.raw_end == two.raw_start
        assert one.end <= two.start
    if sections:
        assert sections[-1].raw_end == len(document.source_text)
        assert sections[0].raw_start >= 0
    size, raw_size = len(document.text), len(document.source_text)
    for unit in document.units:
        assert 0 <= unit.start <= unit.end <= size, unit
        assert 0 <= unit.raw_start <= unit.raw_end <= raw_size, unit
        assert unit.parent < unit.unit, unit


def assert_covered(document: Document) -> None:
    """Law 5: every source character is in the clean text or covered by an applied edit."""
    covered = np.zeros(len(document.source_text), bool)
    size = len(document.text)
    low, high = document.to_source(np.arange(size), np.arange(size) + 1)
    for a, b in zip(low.tolist(), high.tolist(), strict=True):
        covered[a:b] = True
    for row in document.edits:
        if row.applied:
            covered[row.raw_start : row.raw_end] = True
    assert covered.all()


def assert_kept(document: Document) -> None:
    """Law 1: clean text and log alone give the document back."""
    again, _ = log.load(*log.dump(document, {}))
    assert again.source_text == document.source_text
    assert again.edits == document.edits
    assert again.units == document.units


def assert_finished(again: Document) -> None:
    """Law 2: a clean text, cleaned ``again`` with the same corpus knowledge, has no edit applied."""
    assert [row for row in again.edits if row.applied] == []
