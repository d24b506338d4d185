"""The plans as the pages show them: one line each, and their quality."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.cells import Plan, number, parts, plan_of, records, text
from pipeline.report.charts import level
from pipeline.report.damage import per_thousand

if TYPE_CHECKING:
    from pipeline.report.data import Material
    from pipeline.report.places import Places


class PlanRow(NamedTuple):
    """A line of the table of plans; ``rate`` is edits per 1,000 characters."""

    plan: Plan
    chars: int
    edits: int
    rate: float
    goal_types: tuple[str, ...]
    themes: tuple[str, ...]
    goals: int
    copy_of: str
    quality: float | None


class QualityTable(NamedTuple):
    """Sub-scores per plan: names of the columns, and rows of (plan, (value, shade) per column, faults)."""

    columns: list[str]
    rows: list[tuple[Plan, list[tuple[float | None, int]], tuple[str, ...]]]
    total: int


def plan_rows(material: Material, places: Places) -> list[PlanRow]:
    """Return the plans in the corpus's order, at most :data:`MOST_ROWS`."""
    rows = []
    for row in records(material.table("corpus")):
        plan = plan_of(material, places, row["doc_id"], int(row["section"]))
        edits, raw = int(row.get("n_edits", 0)), int(row["raw_end"]) - int(row["raw_start"])
        rows.append(
            PlanRow(
                plan,
                int(row["chars"]),
                edits,
                per_thousand(edits, raw),
                parts(row["goal_types"]),
                parts(row["themes"]),
                int(number(row["n_goals"]) or 0),
                text(row["duplicate_of"]),
                number(row["quality"]),
            )
        )
    return rows


def quality(material: Material, places: Places) -> QualityTable:
    """Return the numeric columns of the table ``quality`` and its faults, per plan."""
    frame = material.table("quality")
    columns = [
        str(name)
        for name in frame.columns
        if name not in {"doc_id", "section", "faults"} and all(number(cell) is not None for cell in frame[name])
    ]
    most = {name: max((number(cell) or 0.0 for cell in frame[name]), default=0.0) for name in columns}
    rows = []
    for row in records(frame):
        plan = plan_of(material, places, str(row["doc_id"]), int(row["section"]))
        cells = [(number(row[name]), level(number(row[name]) or 0.0, most[name])) for name in columns]
        rows.append((plan, cells, parts(row.get("faults", ""))))
    return QualityTable(columns, rows, len(frame))
