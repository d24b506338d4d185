"""Where a plan, or a character of a document, is to be found among the pages of the report."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.report.data import PlanKey
    from pipeline.report.rows import Part

FOLDER = "documents"


class Page(NamedTuple):
    """A page of a document: its path below the report's folder and the plans that begin on it."""

    path: str
    plans: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Places:
    """The pages of the documents that are shown; a place on none of them has the address ``""``."""

    pages: dict[str, list[Page]] = field(default_factory=dict)
    _plans: dict[PlanKey, str] = field(default_factory=dict)
    _rows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, doc_id: str, number: int, parts: Sequence[Part]) -> list[Page]:
        """Enter the parts of the ``number``-th document (from 1) and return its pages."""
        pages: list[Page] = []
        rows: list[tuple[int, str]] = []
        for part_number, part in enumerate(parts, 1):
            path = f"{FOLDER}/{number:05}-{part_number:03}.html"
            pages.append(Page(path, tuple((plan.number, plan.title) for plan in part.plans.values())))
            rows += [(row.start, f"{path}#r{at}") for at, row in enumerate(part.rows, 1)]
            for plan in part.plans.values():
                self._plans[doc_id, plan.number] = f"{path}#plan-{plan.number}"
        self.pages[doc_id], self._rows[doc_id] = pages, rows
        return pages

    def document(self, doc_id: str) -> str:
        """Return the address of a document's first page."""
        pages = self.pages.get(doc_id)
        return pages[0].path if pages else ""

    def plan(self, doc_id: str, section: int) -> str:
        """Return the address of a plan."""
        return self._plans.get((doc_id, section), "")

    def character(self, doc_id: str, offset: int) -> str:
        """Return the address of the row that holds the character at ``offset`` of the clean text."""
        rows = self._rows.get(doc_id)
        if not rows:
            return ""
        return rows[max(0, bisect_right(rows, offset, key=lambda row: row[0]) - 1)][1]
