"""The order in which a document is damaged."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.damage import characters, layout, lines, marks, spinning, words
from tests.damage.canvas import Canvas, Damaged, render
from tests.damage.script import traditional

if TYPE_CHECKING:
    from tests.damage.plan import DamagePlan

# Rare and large first: what comes later must give way, and there are always enough commas left.
STEPS = (
    lines.merges,
    words.byte_loss,
    marks.frame,
    lines.stray_questions,
    marks.marks,
    marks.signatures,
    lines.breaks,
    spinning.insertions,
    spinning.masks,
    spinning.synonyms,
    words.typos,
    characters.variants,
    characters.full_width,
    characters.bad_bytes,
    marks.junk,
    characters.invisible,
    characters.no_break,
    characters.half_width,
)


def damage(text: str, plan: DamagePlan, seed: int) -> Damaged:
    """Return ``text`` damaged as ``plan`` says; the same arguments give the same bytes.

    Each step draws from a generator of its own, so that changing one rate moves no other damage but what has
    to give way. Blanks belong to the original. Raises ValueError when ``plan.encoding`` cannot hold the result.
    """
    text = spinning.blanks(text, plan, Random(f"{seed} blanks"))
    canvas = Canvas(text, layout.untouchable(text, plan.names), layout.uncut(text))
    for step in STEPS:
        step(canvas, plan, Random(f"{seed} {step.__name__}"))
    if plan.traditional:
        traditional(canvas, plan.encoding)
    return render(canvas, plan.encoding, crlf=plan.crlf)
