"""Lines corrected each by itself, until nothing more is found in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.knowledge import Knowledge
from pipeline.settings import Settings
from pipeline.stages import correct
from pipeline.stages.correct import correct_lines

ALONE = "按照年初制定的募标，抓号重䴴项目建设进度。"
RIGHT = "按照年初制定的目标，抓好重点项目建设进度。"
LINES = (ALONE, RIGHT, "认真分析柿场形势", "柿", "", "  努厉完成任务 ", "no Chinese at all")


@pytest.fixture(scope="module")
def untabled() -> Knowledge:
    return Knowledge(Settings(lexicon=False))


def test_beside_what_was_put_right_another_mistake_is_plain(untabled: Knowledge, monkeypatch: pytest.MonkeyPatch):
    assert correct_lines([ALONE], untabled) == [RIGHT]
    monkeypatch.setattr(correct, "ROUNDS", 1)
    once = correct_lines([ALONE], untabled)[0]
    assert once not in {ALONE, RIGHT}, "at first only a part of it is found"
    assert correct_lines([once], untabled) == [RIGHT]


def test_what_the_table_decided_is_not_changed_in_a_later_round(knowledge: Knowledge):
    table, model = "一至", "抓号重䴴项目"
    text = f"意见{table}，{model}建设进度。"
    (found,) = correct_lines([text], knowledge)
    assert found.startswith("意见一致，")
    assert "䴴" not in found


@settings(max_examples=15)
@given(st.lists(st.sampled_from(LINES), max_size=6))
def test_a_line_is_corrected_the_same_in_any_company(lines: list[str]):
    knowledge = Knowledge(Settings(lexicon=False))
    own = {line: correct_lines([line], knowledge)[0] for line in set(lines)}
    assert correct_lines(lines, knowledge) == [own[line] for line in lines]
    assert correct_lines(list(own.values()), knowledge) == list(own.values()), "what is right stays as it is"
