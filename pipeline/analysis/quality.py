"""Quality of a plan: how much was damaged, is unsettled, masked, copied or missing; each a score of its own, 0…1.

A score is 1 where nothing is wrong. Of what is counted per 1,000 characters it is a half at the rate in ``HALF`` and
falls towards 0: ``HALF / (HALF + rate)``. The quality is the mean of the scores, weighted by ``WEIGHTS``.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.structure import Structure, examine
from pipeline.model import KINDS
from pipeline.rules.masks import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.model import Unit

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"damage": 0.25, "unresolved": 0.2, "masks": 0.15, "copied": 0.25, "structure": 0.15}
)
HALF: Mapping[str, float] = MappingProxyType({"damage": 40.0, "unresolved": 10.0, "masks": 5.0})
"""Rate per 1,000 characters at which a score is a half. The spun real document has 38 grave damages in 1,000."""
FAULTS_HALF = 2.0  # faults of structure at which that score is a half
LIGHT = frozenset({"punctuation", "width", "script", "linebreak"})
"""Kinds that a page's layout or its author's keyboard brings: mended without doubt, they count a tenth."""
LIGHT_WEIGHT = 0.1
# A blanked part of a date is left as it is (20xx年, x月), and counts as a mask like the words.
_BLANK_DATE = re.compile(r"(?<![A-Za-z×])[xX×]{1,2}(?=\s?[年月日])")


class Quality(NamedTuple):
    """The quality of a plan; the first six are scores 0…1 (1 is best), the rest what they come from.

    ``per_thousand`` are applied edits per 1,000 characters of clean text, by kind; ``copied_share`` is 0…1.
    """

    quality: float
    damage: float
    unresolved: float
    masks: float
    copied: float
    structure: float
    per_thousand: Mapping[str, float]
    n_suggestions: int
    n_masks: int
    copied_share: float
    faults: Structure


def assess(
    text: str,
    units: Sequence[Unit] = (),
    applied: Mapping[str, int] = MappingProxyType({}),
    suggested: Mapping[str, int] = MappingProxyType({}),
    *,
    copied: float = 0.0,
    start: int = 0,
) -> Quality:
    """Return the quality of one plan.

    ``text`` is its clean text and ``start`` where this begins in the text that ``units`` (its outline) count in.
    ``applied`` and ``suggested`` are its edits: kind → number. ``copied`` is the share of its text that stands earlier.
    A plan without text has the quality 0 and all scores of what is absent at 1.
    """
    thousands = max(len(text), 1) / 1000
    per_thousand = {kind: round(applied.get(kind, 0) / thousands, 4) for kind in KINDS}
    damage = sum(rate * (LIGHT_WEIGHT if kind in LIGHT else 1.0) for kind, rate in per_thousand.items())
    # A mask that is flagged is a suggestion too; it counts once, as a mask.
    n_suggestions = sum(count for kind, count in suggested.items() if kind != "mask")
    n_masks = count_masks(text)
    faults = examine(text, units, start)
    scores = {
        "damage": _score(damage, HALF["damage"]),
        "unresolved": _score(n_suggestions / thousands, HALF["unresolved"]),
        "masks": _score(n_masks / thousands, HALF["masks"]),
        "copied": copied_score(copied),
        "structure": _score(len(faults.faults), FAULTS_HALF),
    }
    return Quality(
        quality=overall(scores) if text.strip() else 0.0,
        **scores,
        per_thousand=per_thousand,
        n_suggestions=n_suggestions,
        n_masks=n_masks,
        copied_share=round(copied, 4),
        faults=faults,
    )


def copied_score(share: float) -> float:
    """Return the score of a plan of which ``share`` (0…1) stands earlier in the corpus."""
    return round(1 - share, 4)


def overall(scores: Mapping[str, float]) -> float:
    """Return the quality of a plan from its scores by name (of :data:`WEIGHTS`)."""
    return round(sum(weight * scores[name] for name, weight in WEIGHTS.items()), 4)


def count_masks(text: str) -> int:
    """Return how many words or parts of dates are blanked (xxx, ××, 某某, 20xx年)."""
    words = [match.span() for match in MASK.finditer(text) if not _is_times(text, *match.span())]
    ends = {end for _, end in words}
    return len(words) + sum(match.end() not in ends for match in _BLANK_DATE.finditer(text))


def _is_times(text: str, start: int, end: int) -> bool:
    """Whether a sign stands between figures (3×4)."""
    return text[start:end] == "×" and text[start - 1 : start].isdigit() and text[end : end + 1].isdigit()


def _score(rate: float, half: float) -> float:
    return round(half / (half + rate), 4)


def quality_rows(found: Iterable[tuple[str, int, Quality]]) -> dict[str, list[object]]:
    """Return the columns of the table ``quality`` from (doc_id, section, quality) of every plan."""
    rows = list(found)
    columns: dict[str, list[object]] = {
        "doc_id": [doc_id for doc_id, _, _ in rows],
        "section": [section for _, section, _ in rows],
    }
    for name in ("quality", *WEIGHTS):
        columns[name if name == "quality" else f"{name}_score"] = [getattr(row, name) for _, _, row in rows]
    for kind in KINDS:
        columns[f"{kind}_per_1000"] = [row.per_thousand[kind] for _, _, row in rows]
    for name in ("n_suggestions", "n_masks", "copied_share"):
        columns[name] = [getattr(row, name) for _, _, row in rows]
    for name in Structure._fields:
        columns[f"n_{name}"] = [len(getattr(row.faults, name)) for _, _, row in rows]
    columns["faults"] = [";".join(fault.replace(";", ",") for fault in row.faults.faults) for _, _, row in rows]
    return columns
