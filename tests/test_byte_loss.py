"""GBK byte loss, by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.model import apply_edits
from pipeline.rules.byte_loss import losses

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge


def test_the_table_is_what_the_accident_does():
    for damaged, (character, mark) in losses().items():
        whole = (character + mark).encode("gbk")
        assert whole.replace(b"\xa1\xa1", b"", 1).decode("gbk") == damaged


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("打下了良好的基矗", "打下了良好的基础。"),
        ("差点落眩竞争让我感到压力", "差点落选。竞争让我感到压力"),
        ("大力开拓市常\n同时", "大力开拓市场。\n同时"),
        ("积极防治疾玻", "积极防治疾病。"),
    ],
)
def test_repaired(text: str, want: str, knowledge: Knowledge):
    assert apply_edits(text, knowledge.losses.propose(text)).text == want


@pytest.mark.parametrize(
    "text", ["高楼矗立", "头晕目眩", "一校一策", "日常管理", "玻璃", "平常心", "首尝败绩", "李英老师"]
)
def test_right_characters_stay(text: str, knowledge: Knowledge):
    assert apply_edits(text, knowledge.losses.propose(text)).text == text
