"""What one document says by itself, as rows of tables."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.analysis.quality import assess, quality_rows
from pipeline.export.schema import PARTS, TABLES, make_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from pipeline.export.schema import Column
    from pipeline.model import Document, Goal

    Kinds: TypeAlias = tuple[Counter[str], Counter[str]]
    """How many edits of each kind were applied, and suggested."""


def tabulate(document: Document) -> dict[str, pa.Table]:
    """Return the rows of every table that an analysed document can fill by itself."""
    goals, counts = document.goals or [[] for _ in document.sections], _kinds(document)
    return {
        "plans": _plans(document, goals, counts),
        "outline": _outline(document),
        "edits": _edits(document),
        "goals": _goals(document, goals),
        "assessed": _assessed(document, counts),
    }


def _plans(document: Document, goals: Sequence[Sequence[Goal]], counts: Sequence[Kinds]) -> pa.Table:
    sections = document.sections
    texts = [document.text[s.start : s.end] for s in sections]
    return make_table(
        "plans",
        {
            "doc_id": [document.doc_id] * len(sections),
            "source": [document.source] * len(sections),
            "section": [s.number for s in sections],
            "title": [s.title for s in sections],
            "text": texts,
            "chars": [len(text) for text in texts],
            "goal_types": [";".join(dict.fromkeys(goal.goal_type for goal in found)) for found in goals],
            "n_goals": [len(found) for found in goals],
            "n_edits": [sum(applied.values()) for applied, _ in counts],
            "start": [s.start for s in sections],
            "end": [s.end for s in sections],
            "raw_start": [s.raw_start for s in sections],
            "raw_end": [s.raw_end for s in sections],
        },
    )


def _outline(document: Document) -> pa.Table:
    names = TABLES["outline"].names[1:]
    columns: dict[str, list[object]] = {"doc_id": [document.doc_id] * len(document.units)}
    columns |= {name: [getattr(unit, name) for unit in document.units] for name in names}
    return make_table("outline", columns)


def _goals(document: Document, goals: Sequence[Sequence[Goal]]) -> pa.Table:
    rows = [(section, goal) for section, found in zip(document.sections, goals, strict=True) for goal in found]
    start = np.array([section.start + goal.start for section, goal in rows], np.int64)
    end = np.array([section.start + goal.end for section, goal in rows], np.int64)
    raw_start, raw_end = document.to_source(start, end)
    columns: dict[str, Column] = {
        "doc_id": [document.doc_id] * len(rows),
        "section": [section.number for section, _ in rows],
    }
    columns |= {name: [getattr(goal, name) for _, goal in rows] for name in TABLES["goals"].names[2:-4]}
    return make_table("goals", columns | {"start": start, "end": end, "raw_start": raw_start, "raw_end": raw_end})


def _assessed(document: Document, counts: Sequence[Kinds]) -> pa.Table:
    """Return what can be said of the quality of each plan before it is known what is copied."""
    found = []
    for section, kinds in zip(document.sections, counts, strict=True):
        units = [unit for unit in document.units if unit.section == section.number]
        text = document.text[section.start : section.end]
        found.append((document.doc_id, section.number, assess(text, units, *kinds, start=section.start)))
    rows = quality_rows(found)
    return make_table("assessed", {name: rows[name] for name in PARTS["assessed"].names})


def _kinds(document: Document) -> list[Kinds]:
    """Return for each plan how many edits of each kind were applied and suggested in it."""
    counts = [(Counter[str](), Counter[str]()) for _ in document.sections]
    starts = np.array([section.raw_start for section in document.sections], np.int64)
    for batch in document.batches:
        for n, (edits, raw) in enumerate(((batch.edits, batch.raw), (batch.suggestions, batch.raw_suggested))):
            numbers = np.searchsorted(starts, raw[:, 0], "right") - 1
            placed = Counter(zip(numbers.tolist(), (edit.kind for edit in edits), strict=True))
            for (number, kind), count in placed.items():
                if number >= 0:
                    counts[number][n][kind] += count
    return counts


def _edits(document: Document) -> pa.Table:
    parts = [
        (batch.stage, edits, raw, applied)
        for batch in document.batches
        for edits, raw, applied in ((batch.edits, batch.raw, True), (batch.suggestions, batch.raw_suggested, False))
        if edits
    ]
    if not parts:
        return make_table("edits", {name: [] for name in TABLES["edits"].names})
    sizes = [len(edits) for _, edits, _, _ in parts]
    _, _, before, after, kind, rule, confidence, why = zip(*chain.from_iterable(part[1] for part in parts), strict=True)
    raw = np.concatenate([raw for _, _, raw, _ in parts])
    return make_table(
        "edits",
        {
            "doc_id": pa.repeat(document.doc_id, len(raw)),
            "stage": np.repeat(np.array([stage for stage, _, _, _ in parts], object), sizes),
            "rule": rule,
            "kind": kind,
            "raw_start": raw[:, 0],
            "raw_end": raw[:, 1],
            "before": before,
            "after": after,
            "confidence": confidence,
            "applied": np.repeat([applied for _, _, _, applied in parts], sizes),
            "why": why,
        },
    )
