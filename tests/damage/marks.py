"""What sites put into a text: their marks, notices, broken signatures and junk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.damage.characters import places
from tests.damage.layout import Line, lines_of
from tests.damage.lines import inside
from tests.damage.words import LEXICONS

if TYPE_CHECKING:
    from random import Random

    from tests.damage.canvas import Canvas
    from tests.damage.plan import DamagePlan
    from tests.damage.sites import Site

JUNK = ("[)", "|", "^", "=", "}", "{", "\\", "_", "#", "(]", "^%")
BREAKERS = ("|", "|", "=", ".", "^", "%^", "}", "'")
DISGUISED = 0.3  # share of the marks that a site with a disguise disguises
NUMERALS = "零一二三四五六七八九十"


def numeral(number: int) -> str:
    """Return 1…99 in Chinese."""
    tens, ones = divmod(number, 10)
    if not tens:
        return NUMERALS[ones]
    return (NUMERALS[tens] if tens > 1 else "") + "十" + (NUMERALS[ones] if ones else "")


def frame(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Put an intro with a mark line after the title and a footer at the end."""
    lines = lines_of(canvas.text)
    if plan.site is None or not lines:
        return
    if plan.intro:
        headings = sum(line.heads_plan for line in lines)
        intro = plan.site.intro(len(canvas.text), numeral(max(1, min(99, headings))))
        new = f"\n{intro}\n{_mark(plan.site, plan.site.line, rng)}"
        canvas.insert(lines[0].end, new, "watermark", "intro")
    if plan.footer:
        title = lines[0].text
        new = f"\n{title}附加篇 {title}热门工作计划范文推荐:"
        canvas.insert(lines[-1].end, new, "watermark", "footer")


def _mark(site: Site, mark: str, rng: Random) -> str:
    return site.disguised(mark) if rng.random() < DISGUISED else mark


def marks(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Put the site's marks on lines of their own, at line ends and into sentences."""
    if plan.site is None:
        return
    for line in lines_of(canvas.text)[1:]:
        _mark_headings(canvas, plan, line, rng)
        _mark_ends(canvas, plan, line, rng)
        if rng.random() < plan.mark_lines:
            mark = _mark(plan.site, plan.site.line, rng)
            canvas.insert(line.start, f"{mark}\n", "watermark", "mark_lines")
        if line.long:
            _mark_inside(canvas, plan, line, rng)


def _mark_headings(canvas: Canvas, plan: DamagePlan, line: Line, rng: Random) -> None:
    if plan.site and line.heads_plan and rng.random() < plan.mark_headings:
        canvas.insert(line.end, f" {_mark(plan.site, plan.site.line, rng)}", "watermark", "mark_headings")


def _mark_ends(canvas: Canvas, plan: DamagePlan, line: Line, rng: Random) -> None:
    # Only after a sentence: appended to a short heading the mark would read as the heading's own words.
    if plan.site and line.text.endswith("。") and rng.random() < plan.mark_ends:
        mark = _mark(plan.site, rng.choice((plan.site.motto, plan.site.line)), rng)
        canvas.insert(line.end, f" {mark}", "watermark", "mark_ends")


def _mark_inside(canvas: Canvas, plan: DamagePlan, line: Line, rng: Random) -> None:
    site = plan.site
    if site is None:
        return
    if rng.random() < plan.mark_cuts:
        _inside(canvas, line, f"\n{_mark(site, site.line, rng)}\n", "mark_cuts", rng)
    if rng.random() < plan.notices:
        _inside(canvas, line, site.notice, "notices", rng)


def _inside(canvas: Canvas, line: Line, new: str, cause: str, rng: Random) -> None:
    at = inside(line, rng)
    if at is not None:
        canvas.insert(at, new, "watermark", cause)


def junk(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Put illicit symbols between characters (``一定[)要``)."""
    for at in places(canvas.text, plan.junk, rng):
        canvas.insert(at, rng.choice(JUNK), "noise", "junk")


def signatures(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Put the site's signature, broken by punctuation, into sentences: where a pack or its recurrence tells it."""
    site = plan.site
    if site is None or not plan.signatures:
        return
    if not site.signs and not (LEXICONS / "sites" / f"{site.pack}.toml").exists():
        return
    for line in lines_of(canvas.text):
        at = inside(line, rng) if line.long and rng.random() < plan.signatures else None
        if at is not None:
            broken = "".join(rng.choice(BREAKERS) + char for char in site.signature)
            canvas.insert(at, broken + rng.choice(BREAKERS), "noise", "signatures")
