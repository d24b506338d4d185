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


def align(document: Document, logged: list[LoggedEdit]) -> list[Piece]:
    """Return the pieces of a document in order; ``logged`` is its ``document.edits``.

    The ``source`` parts joined are the source text, the ``clean`` parts the clean text, and every edit is in exactly
    one piece. Edits that touch the same characters (one stage going over another's work) share a piece.
    """
    raw = np.array([(edit.raw_start, edit.raw_end) for edit in logged], np.int64).reshape(-1, 2)
    clean = clean_spans(document)
    order = np.lexsort((clean[:, 1], clean[:, 0], raw[:, 1], raw[:, 0]))
    source, text = document.source_text, document.text
    pieces: list[Piece] = []
    low = start = 0  # up to here both texts are in pieces
    for group in _groups(document, raw, clean, order.tolist()):
        at, end, clean_at, clean_end, edits = group
        if at > low:
            pieces.append(Piece(source[low:at], text[start:clean_at], low, start))
        pieces.append(Piece(source[at:end], text[clean_at:clean_end], at, clean_at, tuple(sorted(edits))))
        low, start = end, clean_end
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


def _groups(
    document: Document, raw: Spans, clean: Spans, order: list[int]
) -> list[tuple[int, int, int, int, list[int]]]:
    """Return (raw start, raw end, start, end, edits) of every run of edits between which text is the same."""
    groups: list[tuple[int, int, int, int, list[int]]] = []
    low = start = 0
    spans, places = raw.tolist(), clean.tolist()
    for index in order:
        (at, end), (clean_at, clean_end) = spans[index], places[index]
        last: list[int] = []
        while groups and not _apart(document, (low, start), (at, clean_at)):
            # What does not stand apart is one with the group before.
            was_at, was_end, was_clean_at, was_clean_end, edits = groups.pop()
            at, end, last = min(at, was_at), max(end, was_end), edits + last
            clean_at, clean_end = min(clean_at, was_clean_at), max(clean_end, was_clean_end)
            low, start = (groups[-1][1], groups[-1][3]) if groups else (0, 0)
        if not groups and not _apart(document, (0, 0), (at, clean_at)):
            at = clean_at = 0
        groups.append((at, end, clean_at, clean_end, [*last, index]))
        low, start = end, clean_end
    return _closed(document, groups)


def _apart(document: Document, done: tuple[int, int], begun: tuple[int, int]) -> bool:
    """Whether the same text, which may be empty, stands in both texts between two positions (source, clean)."""
    (low, start), (at, clean_at) = done, begun
    if at < low or at - low != clean_at - start:
        return False
    return document.source_text[low:at] == document.text[start:clean_at]


def _closed(
    document: Document, groups: list[tuple[int, int, int, int, list[int]]]
) -> list[tuple[int, int, int, int, list[int]]]:
    """Let the last group take in the rest of both texts where the rest is not the same."""
    if not groups:
        return groups
    at, end, clean_at, clean_end, edits = groups[-1]
    if document.source_text[end:] != document.text[clean_end:]:
        groups[-1] = (at, len(document.source_text), clean_at, len(document.text), edits)
    return groups
