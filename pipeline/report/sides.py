"""A page of a document as the template shows it: fragments of both texts, and what is told of every edit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.model import KINDS
from pipeline.report.reasons import in_chinese
from pipeline.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.model import LoggedEdit, Section
    from pipeline.report.alignment import Piece
    from pipeline.report.rows import Part

LOUD = ("synonym", "typo", "mask", "swallow", "missing", "watermark", "noise")
"""Kinds that give a place its colour before others that share it."""
NOTHING = "∅"


class Fragment(NamedTuple):
    """A stretch of one side; ``mark`` is its number on the page, −1 for text that stayed.

    ``kind`` colours it; ``hint`` marks a place with suggestions only, ``to`` is what they would write there.
    """

    text: str
    mark: int = -1
    kind: str = ""
    hint: bool = False
    to: str = ""


class Line(NamedTuple):
    """A row as shown; ``plan`` is the plan that begins with it."""

    source: list[Fragment]
    clean: list[Fragment]
    changed: bool
    plan: Section | None


class Sheet(NamedTuple):
    """A page: its lines, the edits of each mark as JSON values, counts by kind as (kind, applied, suggested)."""

    lines: list[Line]
    marks: list[list[dict[str, Any]]]
    kinds: list[tuple[str, int, int]]
    rules: list[str]


def make_sheet(part: Part, logged: Sequence[LoggedEdit]) -> Sheet:
    """Return the page of a part; ``logged`` are the document's edits, to which the pieces refer."""
    lines: list[Line] = []
    marks: list[list[dict[str, Any]]] = []
    for index, row in enumerate(part.rows):
        source: list[Fragment] = []
        clean: list[Fragment] = []
        for piece in row.pieces:
            edits = [logged[at] for at in piece.edits]
            _append(source, clean, piece, edits, len(marks))
            if edits:
                marks.append([_told(edit) for edit in edits])
        changed = any(logged[at].applied for piece in row.pieces for at in piece.edits)
        lines.append(Line(source, clean, changed, part.plans.get(index)))
    shown = [logged[at] for row in part.rows for piece in row.pieces for at in piece.edits]
    counts = Counter((edit.edit.kind, edit.applied) for edit in shown)
    kinds = [(kind, counts[kind, True], counts[kind, False]) for kind in KINDS]
    rules = sorted({edit.edit.rule for edit in shown})
    return Sheet(lines, marks, [row for row in kinds if row[1] or row[2]], rules)


def _append(source: list[Fragment], clean: list[Fragment], piece: Piece, edits: list[LoggedEdit], number: int) -> None:
    if not edits:
        same = visible(piece.clean.removesuffix("\n"))
        source.append(Fragment(same))
        clean.append(Fragment(same))
        return
    hint = not any(edit.applied for edit in edits)
    kind = _loudest(edits)
    # What a suggestion would write stands beside the clean text, so that text copied from the page is the clean text.
    wanted = list(dict.fromkeys(edit.edit.after or NOTHING for edit in edits if not edit.applied))
    to = visible("／".join(wanted), changed=True)
    source.append(Fragment(visible(piece.source, changed=True), number, kind, hint))
    clean.append(Fragment(visible(piece.clean, changed=True), number, kind, hint, to))


def _loudest(edits: Sequence[LoggedEdit]) -> str:
    kinds = [edit.edit.kind for edit in edits if edit.applied] or [edit.edit.kind for edit in edits]
    return next((kind for kind in LOUD if kind in kinds), kinds[-1])


def _told(logged: LoggedEdit) -> dict[str, Any]:
    edit = logged.edit
    told: dict[str, Any] = {
        "kind": edit.kind,
        "rule": edit.rule,
        "sure": round(edit.confidence, 2),
        "before": visible(edit.before, changed=True),
        "after": visible(edit.after, changed=True),
        "applied": logged.applied,
        "at": [logged.raw_start, logged.raw_end],
    }
    if edit.why:
        told["why"] = [in_chinese(edit.why), edit.why]
    return told
