"""split: a compilation becomes plans, each plan an outline, with offsets in both texts."""

from __future__ import annotations

import numpy as np

from pipeline.model import Document, Section, Unit
from pipeline.rules.headings import RANK, UNLABELLED, Item, find_plans, lines_of, outline_items


def run(document: Document) -> Document:
    """Fill ``sections`` and ``units`` of a cleaned document and add to its ``notes``, in place, and return it.

    Plans do not overlap; each runs to the next one's heading, the last to the end. What stands before the first
    is front matter. Without a plan heading the whole text is one plan; an empty text has none.
    """
    text = document.text
    layout = find_plans(text)
    document.notes += layout.notes
    document.sections, document.units = [], []
    first = next(lines_of(text), None)
    if first is None:
        return document
    starts = [line.start for line in layout.headings] or [0]
    titles = [line.text for line in layout.headings] or [first.text[:80]]
    bounds = [*starts[1:], len(text)]
    raw = _raw_starts(document, starts)
    raw_bounds = [*raw[1:], len(document.source_text)]
    for number, values in enumerate(zip(titles, starts, bounds, raw, raw_bounds, strict=True), 1):
        title, start, end, raw_start, raw_end = values
        end = start + len(text[start:end].rstrip())
        document.sections.append(Section(number, title, start, end, raw_start, raw_end))
    document.units = _units(document, has_title=first.start < starts[0])
    return document


def _raw_starts(document: Document, starts: list[int]) -> list[int]:
    low = np.array(starts, np.int64)
    high = np.minimum(low + 1, len(document.text))
    raw, _ = document.to_source(low, high)
    return [int(at) for at in raw]


def _units(document: Document, *, has_title: bool) -> list[Unit]:
    units: list[Unit] = []
    text = document.text
    if has_title:
        first = next(lines_of(text))
        end = len(text.rstrip())
        units.append(Unit(0, 1, 0, -1, "", first.text[:80], first.start, end, 0, 0))
    top = len(units)
    for section in document.sections:
        plan = Unit(section.number, len(units) + 1, top, 0, "", section.title, section.start, section.end, 0, 0)
        units.append(plan)
        line_end = text.find("\n", section.start, section.end)
        body = section.end if line_end < 0 else line_end + 1
        items = outline_items(text, body, section.end)
        if not has_title and len(document.sections) == 1:
            items = outline_items(text, section.start, section.end)
        units += _nested(items, plan, section.end)
    return _projected(document, units)


def _nested(items: list[Item], plan: Unit, end: int) -> list[Unit]:
    """Return the items as units: level by the order in which kinds of labels appear inside one another."""
    stack: list[tuple[str, int]] = []  # (kind, index in units)
    units: list[Unit] = []
    for item in items:
        _unwind(stack, item)
        parent = units[stack[-1][1]] if stack else plan
        unit = Unit(
            plan.section,
            plan.unit + len(units) + 1,
            parent.unit,
            parent.level + 1,
            item.label,
            item.heading,
            item.start,
            end,
            0,
            0,
        )
        stack.append((item.kind, len(units)))
        units.append(unit)
    return _ended(units, end)


def _unwind(stack: list[tuple[str, int]], item: Item) -> None:
    kinds = [kind for kind, _ in stack]
    if item.kind in kinds:
        del stack[kinds.index(item.kind) :]
    elif item.kind == UNLABELLED:
        stack.clear()
    elif item.number != 1 or RANK[item.kind] <= RANK["第篇"]:
        while stack and stack[-1][0] != UNLABELLED and RANK[stack[-1][0]] > RANK[item.kind]:
            stack.pop()


def _ended(units: list[Unit], end: int) -> list[Unit]:
    """Close each unit where the next of the same or a higher level starts."""
    ends = [end] * len(units)
    opened: list[int] = []
    for index, unit in enumerate(units):
        while opened and units[opened[-1]].level >= unit.level:
            ends[opened.pop()] = min(unit.start, end)
        opened.append(index)
    return [_placed(unit, end, 0, 0) for unit, end in zip(units, ends, strict=True)]


def _placed(unit: Unit, end: int, raw_start: int, raw_end: int) -> Unit:
    """Return the unit with another end and place in the source; ``dataclasses.replace`` takes five times as long."""
    return Unit(
        unit.section,
        unit.unit,
        unit.parent,
        unit.level,
        unit.label,
        unit.heading,
        unit.start,
        end,
        raw_start,
        raw_end,
    )


def _projected(document: Document, units: list[Unit]) -> list[Unit]:
    text = document.text
    starts = np.array([unit.start for unit in units], np.int64)
    ends = np.array([unit.start + len(text[unit.start : unit.end].rstrip()) for unit in units], np.int64)
    ends = np.maximum(ends, np.minimum(starts + 1, len(text)))
    low, high = document.to_source(starts, ends)
    rows = zip(units, ends.tolist(), low.tolist(), high.tolist(), strict=True)
    return [_placed(*row) for row in rows]


if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("split")
