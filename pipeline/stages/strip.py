"""strip: what a site added to the text: marks in lines or sentences, junk between characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.rules.junk import propose_junk
from pipeline.rules.marks import propose_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def marks(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose to remove site names, addresses, slogans, intros, footers and notices."""
    return propose_marks(document.text, knowledge.packs)


def junk(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose to remove punctuation injected between characters, with or without a site's signature."""
    return propose_junk(document.text, knowledge.packs, knowledge.words)


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (marks, junk)

if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("strip")
