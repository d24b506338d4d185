"""normalise: line breaks, invisible characters, width, stray question marks, script, Chinese punctuation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.rules.byte_repair import propose_byte_repairs
from pipeline.rules.characters import propose_characters
from pipeline.rules.junk import propose_junk
from pipeline.rules.marks import propose_marks
from pipeline.rules.punctuation import propose_punctuation, propose_stray_questions
from pipeline.rules.script import propose_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def repair_bytes(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose what damaged bytes stood for."""
    return propose_byte_repairs(document.text, document.evidence.encoding, knowledge.words)


def plain_characters(document: Document, _: Knowledge) -> Iterable[Edit]:
    """Propose LF line breaks, visible characters only, half-width letters and figures."""
    return propose_characters(document.text)


def simplified(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose simplified forms of traditional and variant characters."""
    return propose_script(document.text, knowledge.script)


def no_stray_questions(document: Document, _: Knowledge) -> Iterable[Edit]:
    """Propose to drop question marks that stand for a lost character."""
    return propose_stray_questions(document.text)


def chinese_punctuation(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose Chinese punctuation, but not in what strip will remove: the log keeps marks as they stood."""
    return propose_punctuation(document.text, lambda: _doomed(document.text, knowledge))


def _doomed(text: str, knowledge: Knowledge) -> list[tuple[int, int]]:
    found = [*propose_marks(text, knowledge.packs), *propose_junk(text, knowledge.packs, knowledge.words)]
    return [(edit.start, edit.end) for edit in found if edit.confidence >= knowledge.settings.min_confidence]


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (
    repair_bytes,
    plain_characters,
    simplified,
    no_stray_questions,
    chinese_punctuation,
)

if __name__ == "__main__":
    from pipeline.pipe import normalise_stage

    normalise_stage()
