"""Cut sentences and run-in headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.model import apply_edits
from pipeline.rules.lines import chinese_numeral, numeral, propose_breaks, propose_joins

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge

LONG = "随着各项工作的深入开展，我们的服务水平、工作能力和"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (f"{LONG}\n综合素质都得到了较大的提高，成绩明显。", f"{LONG}综合素质都得到了较大的提高，成绩明显。"),
        ("在这一年里，全体同志的感触就更大了，\n年初的竞聘上岗，让我第一次走上讲台。",
         "在这一年里，全体同志的感触就更大了，年初的竞聘上岗，让我第一次走上讲台。"),
    ],
)  # fmt: skip
def test_joined(text: str, want: str, knowledge: Knowledge):
    assert apply_edits(text, propose_joins(text, knowledge.corrector)).text == want


@pytest.mark.parametrize(
    "text",
    [
        "一、指导思想\n以服务为中心，提高质量。",
        "主要做好以下几项工作，即学习、检查、总结，\n1、加强学习，提高认识。",
        "在有限的时间内解决各种各样的实际困难\n护士长年度工作计划 篇四",
        "春眠不觉晓，\n处处闻啼鸟。",
        "申请人：李明\n2024年3月1日",
    ],
)
def test_not_joined(text: str, knowledge: Knowledge):
    assert apply_edits(text, propose_joins(text, knowledge.corrector)).text == text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "第七条 按时上班。\n服从统一管理。第八条 按时下班。",
            "第七条 按时上班。\n服从统一管理。\n第八条 按时下班。",
        ),
        ("第一章 总则第一条 为了加强管理。", "第一章 总则\n第一条 为了加强管理。"),
        ("（四）汇报情况。\n了解工作动态。 （五）请假。", "（四）汇报情况。\n了解工作动态。\n（五）请假。"),
        ("一、用爱心去工作 1、保持礼貌。", "一、用爱心去工作\n1、保持礼貌。"),
    ],
)
def test_parted(text: str, want: str):
    assert apply_edits(text, propose_breaks(text)).text == want


@pytest.mark.parametrize(
    "text",
    [
        "第七条 考勤。\n根据第八条规定处理。",
        "第一条 总则。本办法第二条所列情形除外。",
        "会议研究了三个问题。（五）号文件已经下发。",
        "完成了第三章的编写。第五章由他人编写。",
    ],
)
def test_citations_stay(text: str):
    assert apply_edits(text, propose_breaks(text)).text == text


def test_numerals():
    assert [numeral(n) for n in ("十", "十二", "二十", "一百零五", "15", "甲")] == [10, 12, 20, 105, 15, 0]
    assert [chinese_numeral(n) for n in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]
