"""despin: characters dropped into words, words dropped out (suggested only), spun synonyms back to their originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.stages.correct import decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def synonyms(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose the originals of spun words, but nothing where a table has corrected a wrong character."""
    return knowledge.synonyms.propose(document.text, decided(document))


def dropped_in(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose to remove ordinary characters that were dropped into a word."""
    return knowledge.dropped_in.propose(document.text, decided(document))


def gaps(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Suggest words where a filter may have dropped one."""
    return knowledge.gaps.propose(document.text)


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (dropped_in, gaps, synonyms)

if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("despin")
