"""Settings: unknown names and wrong types, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_defaults_and_paths(tmp_path: Path):
    assert load_settings(None) == Settings()
    path = tmp_path / "s.toml"
    path.write_text('min_confidence = 0.8\nprotect = "p.txt"\n', encoding="utf-8")
    assert load_settings(path) == Settings(min_confidence=0.8, protect=tmp_path / "p.txt")


def test_all_faults_together(tmp_path: Path):
    path = tmp_path / "s.toml"
    path.write_text('min_confidence = "high"\nlexicon = 1\nbar = 2\n', encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_settings(path)
    assert len(caught.value.faults) == 3
