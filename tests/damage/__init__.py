"""Seeded damage: a clean compilation in, damaged bytes and the exact truth out.

Every kind of damage proposes wounds against the *clean* text and a :class:`~tests.damage.canvas.Canvas`
refuses those that overlap. Offsets in the damaged text are computed once, when the wounds are rendered, so
the truth cannot drift however many kinds are combined.
"""

from tests.damage.canvas import Damaged, Injury, undo
from tests.damage.generator import damage
from tests.damage.plan import DamagePlan
from tests.damage.sites import SITES, UNLISTED_SITES, Site

__all__ = ["SITES", "UNLISTED_SITES", "DamagePlan", "Damaged", "Injury", "Site", "damage", "undo"]
