"""Shared fixtures: the knowledge of the shipped lexicons, the samples, and the real document where it exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import pipeline.dependencies
import pipeline.knowledge
from pipeline.batch.passes import knowledge_for
from pipeline.knowledge import Knowledge
from pipeline.lm.network import installed
from pipeline.settings import Settings
from tests.sample_corpus import clean_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A loaded machine is no fault of the code: time is measured by benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
GOLDEN = ROOT / "tests" / "golden" / "samples"


def _installed(patch: pytest.MonkeyPatch, answer: Callable[[], bool]) -> None:
    for module in (pipeline.knowledge, pipeline.dependencies):
        patch.setattr(module, "installed", answer)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Leave the network out, as if it were not installed: it takes most of the time where it is asked."""
    with pytest.MonkeyPatch.context() as patch:
        _installed(patch, lambda: False)
        yield


@pytest.fixture(autouse=True, scope="module")
def _network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let it in where a module says that it is about it (``NETWORK``)."""
    if not getattr(request.module, "NETWORK", False):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        _installed(patch, installed)
        knowledge_for.cache_clear()
        yield
    knowledge_for.cache_clear()


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
