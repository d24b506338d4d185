"""Edits: what rules propose, how they are applied, and how they are undone.

Rules only propose. :func:`apply_edits` is the one function that changes text; :func:`undo_edits` is its inverse.
"""

from __future__ import annotations

from itertools import islice
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

from pipeline.model.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KINDS = (
    "typo",
    "synonym",
    "script",
    "width",
    "punctuation",
    "watermark",
    "noise",
    "mojibake",
    "swallow",
    "linebreak",
    "mask",
    "missing",
    "other",
)
"""What a reader sees (the column ``kind`` of ``edits.csv``)."""


class Edit(NamedTuple):
    """A proposed or applied replacement of ``text[start:end]`` (code points, half-open) by ``after``.

    ``why`` tells a reader what spoke for it where the rule alone does not: the scores of the readings compared.
    """

    start: int
    end: int
    before: str
    after: str
    kind: str
    rule: str
    confidence: float
    why: str = ""


class Applied(NamedTuple):
    """The result of :func:`apply_edits`."""

    text: str
    edits: list[Edit]
    suggestions: list[Edit]


def minimal(edit: Edit) -> list[Edit]:
    """Return the edit without common prefix and suffix, cut into one edit per separate changed run.

    Only changes of equal length are cut further: there the characters correspond one to one.
    An edit that changes nothing gives an empty list.
    """
    start, end, before, after, kind, rule, confidence, why = edit
    if before == after:
        return []
    if len(before) == len(after):
        if len(before) == 1:
            return [edit]
        return _runs(edit)
    head, limit = 0, min(len(before), len(after))
    while head < limit and before[head] == after[head]:
        head += 1
    tail, limit = 0, limit - head
    while tail < limit and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    if not head and not tail:
        return [edit]
    return [
        Edit(
            start + head,
            end - tail,
            before[head : len(before) - tail],
            after[head : len(after) - tail],
            kind,
            rule,
            confidence,
            why,
        )
    ]


def _runs(edit: Edit) -> list[Edit]:
    start, _, before, after, kind, rule, confidence, why = edit
    runs: list[Edit] = []
    opened = -1
    for i in range(len(before) + 1):
        differs = i < len(before) and before[i] != after[i]
        if differs and opened < 0:
            opened = i
        elif not differs and opened >= 0:
            runs.append(Edit(start + opened, start + i, before[opened:i], after[opened:i], kind, rule, confidence, why))
            opened = -1
    return runs


def _order(edit: Edit) -> tuple[int, int, float]:
    return (edit[0], edit[1], -edit[6])


def apply_edits(text: str, proposals: Iterable[Edit], bar: float = 0.0) -> Applied:
    """Apply the proposals at or above ``bar`` to ``text``; the others come back as suggestions.

    Proposals are made minimal and sorted; of two that overlap the earlier (then the surer) wins and the other
    is left out. Raises :class:`EditError` when ``before`` is not what stands at ``text[start:end]``.
    """
    wanted: list[Edit] = []
    suggestions: list[Edit] = []
    for proposal in proposals:
        start, end, before, after, _, _, confidence, _ = proposal
        if text[start:end] != before:
            message = (
                f"rule {proposal.rule!r} expected {proposal.before!r} at {proposal.start}:{proposal.end} but found "
                f"{text[proposal.start : proposal.end]!r}; the rule must propose on the text it was given"
            )
            raise EditError(message)
        if confidence < bar:
            suggestions.append(proposal)
        elif len(before) == len(after) == 1 and before != after:
            wanted.append(proposal)
        else:
            wanted += minimal(proposal)
    starts = [edit[0] for edit in wanted]
    if not all(map(lt, starts, islice(starts, 1, None))):
        wanted.sort(key=_order)
    edits: list[Edit] = []
    pieces: list[str] = []
    at, last_insertion = 0, -1
    for edit in wanted:
        start, end = edit[0], edit[1]
        if start < at or (start == end == last_insertion):
            continue
        pieces.append(text[at:start])
        pieces.append(edit[3])
        edits.append(edit)
        at = end
        if start == end:
            last_insertion = start
    pieces.append(text[at:])
    suggestions.sort(key=_order)
    return Applied("".join(pieces) if edits else text, edits, suggestions)


def undo_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return the text before ``edits`` (in order of position) were applied.

    Raises :class:`EditError` when ``text`` does not hold what the edits would have left.
    """
    pieces: list[str] = []
    at, shift = 0, 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.after)
        if start < at or text[start:end] != edit.after:
            message = (
                f"cannot undo {edit.before!r} → {edit.after!r} at {start}: found {text[start:end]!r}; "
                "the text or its log was changed after the run: clean the input again with --force"
            )
            raise EditError(message)
        pieces.append(text[at:start])
        pieces.append(edit.before)
        at = end
        shift += len(edit.after) - len(edit.before)
    pieces.append(text[at:])
    return "".join(pieces)
