"""The plans as the pages show them: one line each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.cells import Plan, number, parts, plan_named, plan_of, records, text
from pipeline.report.damage import per_thousand

if TYPE_CHECKING:
    from pipeline.report.data import Material, PlanKey
    from pipeline.report.places import Places

MOST_TYPES = 5


class PlanRow(NamedTuple):
    """A line of the table of plans; ``rate`` is edits per 1,000 characters, ``quality`` 0…1.

    ``goal_types`` are the commonest in the plan with their numbers, ``more_types`` how many kinds there are besides.
    """

    plan: Plan
    chars: int
    edits: int
    rate: float
    goal_types: list[tuple[str, int]]
    more_types: int
    themes: tuple[str, ...]
    goals: int
    copy_of: Plan | None
    quality: float | None


def plan_rows(material: Material, places: Places) -> list[PlanRow]:
    """Return the plans in the corpus's order, at most :data:`MOST_ROWS`."""
    rows, types = [], _types(material)
    for row in records(material.table("corpus")):
        plan = plan_of(material, places, row["doc_id"], int(row["section"]))
        edits, raw = int(row.get("n_edits", 0)), int(row["raw_end"]) - int(row["raw_start"])
        rows.append(
            PlanRow(
                plan,
                int(row["chars"]),
                edits,
                per_thousand(edits, raw),
                (ranked := types.get((plan.doc_id, plan.section), []))[:MOST_TYPES],
                max(0, len(ranked) - MOST_TYPES),
                parts(row["themes"]),
                int(number(row["n_goals"]) or 0),
                plan_named(material, places, text(row["duplicate_of"])),
                number(row["quality"]),
            )
        )
    return rows


def _types(material: Material) -> dict[PlanKey, list[tuple[str, int]]]:
    """Return the types of goals of every plan with their numbers, the commonest first."""
    counts: dict[PlanKey, Counter[str]] = {}
    for doc_id, section, kind in material.table("goals")[["doc_id", "section", "goal_type"]].itertuples(index=False):
        counts.setdefault((str(doc_id), int(section)), Counter())[text(kind)] += 1
    return {key: sorted(found.items(), key=lambda row: (-row[1], row[0])) for key, found in counts.items()}
