"""Text made to be slow: one unit repeated, which a careless pattern would search from every one of its characters.

A quadratic rule needs minutes here; there is no clock in the test, the whole suite has one.
"""

from __future__ import annotations

import pytest

import pipeline

UNITS = [
    "(", "）", "“", '"', "'", "一、", ".", "?", "好?", "\n", " ", "\u3000", "\t", " \n", "1", "1、做好", "好。 1、做好", "好。（一）（二）做好",
    "好。①做 ②好", "a.com ", "文库网 www.demo-wenku.com ", "文库网 www.demo-wenku.com\n", "查看更多资料", "更多范文请访问文库网\n", "第一条 好",
    "好。第一条 好第二条 ", "<<好>>", "<<", "開門", "好*好", "好[)好", "方.案.范", "工作计划 篇一\n", "工作计划", "第一章 总则\n",
    "范文推荐：\n工作计划范文\n", "“题高”“努厉”", "仑流理仑", "好。 文库网，好帮手\n", "http://a", "a@", "の,", "基矗", "１２Ａ", "好\u200b",
    "\r", "好\ufffd", "好\udc80", "😀\u200d", "好......", "本资料权属", "|好", "# 好\n", "【篇一】", "为了题高服务质量,我们努厉工作.",
]  # fmt: skip
LENGTH = 40_000


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_a_trap_is_cleaned_and_can_be_undone(unit: str):
    text = unit * (LENGTH // len(unit))
    assert pipeline.clean(text).undo() == text


def test_nested_brackets():
    text = "(" * (LENGTH // 2) + ")" * (LENGTH // 2)
    assert pipeline.clean(text).undo() == text
