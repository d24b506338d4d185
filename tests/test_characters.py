"""Line breaks, invisible characters, width."""

from __future__ import annotations

import pytest

from pipeline.model import apply_edits
from pipeline.rules.characters import propose_characters


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("工\u200b作\ufeff计\x00划\u00ad", "工作计划"),
        ("一\u00a0二\u2003三", "一 二 三"),
        ("\u00a0\u00a0缩进\n\u00a0\u00a0的段落", "缩进\n的段落"),
        ("２０２４年ＫＰＩ达到９８％", "2024年KPI达到98%"),
        ("｢工作｣｡", "「工作」。"),
        ("👨‍👩‍👧家庭", "👨‍👩‍👧家庭"),
        ("\u3000\u3000缩进的段落", "\u3000\u3000缩进的段落"),
    ],
)
def test_characters(text: str, want: str):
    assert apply_edits(text, propose_characters(text)).text == want
