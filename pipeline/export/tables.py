"""What one document says by itself, as rows of tables."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.analysis.quality import assess, quality_rows
from pipeline.export.schema import PARTS, TABLES, make_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from pipeline.export.schema import Column
    from pipeline.model import Document, Edit, Goal

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
    starts = [section.raw_start for section in document.sections]
    for _, edit, raw_start, _, applied in document.edits:
        number = bisect_right(starts, raw_start) - 1
        if number >= 0:
            counts[number][not applied][edit.kind] += 1
    return counts


def _edits(document: Document) -> pa.Table:
    parts = []
    for batch in document.batches:
        parts += [
            _edit_rows(document.doc_id, batch.stage, edits, raw, applied=applied)
            for edits, raw, applied in (
                (batch.edits, batch.raw, True),
                (batch.suggestions, batch.raw_suggested, False),
            )
            if edits
        ]
    return pa.concat_tables(parts) if parts else make_table("edits", {name: [] for name in TABLES["edits"].names})


def _edit_rows(doc_id: str, stage: str, edits: list[Edit], raw: NDArray[np.int64], *, applied: bool) -> pa.Table:
    _, _, before, after, kind, rule, confidence, why = zip(*edits, strict=True)
    return make_table(
        "edits",
        {
            "doc_id": pa.repeat(doc_id, len(edits)),
            "stage": pa.repeat(stage, len(edits)),
            "rule": rule,
            "kind": kind,
            "raw_start": raw[:, 0],
            "raw_end": raw[:, 1],
            "before": before,
            "after": after,
            "confidence": confidence,
            "applied": pa.repeat(applied, len(edits)),
            "why": why,
        },
    )
