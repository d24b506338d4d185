"""A document's source text beside its clean text: what stayed, and every place where an edit was made or suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.model.offsets import SpanMap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Document, LoggedEdit

    Spans = NDArray[np.int64]


class Piece(NamedTuple):
    """A stretch of both texts; ``edits`` are indices into ``document.edits``, empty where the texts are the same.

    Where all edits of a piece are suggestions, ``source`` and ``clean`` are equal. Offsets count code points,
    half-open; ``raw_start`` in the source text, ``start`` in the clean text.
    """

    source: str
    clean: str
    raw_start: int
    start: int
    edits: tuple[int, ...] = ()


class _Group(NamedTuple):
    """Edits that touch each other, and their span in the source text and in the clean text."""

    raw_start: int
    raw_end: int
    start: int
    end: int
    edits: tuple[int, ...]

    def joined(self, other: _Group) -> _Group:
        return _Group(
            min(self.raw_start, other.raw_start),
            max(self.raw_end, other.raw_end),
            min(self.start, other.start),
            max(self.end, other.end),
            self.edits + other.edits,
        )


def align(document: Document, logged: list[LoggedEdit]) -> list[Piece]:
    """Return the pieces of a document in order; ``logged`` is its ``document.edits``.

    The ``source`` parts joined are the source text, the ``clean`` parts the clean text, and every edit is in exactly
    one piece. Edits that touch the same characters (one stage going over another's work) share a piece.
    """
    source, text = document.source_text, document.text
    pieces: list[Piece] = []
    low = start = 0  # up to here both texts are in pieces
    for group in _groups(document, logged):
        if group.raw_start > low:
            pieces.append(Piece(source[low : group.raw_start], text[start : group.start], low, start))
        before, after = source[group.raw_start : group.raw_end], text[group.start : group.end]
        pieces.append(Piece(before, after, group.raw_start, group.start, tuple(sorted(group.edits))))
        low, start = group.raw_end, group.end
    if low < len(source):
        pieces.append(Piece(source[low:], text[start:], low, start))
    return pieces


def clean_spans(document: Document) -> Spans:
    """Return (start, end) in the clean text of every edit of ``document.edits``, one row each, in that order.

    A suggestion's span is that of the text it would replace.
    """
    low = high = np.empty(0, np.int64)
    for batch in document.batches:
        step = SpanMap(batch.edits)
        suggested = np.array([edit[:2] for edit in batch.suggestions], np.int64).reshape(-1, 2)
        low, high = step.to_output(low, high)
        hint_low, hint_high = step.to_output(suggested[:, 0], suggested[:, 1])
        low = np.concatenate((low, step.out_start, hint_low))
        high = np.concatenate((high, step.out_end, hint_high))
    return np.column_stack((low, high))


def _groups(document: Document, logged: list[LoggedEdit]) -> list[_Group]:
    """Return the groups in order; before, between and after them both texts are the same."""
    raw = np.array([(edit.raw_start, edit.raw_end) for edit in logged], np.int64).reshape(-1, 2)
    clean = clean_spans(document)
    order = np.lexsort((clean[:, 1], clean[:, 0], raw[:, 1], raw[:, 0]))
    head = _Group(0, 0, 0, 0, ())
    groups = [head]
    for index, (raw_start, raw_end), (start, end) in zip(
        order.tolist(), raw[order].tolist(), clean[order].tolist(), strict=True
    ):
        group = _Group(raw_start, raw_end, start, end, (index,))
        # What does not stand apart from the group before is one with it; the head takes in what begins the texts.
        while groups and not _same_between(document, groups[-1], group.raw_start, group.start):
            group = groups.pop().joined(group)
        groups.append(group)
    while len(groups) > 1 and not _same_after(document, groups[-1]):
        last = groups.pop()
        groups.append(groups.pop().joined(last)._replace(raw_end=len(document.source_text), end=len(document.text)))
    return [group for group in groups if group.edits]


def _same_between(document: Document, group: _Group, raw_start: int, start: int) -> bool:
    """Whether the same text, which may be empty, follows the group in both texts up to two positions."""
    if raw_start < group.raw_end or raw_start - group.raw_end != start - group.end:
        return False
    return document.source_text[group.raw_end : raw_start] == document.text[group.end : start]


def _same_after(document: Document, group: _Group) -> bool:
    return document.source_text[group.raw_end :] == document.text[group.end :]
