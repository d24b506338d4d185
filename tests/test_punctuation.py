"""Chinese punctuation and stray question marks."""

from __future__ import annotations

import pytest

from pipeline.model import apply_edits
from pipeline.rules.punctuation import propose_punctuation, propose_stray_questions


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("加强管理,提高质量.下一步", "加强管理，提高质量。下一步"),
        ("完成2415万元,占计划的241.5%,其中", "完成2415万元，占计划的241.5%，其中"),
        ("(一)指导思想", "（一）指导思想"),
        ('实现了"开门红"。', "实现了“开门红”。"),
        ("填写<<走访日志>>,每月底", "填写《走访日志》，每月底"),
        ("怎么办?马上办!", "怎么办？马上办！"),
        ("时间:8:30到校", "时间：8:30到校"),
        ("等等...下一步", "等等……下一步"),
        ("提升KPI,优化流程", "提升KPI，优化流程"),
    ],
)
def test_between_chinese(text: str, want: str):
    assert apply_edits(text, propose_punctuation(text)).text == want


@pytest.mark.parametrize(
    "text",
    [
        "1.加强学习", "增长3.14倍", "共1,000.50元", "比例3:2", "见 https://a.cn/b?c=1,2", "邮箱 li.si@demo.com.cn",
        "Use Python, not C.", "f(x)=x+1", "登录www.demo.cn。", "日本語です,本当に.", "一.加强管理", "v2.0版本",
    ],
)  # fmt: skip
def test_left_alone(text: str):
    assert apply_edits(text, propose_punctuation(text)).text == text


PASSAGE = "一、培训的地位?\n思路清楚.?\n职能是:?\n质量优先。?\n客户的需求在哪里?\n二、培训的目的?"


def test_stray_marks_go_and_questions_stay():
    want = "一、培训的地位\n思路清楚.\n职能是:\n质量优先。\n客户的需求在哪里?\n二、培训的目的"
    assert apply_edits(PASSAGE, propose_stray_questions(PASSAGE)).text == want


def test_without_a_passage_doubtful_marks_stay():
    text = "制度落实？\n人员到位？\n记录完整？"
    assert apply_edits(text, propose_stray_questions(text)).text == text


def test_far_from_the_passage_doubtful_marks_stay():
    text = PASSAGE + "\n正文。" * 30 + "\n记录完整？"
    assert apply_edits(text, propose_stray_questions(text)).text.endswith("记录完整？")
