"""The way of a document: the stages in order. The only place that knows the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.dependencies import READS
from pipeline.rules.recurrence import observe_marks
from pipeline.stages import analyse, correct, decode, despin, normalise, restore, split, strip, unmask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pipeline.knowledge import Knowledge
    from pipeline.model import Batch, Document, Edit
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

STEPS = [(stage, propose) for stage, passes in TEXT_STAGES.items() for propose in passes]
"""All passes in order; a document goes through them again and again until it is settled."""

LAST = list(TEXT_STAGES)[-1]
LEARNING = "correct"  # the stage that learns from all documents before it works on one
SIGHTED = [name for name in READS if name.startswith("normalise.")]
OBSERVED = [name for name in READS if not name.startswith(("despin.", "unmask.")) and name != "correct.learned"]
"""The passes on which it depends what :func:`sight_document` and :func:`observe_document` return."""
ROUNDS, MOST_ROUNDS = 6, 100  # of settling a long text, a short one; two are enough for real documents
SHORT = 30_000  # characters that may be looked at beyond the rounds of a long text
UNSETTLED = "the text still changed in the last of {} rounds: cleaning what came of it would change it again"


class Past:
    """What an earlier run did to the same source text: passes need not be run where they would do the same again.

    What a pass proposes follows from the document so far and from what the pass reads beside it. So as long as the
    document has gone the way that it went then, a pass that reads nothing changed proposes what the log says.
    """

    def __init__(self, batches: Iterable[Batch], changed: Collection[str]) -> None:
        """Remember ``batches``; ``changed`` names the passes that now read something else."""
        self._then = {batch.step: batch.proposals for batch in batches}
        self._changed = changed
        self._same_way = True

    def proposals(self, step: int) -> list[Edit] | None:
        """Return what the pass of this step proposes; None where it must be run to know."""
        if not self._same_way or pass_name(step) in self._changed:
            return None
        return self._then.get(step, [])

    def compare(self, step: int, document: Document) -> None:
        """Notice whether a step that is done was done then too."""
        now = document.batches[-1:]
        done = now[0].proposals if now and now[0].step == step else []
        self._same_way = self._same_way and done == self._then.get(step, [])


def pass_name(step: int) -> str:
    """Return the name of the pass of a step, as in :data:`pipeline.dependencies.READS`."""
    stage, propose = STEPS[step % len(STEPS)]
    return f"{stage}.{propose.__name__}"


def take(step: int, document: Document, knowledge: Knowledge, past: Past | None = None) -> int:
    """Run the pass of one step, unless its past tells the outcome; return the number of edits applied."""
    stage, propose = STEPS[step % len(STEPS)]
    known = past.proposals(step) if past else None
    proposals = propose(document, knowledge) if known is None else known
    applied = document.revise(stage, proposals, knowledge.settings.min_confidence, step)
    if past:
        past.compare(step, document)
    return applied


def revise(document: Document, stage: str, knowledge: Knowledge, past: Past | None = None) -> int:
    """Run one text stage once; return the number of edits applied."""
    return sum(take(step, document, knowledge, past) for step, (name, _) in enumerate(STEPS) if name == stage)


def settle(document: Document, knowledge: Knowledge, past: Past | None = None) -> None:
    """Repeat the text stages until none has anything left to apply.

    A removed mark may join two halves of a word, a corrected word may complete a mark: only text on which every
    stage is silent is finished, and cleaning it again applies nothing (law 2). Text in which each repair brings on
    the next (基矗基矗基矗…) may need as many rounds as it has words: the time stays linear, and a note tells of it.
    """
    rounds = max(ROUNDS, min(MOST_ROUNDS, SHORT // max(1, len(document.text))))
    silent = 0
    for step in range(len(STEPS), (1 + rounds) * len(STEPS)):
        silent = 0 if take(step, document, knowledge, past) else silent + 1
        if silent == len(STEPS):
            return
    document.notes.append(UNSETTLED.format(rounds))


def run_stage(document: Document, stage: str, knowledge: Knowledge, past: Past | None = None) -> Document:
    """Run the named text stage, ``split`` or ``analyse`` on the document, in place, and return it."""
    if stage == "split":
        return split.run(document)
    if stage == "analyse":
        return analyse.run(document, knowledge.goal_types)
    revise(document, stage, knowledge, past)
    if stage == LAST and any(batch.edits for batch in document.batches):
        settle(document, knowledge, past)
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


def clean_document(
    document: Document, knowledge: Knowledge, past: Past | None = None, *, analysis: bool = True
) -> Document:
    """Take a decoded document the whole way to its sections and, with ``analysis``, its goals."""
    for stage in (*TEXT_STAGES, "split", *(["analyse"] if analysis else [])):
        run_stage(document, stage, knowledge, past)
    return document


def clean_raw(raw: RawDocument, knowledge: Knowledge, *, analysis: bool = True) -> Document:
    """Decode and clean; raises :class:`pipeline.errors.InputError` when the bytes are no text."""
    return clean_document(decode.to_document(raw), knowledge, analysis=analysis)


def clean_again(
    raw: RawDocument, knowledge: Knowledge, earlier: Document, passes: Mapping[str, str], *, analysis: bool = True
) -> Document:
    """Decode and clean, running only the passes whose outcome ``earlier`` does not tell.

    ``earlier`` is a document of an earlier run, ``passes`` what :attr:`Knowledge.passes` was then. The result is that
    of :func:`clean_raw`, whatever they are; raises as that.
    """
    document, past = decode.to_document(raw), None
    if (document.source_text, document.evidence.encoding) == (earlier.source_text, earlier.evidence.encoding):
        past = Past(earlier.batches, {name for name, now in knowledge.passes.items() if passes.get(name) != now})
    return clean_document(document, knowledge, past, analysis=analysis)
