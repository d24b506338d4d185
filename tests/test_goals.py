"""Goals: which clauses of a plan they are, what they are about, and that any text and any taxonomy will do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import bench_goals
from pipeline.analysis.clauses import read_clauses
from pipeline.analysis.examples import choose, sure_cases
from pipeline.analysis.goal_types import SHIPPED, model_for, shipped_model
from pipeline.analysis.goals import Goal, find_goals
from pipeline.analysis.linear import fit, load_linear
from pipeline.analysis.targets import find_targets
from pipeline.errors import LexiconError
from pipeline.lexicons.goals import GoalType, Taxonomy, load_taxonomy

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "analysis"
PLANS = [json.loads(line) for line in (CASES / "plans.jsonl").read_text(encoding="utf-8").splitlines()]
SENTENCES = [json.loads(line) for line in (CASES / "goals.jsonl").read_text(encoding="utf-8").splitlines()]
NURSING = Taxonomy(
    (
        GoalType("ward", "病房", ("查房", "床位", "病房"), ("患者",)),
        GoalType("drugs", "用药", ("用药", "发药", "药品"), ()),
        GoalType("teaching", "带教", ("带教", "实习", "教学"), ("学习",)),
    )
)
PIECES = st.sampled_from(
    ["一、", "（一）", "1、", "①", "第八条", "加强", "完成", "存款", "培训", "客户", "服务质量", "要", "将", "去年", "因为", "是", "，", "。", "；", "：", "\n",
     "3万户", "95%以上", "每周一次", "目标", "的", "在", "下", "篇一", "😀", "\udc80", "  ", "<script>", "20%", "80%"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=50).map("".join))


def goals(text: str) -> list[Goal]:
    return find_goals(text, shipped_model())


@pytest.mark.parametrize("case", [pytest.param(row, id=row["id"]) for row in SENTENCES])
def test_sentences(case: dict[str, Any]):
    found = [[goal.quote, goal.goal_type, goal.status, goal.value] for goal in goals(case["text"])]
    assert found == case["goals"], case["why"]


@pytest.mark.parametrize("plan", [pytest.param(row, id=row["id"]) for row in PLANS])
def test_plans_of_other_professions(plan: dict[str, Any]):
    found = goals(plan["text"])
    pairs = bench_goals.matches(plan["goals"], found)
    assert len(pairs) >= 0.9 * len(found)
    assert len(pairs) >= 0.8 * len(plan["goals"])
    assert sum(goal.goal_type == one["goal_type"] for one, goal in pairs) >= 0.8 * len(pairs)
    assert sum(goal.status == one["status"] for one, goal in pairs) >= 0.95 * len(pairs)


def test_a_goal_with_two_figures_is_two_rows_that_part_its_clause():
    first, second = goals("举办邻里文化节2次、健康讲座6场。")
    assert (first.quote, second.quote) == ("举办邻里文化节2次", "健康讲座6场")


def test_a_figure_takes_its_label_along():
    (goal,) = goals("一、内容\n培训时间：2天，\n二、其他")
    assert (goal.quote, goal.goal_type, goal.value) == ("培训时间：2天", "training", "2")


def test_a_figure_without_a_cue_goes_on_with_the_one_before():
    assert [goal.goal_type for goal in goals("办理承兑汇票贴现5笔，金额300万元。")] == ["loan", "loan"]


@given(TEXTS)
def test_any_text_gives_goals_inside_it(text: str):
    found = goals(text)
    assert found == goals(text)
    types = set(load_taxonomy().ids)
    for goal in found:
        assert goal.quote == text[goal.start : goal.end] != ""
        assert goal.goal_type in types
        assert 0 <= goal.confidence <= 1
        assert goal.status in {"planned", "achieved"}
        assert (goal.value == "") == (goal.comparator == goal.unit == "" and goal.value_base is None) or goal.value
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    assert [goal.value for goal in found if goal.value] == [target.value for target in find_targets(text)]


@given(TEXTS)
def test_clauses_tile_in_order(text: str):
    reading = read_clauses(text)
    assert [reading.at(clause.start) for clause in reading.clauses] == list(range(len(reading.clauses)))
    assert all(a.end <= b.start for a, b in zip(reading.clauses, reading.clauses[1:], strict=False))


@pytest.mark.parametrize("text", ["", "\n\n", "。", "计划", "，，，", "1、\n2、\n", "第八条"])
def test_plans_of_nothing(text: str):
    assert goals(text) == []


def test_the_seed_of_hashing_makes_no_difference():
    program = (
        "import json, sys; from pipeline.analysis.goals import find_goals; from pipeline.analysis.goal_types import *\n"
        "from tests.test_goals import NURSING, PLANS\n"
        "texts = [plan['text'] for plan in PLANS]\n"
        "models = [shipped_model(), model_for(NURSING, texts)]\n"
        "print(json.dumps([find_goals(text, model) for text in texts for model in models]))"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "7")
    }
    assert len(outs) == 1


def test_a_taxonomy_of_another_profession_types_by_its_own_cues():
    model = model_for(NURSING, [plan["text"] for plan in PLANS])
    text = "一、要求\n每日查房两次。\n加强用药管理。\n做好带教工作。"
    assert [goal.goal_type for goal in find_goals(text, model)] == ["ward", "drugs", "teaching"]


def test_what_a_model_learns_does_not_hang_on_order_or_copies():
    texts = [plan["text"] for plan in PLANS]
    one, two = (choose(sure_cases(given, load_taxonomy())) for given in (texts, [*reversed(texts), *texts]))
    assert one == two != []


def test_a_linear_model_survives_writing(tmp_path: Path):
    model = fit([("加强查房", "a"), ("病房床位", "a"), ("发药用药", "b"), ("药品管理", "b")], ("a", "b"))
    path = tmp_path / "model.json"
    path.write_bytes(model.dump())
    again = load_linear(path)
    assert again.scores("药品用药") == model.scores("药品用药")
    low, high = again.scores("药品用药")
    assert low < high


def test_one_class_alone_teaches_nothing():
    assert fit([("查房", "a")], ("a", "b")).scores("查房") == [0.0, 0.0]


def test_a_damaged_model_is_refused(tmp_path: Path):
    path = tmp_path / "model.json"
    path.write_bytes(SHIPPED.read_bytes()[:100])
    with pytest.raises(LexiconError, match="train_goal_types"):
        load_linear(path)


def test_the_shipped_model_is_of_the_shipped_taxonomy():
    assert load_linear(SHIPPED).classes == load_taxonomy().ids
