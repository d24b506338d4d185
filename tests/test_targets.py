"""Targets: which figures say how much is planned or was reached, and what is read from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.periods import Periods, find_rate
from pipeline.analysis.targets import Target, find_targets

CASES = Path(__file__).parent / "cases" / "analysis" / "targets.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
PIECES = st.sampled_from(
    [*"一二三十百千万亿两几半多余0123456789.,%％‰年月日天周次户人名元个第：，。；、（）\n", "达到", "不低于", "以上", "百分之", "分之",
     "每周", "人均", "完成", "同比增长", "由", "提高到", "要", "去年", "xx", "\udc80", "😀", "一半", "1,000.50"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))


@pytest.mark.parametrize("case", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_cases(case: dict[str, Any]):
    found = find_targets(case["text"])
    assert [{name: getattr(one, name) for name in row} for one, row in zip(found, case["targets"], strict=False)] == [
        {name: pytest.approx(value) if isinstance(value, float) else value for name, value in row.items()}
        for row in case["targets"]
    ]
    assert len(found) == len(case["targets"])


def one(text: str) -> Target:
    (target,) = find_targets(text)
    return target


@pytest.mark.parametrize(
    ("text", "metric", "comparator"),
    [
        ("我完成新增存款任务2415万元。", "新增存款任务", ""),
        ("病人满意度达到98%以上。", "病人满意度", "达到以上"),
        ("将班级分成6个小组。", "班级", ""),
        ("大概还需要新增2名人员。", "人员", "新增"),
        ("其中华东区不低于60万元。", "华东区", "不低于"),
        ("销售额同比增长20%。", "销售额", "同比增长"),
        ("用户数将近3万户，要维护好。", "用户数", "将近"),
    ],
)
def test_metric_and_comparator(text: str, metric: str, comparator: str):
    assert (one(text).metric, one(text).comparator) == (metric, comparator)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024年下半年完成存款任务500万元。", "2024年下半年"),
        ("今年的计划如下。\n完成存款任务500万元。", "今年"),
        ("去年成绩一般。\n完成存款任务500万元。", ""),
        ("去年成绩一般。\n去年完成存款任务500万元。", "去年"),
        ("每周召开例会一次。", "每周"),
        ("完成存款任务500万元。", ""),
    ],
)
def test_period(text: str, period: str):
    assert one(text).period == period


def test_a_target_spans_figure_and_comparators():
    text = "力争合格率达到 95% 以上，不退步。"
    target = one(text)
    assert text[target.start : target.end] == "达到 95% 以上"


def test_a_saying_spoils_only_its_own_sentence():
    assert [t.value for t in find_targets("20%的客户带来80%的利润。要完成80%的任务。")] == ["80"]


@pytest.mark.parametrize(
    ("left", "per", "per_year"),
    [
        ("每周", "周", 52),
        ("每两周开会", "2周", 26),
        ("每半年", "半年", 2),
        ("每个月检查", "月", 12),
        ("每十五天", "15天", 365 / 15),
        ("每人", "人", 0),
    ],
)
def test_rates(left: str, per: str, per_year: float):
    rate = find_rate(left, occasion=True)
    assert rate is not None
    assert (rate.per, rate.per_year) == (per, pytest.approx(per_year))


def test_a_weekday_is_no_rate():
    assert find_rate("每周一召开例会", occasion=True) is None
    assert find_rate("十一月", occasion=True) is None


def test_periods_of_an_empty_text():
    assert Periods("").of(0, 0, 0, planned=True) == ""


@given(TEXTS)
def test_any_text_gives_targets_inside_it(text: str):
    found = find_targets(text)
    assert found == find_targets(text)
    for target in found:
        assert 0 <= target.start < target.end <= len(text)
        assert target.value
        assert target.status in {"planned", "achieved"}
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
