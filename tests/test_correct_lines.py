"""Lines corrected each by itself, until nothing more is found in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.knowledge import Knowledge
from pipeline.lexicons.tables import Typo
from pipeline.rules.typos import TypoTable
from pipeline.settings import Settings
from pipeline.stages import correct
from pipeline.stages.correct import correct_lines

ALONE = "按照年初制定的募标，抓号重䴴项目建设进度。"
RIGHT = "按照年初制定的目标，抓好重点项目建设进度。"
LONG = "我们分析了问题，" * 8 + "看柿场形势分析。"  # the mistake stands as far from its start as verse is looked for
LINES = (
    ALONE,
    RIGHT,
    LONG,
    "认真分析柿场形势",
    "柿",
    "",
    "  努厉完成任务 ",
    "no Chinese at all",
    "认真\udc80分析柿场形势",
)


@pytest.fixture(scope="module")
def untabled() -> Knowledge:
    return Knowledge(Settings(lexicon=False))


@pytest.fixture(scope="module")
def own() -> dict[str, str]:
    """What comes of each line by itself."""
    knowledge = Knowledge(Settings(lexicon=False))
    return {line: correct_lines([line], knowledge)[0] for line in LINES}


def test_beside_what_was_put_right_another_mistake_is_plain(untabled: Knowledge, monkeypatch: pytest.MonkeyPatch):
    assert correct_lines([ALONE], untabled) == [RIGHT]
    monkeypatch.setattr(correct, "ROUNDS", 1)
    once = correct_lines([ALONE], untabled)[0]
    assert once not in {ALONE, RIGHT}, "at first only a part of it is found"
    assert correct_lines([once], untabled) == [RIGHT]


def test_what_the_table_decided_is_not_changed_in_any_round():
    wanted = f"建设市场，{ALONE}"
    assert correct_lines(["建设柿场，" + ALONE], Knowledge(Settings(lexicon=False)))[0].startswith("建设市场，")
    knowledge = Knowledge(Settings())
    knowledge.__dict__["typos"] = TypoTable([Typo("市场", "柿场")], frozenset(), knowledge.words)
    found = correct_lines([wanted], knowledge)[0]
    assert found == f"建设柿场，{RIGHT}", "the model would change it, but the table decided it"


@pytest.mark.parametrize("other", ["抓号项目建设进度。", "抓号重䴴项目建设进度。"])
def test_the_table_has_its_say_once(other: str):
    """However often the model looks again (once, twice): what the table put right it does not turn back."""
    knowledge = Knowledge(Settings())
    rows = [Typo("心理", "心里"), Typo("心里", "心理")]
    knowledge.__dict__["typos"] = TypoTable(rows, frozenset(), knowledge.words)
    found = correct_lines([f"重点放在心理上。{other}"], knowledge)[0]
    assert found.startswith("重点放在心里上。抓好")


@settings(max_examples=15)
@given(st.lists(st.sampled_from(LINES), max_size=6))
def test_a_line_is_corrected_the_same_in_any_company(untabled: Knowledge, own: dict[str, str], lines: list[str]):
    fresh = Knowledge(untabled.settings)  # remembers no sentence
    fresh.__dict__.update(proposer=untabled.proposer, features=untabled.features, words=untabled.words)
    assert correct_lines(lines, fresh) == [own[line] for line in lines]
    assert correct_lines(list(own.values()), untabled) == list(own.values()), "what is right stays as it is"
