"""correct: wrong characters, by the curated table first, then by what the corpus taught and the language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Document, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipeline.knowledge import Knowledge
    from pipeline.model import Batch, Edit

FOUND = frozenset({"correct.learned", "correct.model"})  # what no table knew: the rest may hold more of it
DECIDED = frozenset({"correct.table", "correct.learned"})


def table(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose the right form of every wrong one that the table knows."""
    return knowledge.typos.propose(document.text)


def learned(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose what the corpus taught: substitutions that are the same all over it."""
    return knowledge.lessons.propose(document.text, decided(document))


def model(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose what the language model finds, but nothing where the table has decided."""
    errors = sum(edit.rule in FOUND and edit.end - edit.start for batch in _own(document) for edit in batch.edits)
    return knowledge.spelling.propose(document.text, decided(document), errors)


def _own(document: Document) -> list[Batch]:
    """Return the batches of this stage: no other applies its rules, and most edits are those of normalise."""
    return [batch for batch in document.batches if batch.stage == "correct"]


def decided(document: Document) -> list[tuple[int, int]]:
    """Return the spans of the present text that a table corrected, the curated one or what the corpus taught."""
    start = end = np.empty(0, np.int64)
    # Not by way of the source text: there an edit within a line that was read anew covers the whole line.
    for batch, moved in zip((batch for batch in document.batches if batch.edits), document.maps, strict=True):
        start, end = moved.to_output(start, end)
        if batch.stage == "correct":
            mine = np.array([edit.rule in DECIDED for edit in batch.edits])
            start = np.concatenate([start, moved.out_start[mine]])
            end = np.concatenate([end, moved.out_end[mine]])
    return sorted(zip(start.tolist(), end.tolist(), strict=True))


def correct_lines(lines: Sequence[str], knowledge: Knowledge) -> list[str]:
    """Return the lines corrected, each by itself: what stands in one changes nothing in another.

    They are given together because the language model reads many lines at once much faster than one at a time.
    """
    bar = knowledge.settings.min_confidence
    texts, kept, at = [], [], 0
    for line in lines:
        document = Document("line", "line", line)
        document.revise("correct", table(document, knowledge), bar)
        texts.append(document.text)
        kept += [(start + at, end + at) for start, end in decided(document)]
        at += len(document.text) + 1
    joined = "\n".join(texts)
    return apply_edits(joined, knowledge.spelling.propose(joined, kept), bar).text.split("\n")


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (table, learned, model)

if __name__ == "__main__":
    from pipeline.pipe import correct_stage

    correct_stage()
