"""Cells of the tables as values: text, numbers, lists; and the plans that rows speak of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.report.data import Material
    from pipeline.report.places import Places

MOST_ROWS = 2_000  # of a table on a page; the rest is in the table's file


class Plan(NamedTuple):
    """A plan as every table names it."""

    doc_id: str
    section: int
    title: str
    href: str


def plan_of(material: Material, places: Places, doc_id: str, section: int) -> Plan:
    """Return the plan; one that the corpus does not hold is named by its number."""
    title = material.titles.get((doc_id, section), "") or f"{doc_id} {section}"
    return Plan(doc_id, section, title, places.plan(doc_id, section) or places.document(doc_id))


def plan_named(material: Material, places: Places, name: str) -> Plan | None:
    """Return the plan that a cell names as doc_id/section, None where it names none."""
    doc_id, _, section = name.rpartition("/")
    return plan_of(material, places, doc_id, int(section)) if section.isdecimal() else None


def parts(value: object) -> tuple[str, ...]:
    """Return the values of a cell that joins them by ``;``."""
    return tuple(part.strip() for part in text(value).split(";") if part.strip())


def text(value: object) -> str:
    """Return a cell as text; nothing for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def number(value: object) -> float | None:
    """Return a cell as a number, None where it is none."""
    try:
        found = float(text(value).replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, at most :data:`MOST_ROWS`."""
    return [{str(name): value for name, value in row.items()} for row in frame.head(MOST_ROWS).to_dict("records")]
