"""unmask: words that a publishing site blanked out, where one word clearly wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge
    from pipeline.model import Document, Edit


def masks(document: Document, knowledge: Knowledge) -> Iterable[Edit]:
    """Propose the words behind masks; years, figures, names and blanks of forms stay."""
    return knowledge.masks.propose(document.text)


PASSES: tuple[Callable[[Document, Knowledge], Iterable[Edit]], ...] = (masks,)

if __name__ == "__main__":
    from pipeline.pipe import text_stage

    text_stage("unmask")
