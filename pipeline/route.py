"""The way of a document: the stages in order. The only place that knows the order."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from pipeline.rules.recurrence import observe_marks
from pipeline.stages import analyse, correct, decode, despin, normalise, restore, split, strip, unmask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit
    from pipeline.profile import Profile
    from pipeline.rules.recurrence import MarkEvidence
    from pipeline.stages.read import RawDocument

    Pass = Callable[[Document, Knowledge], Iterable[Edit]]

TEXT_STAGES: dict[str, tuple[Pass, ...]] = {
    "normalise": normalise.PASSES,
    "strip": strip.PASSES,
    "restore": restore.PASSES,
    "correct": correct.PASSES,
    "despin": despin.PASSES,
    "unmask": unmask.PASSES,
}
"""Stages that change text, in order: each a tuple of passes, each pass one batch of edits."""

LAST = list(TEXT_STAGES)[-1]
LEARNING = "correct"  # the stage that learns from all documents before it works on one
ROUNDS, MOST_ROUNDS = 6, 100  # of settling a long text, a short one; two are enough for real documents
SHORT = 30_000  # characters that may be looked at beyond the rounds of a long text
UNSETTLED = "the text still changed in the last of {} rounds: cleaning what came of it would change it again"


def revise(document: Document, stage: str, knowledge: Knowledge) -> int:
    """Run one text stage once; return the number of edits applied."""
    bar = knowledge.settings.min_confidence
    return sum(document.revise(stage, propose(document, knowledge), bar) for propose in TEXT_STAGES[stage])


def settle(document: Document, knowledge: Knowledge) -> None:
    """Repeat the text stages until none has anything left to apply.

    A removed mark may join two halves of a word, a corrected word may complete a mark: only text on which every
    stage is silent is finished, and cleaning it again applies nothing (law 2). Text in which each repair brings on
    the next (基矗基矗基矗…) may need as many rounds as it has words: the time stays linear, and a note tells of it.
    """
    passes = [(stage, propose) for stage, steps in TEXT_STAGES.items() for propose in steps]
    rounds = max(ROUNDS, min(MOST_ROUNDS, SHORT // max(1, len(document.text))))
    silent = 0
    for stage, propose in islice(cycle(passes), rounds * len(passes)):
        applied = document.revise(stage, propose(document, knowledge), knowledge.settings.min_confidence)
        silent = 0 if applied else silent + 1
        if silent == len(passes):
            return
    document.notes.append(UNSETTLED.format(rounds))


def run_stage(document: Document, stage: str, knowledge: Knowledge) -> Document:
    """Run the named text stage, ``split`` or ``analyse`` on the document, in place, and return it."""
    if stage == "split":
        return split.run(document)
    if stage == "analyse":
        return analyse.run(document, knowledge.goal_types)
    revise(document, stage, knowledge)
    if stage == LAST and any(batch.edits for batch in document.batches):
        settle(document, knowledge)
    return document


def sight_document(document: Document, knowledge: Knowledge) -> MarkEvidence:
    """Normalise a decoded document and return the site marks that may stand in it (the first pass)."""
    revise(document, "normalise", knowledge)
    return observe_marks(document.text)


def observe_document(document: Document, knowledge: Knowledge) -> Profile:
    """Take a decoded document as far as the curated table and return what it teaches the corpus (the second pass)."""
    for stage in TEXT_STAGES:
        if stage == LEARNING:
            break
        revise(document, stage, knowledge)
    return observe_revised(document, knowledge)


def observe_revised(document: Document, knowledge: Knowledge) -> Profile:
    """Return what a document that is ready for correction teaches; the curated table has the first word."""
    document.revise(LEARNING, correct.table(document, knowledge), knowledge.settings.min_confidence)
    return knowledge.observe(document.text)


def clean_document(document: Document, knowledge: Knowledge) -> Document:
    """Take a decoded document the whole way to its sections and goals."""
    for stage in (*TEXT_STAGES, "split", "analyse"):
        run_stage(document, stage, knowledge)
    return document


def clean_raw(raw: RawDocument, knowledge: Knowledge) -> Document:
    """Decode and clean; raises :class:`pipeline.errors.InputError` when the bytes are no text."""
    return clean_document(decode.to_document(raw), knowledge)
