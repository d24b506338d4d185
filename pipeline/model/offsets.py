"""Positions through a batch of edits, in both directions and for whole arrays at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.model.edit import Edit

    Positions = NDArray[np.int64]


class SpanMap:
    """The correspondence of positions between a batch's input and its output text.

    A span of the output maps to the smallest span of the input that its characters came from: text deleted
    at the span's borders stays outside. Inside a replacement of equal length characters map one to one; inside
    any other a position maps to the border of the replaced text. Positions are code points.
    """

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.in_start, self.in_end = spans(edits)
        lengths = np.array([len(edit[3]) for edit in edits], np.int64)
        growth = lengths - (self.in_end - self.in_start)
        self.out_start: Positions = self.in_start + np.cumsum(growth) - growth
        self.out_end: Positions = self.out_start + lengths

    def to_input(self, start: Positions, end: Positions) -> tuple[Positions, Positions]:
        """Map spans of the output text to spans of the input text."""
        return _project(start, end, (self.out_start, self.out_end), (self.in_start, self.in_end))

    def to_output(self, start: Positions, end: Positions) -> tuple[Positions, Positions]:
        """Map spans of the input text to spans of the output text."""
        return _project(start, end, (self.in_start, self.in_end), (self.out_start, self.out_end))


def spans(edits: Sequence[Edit]) -> tuple[Positions, Positions]:
    """Return where edits start and end."""
    return np.array([edit[0] for edit in edits], np.int64), np.array([edit[1] for edit in edits], np.int64)


def _project(
    start: Positions, end: Positions, near: tuple[Positions, Positions], far: tuple[Positions, Positions]
) -> tuple[Positions, Positions]:
    if not len(near[0]) or not len(start):
        return start, end
    low, high = _left_edge(start, near, far), _right_edge(end, near, far)
    # An empty span (an insertion) stays empty: at the left of what was cut or replaced there.
    point = np.minimum(low, high)
    return np.where(start == end, point, low), np.where(start == end, point, high)


def _left_edge(at: Positions, near: tuple[Positions, Positions], far: tuple[Positions, Positions]) -> Positions:
    """Where a span's first character lies: what was cut just before it stays outside."""
    i = np.searchsorted(near[0], at, side="right") - 1
    edit = np.maximum(i, 0)
    near_start, near_end = near[0][edit], near[1][edit]
    far_start, far_end = far[0][edit], far[1][edit]
    same = (near_end - near_start) == (far_end - far_start)
    inside = np.where(same, far_start + at - near_start, far_start)
    result: Positions = np.where(i < 0, at, np.where(at >= near_end, far_end + at - near_end, inside))
    return result


def _right_edge(at: Positions, near: tuple[Positions, Positions], far: tuple[Positions, Positions]) -> Positions:
    """Where a span's last character ends: what was cut just after it stays outside."""
    i = np.searchsorted(near[1], at, side="left")
    edit = np.minimum(i, len(near[0]) - 1)
    near_start, near_end = near[0][edit], near[1][edit]
    far_start, far_end = far[0][edit], far[1][edit]
    same = (near_end - near_start) == (far_end - far_start)
    inside = np.where(same, far_start + at - near_start, far_end)
    before = far_start + at - near_start
    past = far_end + at - near_end
    result: Positions = np.where(i >= len(near[0]), past, np.where(at <= near_start, before, inside))
    return result
