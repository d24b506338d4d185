"""correct: wrong homophones and look-alikes, by the curated table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def table(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose the right form of every wrong one that the table knows."""
    return knowledge.typos.propose(document.text)


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (table,)

if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("correct")
