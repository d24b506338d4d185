"""Traditional and variant characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.model import apply_edits
from pipeline.rules.script import propose_script

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("实现开門红", "实现开门红"),
        ("満足需要，提昇水平，注意亊项，凖时上班", "满足需要，提升水平，注意事项，准时上班"),
        ("我们為了学习", "我们为了学习"),
        ("各位老師，為了提高教學質量，特制定本計劃。", "各位老师，为了提高教学质量，特制定本计划。"),
    ],
)
def test_converted(text: str, want: str, knowledge: Knowledge):
    assert apply_edits(text, propose_script(text, knowledge.script)).text == want


@pytest.mark.parametrize(
    "text", ["乾隆年间", "王昇老师", "毕昇", "破坏土地", "慰藉", "昇腾芯片", "日本語の満足", "胡昇说"]
)
def test_names_and_other_languages_stay(text: str, knowledge: Knowledge):
    assert apply_edits(text, propose_script(text, knowledge.script)).text == text
