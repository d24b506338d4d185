"""Shared fixtures: the knowledge of the shipped lexicons, the samples, and the real document where it exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.knowledge import Knowledge
from pipeline.settings import Settings
from tests.sample_corpus import clean_samples

# A loaded machine is no fault of the code: time is measured by benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
GOLDEN = ROOT / "tests" / "golden" / "samples"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(Settings())


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "raw").is_dir():
        pytest.skip("the real document and its gold lie beside the checkout in ../shared, which is not here")
    return SHARED


@pytest.fixture(scope="session")
def golden() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("*.txt"))}


@pytest.fixture(scope="session")
def sample_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output folder of the samples, a bank's plans and a copy of one of them."""
    return clean_samples(tmp_path_factory.mktemp("samples"))
