"""Acceptance: boosted trees that tell a true correction from a false one."""

from __future__ import annotations

from pathlib import Path

from pipeline.lm.features import FEATURES
from pipeline.lm.trees import TreeModel

SHIPPED = Path(__file__).parent / "acceptance.json"


class AcceptanceModel(TreeModel):
    """Trees over :data:`pipeline.lm.features.FEATURES`."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read ``path``; raises :class:`pipeline.errors.LexiconError` when it is damaged or made for other features."""
        super().__init__(path, FEATURES, "training/train_acceptance.py")
