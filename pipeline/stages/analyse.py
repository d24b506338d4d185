"""analyse: what each plan wants and has reached. What only all plans together say is found when they are exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.analysis.goals import find_goals

if TYPE_CHECKING:
    from pipeline.analysis.goal_types import TypeModel
    from pipeline.model import Document


def run(document: Document, types: TypeModel) -> Document:
    """Fill ``goals`` of a split document, in place, and return it."""
    document.goals = [find_goals(document.text[section.start : section.end], types) for section in document.sections]
    return document


if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("analyse")
