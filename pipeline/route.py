"""The way of a document: the stages in order. The only place that knows the order.

A way is a generator: it stops before whatever takes less time for many documents at once, and goes on all the same
where nobody has done it (:mod:`pipeline.ways`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.dependencies import READS
from pipeline.rules.recurrence import observe_marks
from pipeline.stages import analyse, correct, decode, despin, normalise, restore, split, strip, unmask
from pipeline.ways import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pipeline.knowledge import Knowledge
    from pipeline.model import Batch, Document, Edit
    from pipeline.profile import Profile
    from pipeline.rules.recurrence import MarkEvidence
    from pipeline.stages.read import RawDocument
    from pipeline.ways import Way

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

READERS: dict[Pass, Callable[[Knowledge], Callable[[list[str]], None]]] = {
    restore.byte_loss: lambda knowledge: knowledge.losses.looked.ahead,
    correct.model: lambda knowledge: knowledge.corrector.look_ahead,
    despin.dropped_in: lambda knowledge: knowledge.dropped_in.looked.ahead,
    despin.gaps: lambda knowledge: knowledge.gaps.looked.ahead,
    despin.synonyms: lambda knowledge: knowledge.synonyms.looked.ahead,
    unmask.masks: lambda knowledge: knowledge.masks.looked.ahead,
}
"""Passes that ask a model about the text, with what reads the texts of many documents for them."""

LAST = list(TEXT_STAGES)[-1]
LEARNING = "correct"  # the stage that learns from all documents before it works on one
SIGHTED = [name for name in READS if name.startswith("normalise.")]
OBSERVED = [name for name in READS if not name.startswith(("despin.", "unmask.")) and name != "correct.learned"]
"""The passes on which it depends what :func:`sighting` and :func:`observing` return."""
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


def taking(step: int, document: Document, knowledge: Knowledge, past: Past | None = None) -> Way[int]:
    """Run the pass of one step, unless its past tells the outcome; return the number of edits applied."""
    stage, propose = STEPS[step % len(STEPS)]
    proposals: Iterable[Edit] | None = past.proposals(step) if past else None
    if proposals is None:
        if reader := READERS.get(propose):
            yield Reading(reader(knowledge), document.text)
        proposals = propose(document, knowledge)
    applied = document.revise(stage, proposals, knowledge.settings.min_confidence, step)
    if past:
        past.compare(step, document)
    return applied


def revising(document: Document, stage: str, knowledge: Knowledge, past: Past | None = None) -> Way[None]:
    """Run one text stage once."""
    for step, (name, _) in enumerate(STEPS):
        if name == stage:
            yield from taking(step, document, knowledge, past)


def settling(document: Document, knowledge: Knowledge, past: Past | None = None) -> Way[None]:
    """Repeat the text stages until none has anything left to apply.

    A removed mark may join two halves of a word, a corrected word may complete a mark: only text on which every
    stage is silent is finished, and cleaning it again applies nothing (law 2). Text in which each repair brings on
    the next (基矗基矗基矗…) may need as many rounds as it has words: the time stays linear, and a note tells of it.
    All stages must have been run: the passes after the last edit have then been silent on the text as it is.
    """
    rounds = max(ROUNDS, min(MOST_ROUNDS, SHORT // max(1, len(document.text))))
    silent = len(STEPS) - 1 - max((batch.step for batch in document.batches if batch.edits), default=-1)
    for step in range(len(STEPS), (1 + rounds) * len(STEPS)):
        if silent == len(STEPS):
            return
        applied = yield from taking(step, document, knowledge, past)
        silent = 0 if applied else silent + 1
    if silent < len(STEPS):
        document.notes.append(UNSETTLED.format(rounds))


def running(document: Document, stage: str, knowledge: Knowledge, past: Past | None = None) -> Way[None]:
    """Run the named text stage, ``split`` or ``analyse`` on the document, in place."""
    if stage == "split":
        split.run(document)
    elif stage == "analyse":
        analyse.run(document, knowledge.goal_types)
    else:
        yield from revising(document, stage, knowledge, past)
        if stage == LAST:
            yield from settling(document, knowledge, past)


def sighting(document: Document, knowledge: Knowledge) -> Way[MarkEvidence]:
    """Normalise a decoded document and return the site marks that may stand in it (the first pass)."""
    yield from revising(document, "normalise", knowledge)
    return observe_marks(document.text)


def observing(document: Document, knowledge: Knowledge) -> Way[Profile]:
    """Take a decoded document as far as the curated table and return what it teaches the corpus (the second pass)."""
    for stage in TEXT_STAGES:
        if stage == LEARNING:
            break
        yield from revising(document, stage, knowledge)
    return (yield from observing_revised(document, knowledge))


def observing_revised(document: Document, knowledge: Knowledge) -> Way[Profile]:
    """Return what a document that is ready for correction teaches; the curated table has the first word."""
    document.revise(LEARNING, correct.table(document, knowledge), knowledge.settings.min_confidence)
    yield Reading(knowledge.corrector.look_ahead, document.text)
    return knowledge.observe(document.text)


def cleaning(
    document: Document, knowledge: Knowledge, past: Past | None = None, *, analysis: bool = True
) -> Way[Document]:
    """Take a decoded document the whole way to its sections and, with ``analysis``, its goals."""
    for stage in (*TEXT_STAGES, "split", *(["analyse"] if analysis else [])):
        yield from running(document, stage, knowledge, past)
    return document


def cleaning_again(
    raw: RawDocument, knowledge: Knowledge, earlier: Document, passes: Mapping[str, str], *, analysis: bool = True
) -> Way[Document]:
    """Decode and clean, running only the passes whose outcome ``earlier`` does not tell.

    ``earlier`` is a document of an earlier run, ``passes`` what :attr:`Knowledge.passes` was then. The result is that
    of cleaning from the start, whatever they are. Raises :class:`pipeline.errors.InputError` where bytes are no text.
    """
    document, past = decode.to_document(raw), None
    if (document.source_text, document.evidence.encoding) == (earlier.source_text, earlier.evidence.encoding):
        past = Past(earlier.batches, {name for name, now in knowledge.passes.items() if passes.get(name) != now})
    return (yield from cleaning(document, knowledge, past, analysis=analysis))
