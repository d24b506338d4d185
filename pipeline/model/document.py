"""The one object that goes through all stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.model.edit import Edit, apply_edits, undo_edits
from pipeline.model.offsets import SpanMap, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from pipeline.model.goal import Goal


class Evidence(NamedTuple):
    """How bytes became source text.

    ``encoding`` is a Python codec name; ``how`` names the rung of the ladder that decided; ``confidence`` is 0..1;
    ``bad_bytes`` counts bytes that are no part of a character; ``patches`` are (byte offset, length of the
    re-encoded bytes, original bytes as hex) where encoding the source text does not give the bytes back.
    """

    encoding: str = "utf-8"
    how: str = "given text"
    confidence: float = 1.0
    bom: str = ""
    bad_bytes: int = 0
    patches: tuple[tuple[int, int, str], ...] = ()
    sha256: str = ""
    extracted: bool = False


class LoggedEdit(NamedTuple):
    """An edit with its stage, its place in the source text and whether it was applied."""

    stage: str
    edit: Edit
    raw_start: int
    raw_end: int
    applied: bool


@dataclass(slots=True)
class Batch:
    """What one pass of one stage applied and suggested; spans count in that pass's input.

    ``raw`` and ``raw_suggested`` hold (start, end) in the source text, one row per edit; ``place`` is ``raw``, or what
    works it out: of documents that are only looked at nobody asks. ``step`` counts the passes that the document went
    through before, silent ones too.
    """

    stage: str
    edits: list[Edit]
    suggestions: list[Edit]
    place: NDArray[np.int64] | Callable[[], NDArray[np.int64]]
    raw_suggested: NDArray[np.int64]
    step: int = 0

    @property
    def raw(self) -> NDArray[np.int64]:
        """Where the edits stand in the source text."""
        if callable(self.place):
            self.place = self.place()
        return self.place

    @property
    def proposals(self) -> list[Edit]:
        """What the pass proposed: what was applied, then what was suggested."""
        return [*self.edits, *self.suggestions]


@dataclass(frozen=True, slots=True)
class Section:
    """One plan: ``number`` counts from 1; ``start``/``end`` in the clean text, ``raw_*`` in the source text."""

    number: int
    title: str
    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One structural unit of the outline: level −1 the document's title, 0 a plan, 1… nested.

    ``parent`` is the ``unit`` number of the enclosing unit (0 for none); ``section`` is 0 before the first plan.
    """

    section: int
    unit: int
    parent: int
    level: int
    label: str
    heading: str
    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(slots=True)
class Document:
    """A document on its way: its source text, its text so far, and every batch of edits between the two.

    ``source`` is the path relative to the input folder, with ``/``. Offsets count code points, half-open. ``goals`` are
    those of each section, counted in its text; None before the document was analysed.
    """

    doc_id: str
    source: str
    source_text: str
    evidence: Evidence = field(default_factory=Evidence)
    text: str = ""
    batches: list[Batch] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    goals: list[list[Goal]] | None = None
    maps: list[SpanMap] = field(default_factory=list, repr=False)
    suggested: set[tuple[int, int, str]] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        if not self.batches:
            self.text = self.source_text
        self.maps = [SpanMap(batch.edits) for batch in self.batches if batch.edits]
        for batch in self.batches:
            self.suggested.update(_places(batch.raw_suggested, batch.suggestions))

    def revise(self, stage: str, proposals: Iterable[Edit], bar: float = 0.0, step: int = 0) -> int:
        """Apply one pass of proposals, log it, and return the number of edits applied."""
        text, edits, suggestions = apply_edits(self.text, proposals, bar)
        if edits or suggestions:
            self.add_batch(stage, edits, suggestions, step)
            self.text = text
        return len(edits)

    def add_batch(self, stage: str, edits: list[Edit], suggestions: list[Edit], step: int = 0) -> None:
        """Log a batch whose edits are applied to the text by the caller; project its spans to the source.

        A suggestion made before is left out.
        """
        raw_suggested = _in_source(*spans(suggestions), self.maps)
        places = _places(raw_suggested, suggestions)
        new = [i for i, place in enumerate(places) if place not in self.suggested]
        if not (edits or new):
            return
        self.suggested.update(places)
        moved = SpanMap(edits)
        raw = partial(_in_source, moved.in_start, moved.in_end, tuple(self.maps))
        kept = [suggestions[i] for i in new]
        self.batches.append(Batch(stage, edits, kept, raw, raw_suggested[new], step))
        if edits:
            self.maps.append(moved)

    def to_source(
        self, start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Map spans of the present text to spans of the source text."""
        low, high = _in_source(start, end, self.maps).T
        return low, high

    def to_text(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Map spans of the source text to spans of the present text."""
        for step in self.maps:
            start, end = step.to_output(start, end)
        return start, end

    @property
    def edits(self) -> list[LoggedEdit]:
        """Every edit, applied or suggested, in the order of application."""
        logged = []
        for batch in self.batches:
            for edits, raw, applied in (
                (batch.edits, batch.raw, True),
                (batch.suggestions, batch.raw_suggested, False),
            ):
                rows = zip(edits, raw.tolist(), strict=True)
                logged += [LoggedEdit(batch.stage, edit, low, high, applied) for edit, (low, high) in rows]
        return logged

    def explain(self, context: int = 8) -> str:
        """Return one line per edit: where it stands in the source text, what changed, which rule, how sure, why."""
        lines = []
        for stage, edit, low, high, applied in self.edits:
            before = _shown(self.source_text[max(0, low - context) : low])
            after = _shown(self.source_text[high : high + context])
            change = f"…{before}[{_shown(edit.before)} → {_shown(edit.after)}]{after}…"
            state = "applied" if applied else "suggested"
            sure = f"{edit.rule} ({edit.confidence:.2f})" + (f": {edit.why}" if edit.why else "")
            lines.append(f"{low}:{high}\t{state}\t{stage}/{edit.kind}\t{change}\t{sure}")
        return "\n".join(lines)

    def undo(self) -> str:
        """Return the source text rebuilt from the present text and the batches alone (law 1)."""
        text = self.text
        for batch in reversed(self.batches):
            text = undo_edits(text, batch.edits)
        return text


def _in_source(start: NDArray[np.int64], end: NDArray[np.int64], maps: Sequence[SpanMap]) -> NDArray[np.int64]:
    """Return (start, end) in the source text of spans of the text that ``maps`` led to."""
    for step in reversed(maps):
        start, end = step.to_input(start, end)
    return np.column_stack([start, end])


def _places(raw: NDArray[np.int64], edits: list[Edit]) -> list[tuple[int, int, str]]:
    return [(low, high, edit.after) for (low, high), edit in zip(raw.tolist(), edits, strict=True)]


def _shown(text: str) -> str:
    return text.replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥").encode("utf-8", "backslashreplace").decode()
