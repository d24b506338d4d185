"""How much damage of each kind: one typed object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.damage.sites import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagePlan:
    """Rates of damage; 0 or False turns a kind off. The default does nothing but encode."""

    encoding: str = "utf-8"
    traditional: bool = False
    """The whole document in traditional characters; ``variants`` then has nothing to do."""
    crlf: bool = False

    typos: float = 0.0
    """Wrong characters per character."""
    spinner: tuple[tuple[str, str], ...] | None = None
    """(wrong, right) to choose from instead of the curated table."""
    names: frozenset[str] = frozenset()
    """Words to leave whole, beside the project's list of names."""

    synonyms: float = 0.0
    """Spun characters per character, by pairs of the project's table."""
    synonyms_unseen: float = 0.0
    """The same by pairs that the table does not hold."""
    synonym_table: tuple[tuple[str, str], ...] | None = None
    """(spun, original) to choose from instead of the project's table."""
    synonym_class: str = ""
    """The class of the table's pairs to choose from (``seen``); empty for all."""
    masks: int = 0
    """How many words are masked, each wherever it stands."""
    blanks: float = 0.0
    """Share of the years, percentages and names that the *original* leaves blank (``20xx年``)."""
    insertions: float = 0.0
    """Characters dropped into common words per character."""

    half_width: float = 0.0
    """Share of the Chinese marks."""
    full_width: float = 0.0
    """Share of the numbers and Latin words."""
    variants: float = 0.0
    """Share of the occurrences of a dozen characters chosen for the document."""
    invisible: float = 0.0
    """Zero-width characters per character."""
    no_break: float = 0.0
    """Share of the spaces that become no-break spaces, and of the lines indented by two of them."""
    stray_questions: float = 0.0
    """Share of the lines, in one passage."""
    bad_bytes: int = 0
    """How many single bytes that the encoding does not know."""

    byte_loss: float = 0.0
    """Share of the places where it can have happened."""
    breaks: float = 0.0
    """Share of the long paragraphs."""
    merges: float = 0.0
    """Share of the labelled lines that follow a full sentence."""
    junk: float = 0.0
    """Injected symbols per character."""

    site: Site | None = None
    """Whose marks; without a site the rates below do nothing."""
    intro: bool = False
    footer: bool = False
    mark_lines: float = 0.0
    """Share of the line breaks that get a line with the site's name."""
    mark_ends: float = 0.0
    """Share of the paragraphs with a mark appended."""
    mark_headings: float = 0.0
    """Share of the plan headings with a mark appended."""
    mark_cuts: float = 0.0
    """Share of the long paragraphs cut in mid-sentence by a mark."""
    notices: float = 0.0
    """Share of the long paragraphs with a notice inside a sentence."""
    signatures: float = 0.0
    """Share of the long paragraphs with the broken signature; for a site that has a pack, or ``signs`` without one."""
