"""correct: wrong characters, by the curated table first, then by what the corpus taught and the language model."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pipeline.knowledge import Knowledge
    from pipeline.model import Batch, Edit

FOUND = frozenset({"correct.learned", "correct.model"})  # what no table knew: the rest may hold more of it
DECIDED = frozenset({"correct.table", "correct.learned"})
ROUNDS = 6  # in which the language model looks at a line that it changed


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

    After the table the language model looks at a line again and again, until it finds nothing more
    (:data:`ROUNDS` times at most): beside what is right now, another wrong character may be plain. They are given
    together because it reads many lines at once much faster than one at a time.
    """
    bar = knowledge.settings.min_confidence
    documents = [Document("line", "line", line) for line in lines]
    for document in documents:
        document.revise("correct", table(document, knowledge), bar)
    moving, rounds = documents, 0
    while moving and rounds < ROUNDS:
        moving = [document for document, edits in _found(moving, knowledge) if document.revise("correct", edits, bar)]
        rounds += 1
    return [document.text for document in documents]


def _found(documents: Sequence[Document], knowledge: Knowledge) -> Iterator[tuple[Document, list[Edit]]]:
    """Yield those documents of one line in which the language model finds something, with that."""
    starts = [0, *accumulate(len(document.text) + 1 for document in documents)]
    kept = [
        (start + at, end + at)
        for document, at in zip(documents, starts, strict=False)
        for start, end in decided(document)
    ]
    edits = knowledge.spelling.propose("\n".join(document.text for document in documents), kept)
    for number, own in groupby(edits, key=lambda edit: bisect_right(starts, edit.start) - 1):
        at = starts[number]
        yield documents[number], [edit._replace(start=edit.start - at, end=edit.end - at) for edit in own]


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (table, learned, model)

if __name__ == "__main__":
    from pipeline.pipe import correct_stage

    correct_stage()
