"""The rows of a side-by-side page: both texts cut at line ends, and the pages that they make."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.alignment import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.model import Section

ROW_CHARS = 1_000  # a longer line is cut at the end of a sentence: a browser lays short rows out as they are needed
PORTION = 250  # characters of a long line that are kept together
PART_CHARS = 12_000  # of clean text on one page, rather more than less where a plan is longer
STOPS = tuple("。！？；!?;")


class Row(NamedTuple):
    """A line of both texts; ``start`` is where it begins in the clean text, ``raw_start`` in the source text."""

    start: int
    raw_start: int
    pieces: tuple[Piece, ...]


class Part(NamedTuple):
    """The rows of one page; ``plans`` maps the index of a row to the plan that begins there."""

    rows: list[Row]
    plans: dict[int, Section]


def cut_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Return the rows of a document; joined they give its pieces, the same text cut where a row ends."""
    rows: list[Row] = []
    waiting: list[Piece] = []
    length = 0
    for piece in _cut(pieces):
        waiting.append(piece)
        length += len(piece.clean)
        if _ends_row(piece, length):
            rows.append(_row(waiting))
            waiting, length = [], 0
    if waiting:
        rows.append(_row(waiting))
    return rows


def _row(pieces: list[Piece]) -> Row:
    return Row(pieces[0].start, pieces[0].raw_start, tuple(pieces))


def _ends_row(piece: Piece, length: int) -> bool:
    """Whether a row ends with ``piece``, which brings its clean text to ``length`` characters."""
    if piece.clean.endswith("\n"):
        return True
    if not length:  # a line of the source that is gone as a whole
        return piece.source.endswith("\n")
    return length >= ROW_CHARS and (piece.clean.endswith(STOPS) or length >= 2 * ROW_CHARS)


def _cut(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces, those that are the same in both texts cut after each line and within long lines."""
    for piece in pieces:
        if piece.edits:
            yield piece
            continue
        at = 0
        for line in _lines(piece.clean):
            for part in _portions(line):
                yield Piece(part, part, piece.raw_start + at, piece.start + at)
                at += len(part)


def _lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def _portions(line: str) -> Iterator[str]:
    """Yield the line in portions of at most :data:`PORTION` characters, cut after a sentence where there is one."""
    at = 0
    while len(line) - at > PORTION:
        stop = max(line.rfind(mark, at, at + PORTION) for mark in STOPS) + 1
        end = stop if stop > at else at + PORTION
        yield line[at:end]
        at = end
    yield line[at:]


def cut_parts(rows: Sequence[Row], sections: Sequence[Section]) -> list[Part]:
    """Return the pages of a document, at least one; a page begins with a plan where the plans' lengths allow it."""
    starts = [row.start for row in rows]
    begins = {max(0, bisect_right(starts, section.start) - 1): section for section in sections} if rows else {}
    borders = [*sorted(begins), len(rows)]
    parts = [Part([], {})]
    size = 0
    for index, row in enumerate(rows):
        length = sum(len(piece.clean) for piece in row.pieces)
        coming = length
        if index in begins:
            after = borders[bisect_right(borders, index)]
            coming = (starts[after] if after < len(rows) else row.start + length) - row.start
        if size and (size + length > PART_CHARS or (index in begins and size + coming > PART_CHARS)):
            parts.append(Part([], {}))
            size = 0
        if index in begins:
            parts[-1].plans[len(parts[-1].rows)] = begins[index]
        parts[-1].rows.append(row)
        size += length
    return parts
