"""restore: characters lost with GBK bytes, sentences cut by a line break, headings run into a paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.rules.lines import propose_breaks, propose_joins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def byte_loss(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose the two characters that one stands for."""
    return knowledge.losses.propose(document.text)


def breaks(document: Document, _: Knowledge) -> Iterable[Edit]:
    """Propose line breaks before headings that were run in."""
    return propose_breaks(document.text)


def joins(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose to rejoin sentences that a line break cut."""
    return propose_joins(document.text, knowledge.corrector)


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (byte_loss, breaks, joins)

if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("restore")
