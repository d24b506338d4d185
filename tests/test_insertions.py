"""Characters dropped into words, and words dropped out of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.rules.reasons import times

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "dropped"),
    [("在当今世力界竞争日益激烈的情况下", "力"), ("从南而使客户满意度不断提高", "南"), ("认真做好各项工她作", "她")],
)
def test_a_dropped_in_character_is_found(text: str, dropped: str, knowledge: Knowledge):
    (edit,) = knowledge.dropped_in.propose(text)
    assert (edit.before, edit.after, edit.kind) == (dropped, "", "noise")
    assert "is one word" in edit.why


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。",
        "世界",
        "我们要进一步加强和改进工作，全面提高服务水平。",
        "走一走，看一看，试一试",
        "对不对，好不好",
        "x力x",
        "\ud800",
    ],
)
def test_nothing_is_removed_from_clean_text(text: str, knowledge: Knowledge):
    assert list(knowledge.dropped_in.propose(text)) == []


def test_protected_words_stay(knowledge: Knowledge):
    text = "在当今世力界竞争日益激烈的情况下"
    at = text.index("力")
    assert list(knowledge.dropped_in.propose(text, [(at, at + 1)])) == []


def test_a_gap_is_only_suggested(knowledge: Knowledge):
    found = list(knowledge.gaps.propose("共同交流，找到好的方法和途径，做出好的优化方案。"))
    assert found
    assert all(edit.kind == "missing" and edit.confidence == 0.5 and edit.start == edit.end for edit in found)
    assert "最" in {edit.after for edit in found}


@pytest.mark.parametrize("text", ["", "。", "abc", "我们要进一步加强和改进工作，全面提高服务水平。"])
def test_no_gap_in_clean_text(text: str, knowledge: Knowledge):
    assert list(knowledge.gaps.propose(text)) == []


@pytest.mark.parametrize(
    ("gain", "said"), [(0.0, "1 times"), (1.2, "16 times"), (4.0, "10,000 times"), (9.0, "over 1,000,000 times")]
)
def test_a_gain_in_words(gain: float, said: str):
    assert times(gain) == said
