"""Themes: what must hold for any texts, and what a reader would write on the tab of a plan."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis import factors
from pipeline.analysis.labels import Weights, label_themes, sentences_of
from pipeline.analysis.themes import Plan, Themes, describe, find_themes, learn
from pipeline.analysis.vocabulary import Vocabulary
from tests.mini_plans import MINI_PLANS

PLANS = [Plan(name, 1, text.partition("\n")[0], text) for name, text in MINI_PLANS.items()]
PIECES = [
    "客户维护",
    "安全检查",
    "工作",
    "。",
    "\n",
    "一、",
    "x",
    "\udc80",
    " ",
    "教学质量分析会",
    "12",
    "【附加篇】",
    "\x00",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)


def as_plans(texts: list[str]) -> list[Plan]:
    return [Plan(f"d{at}", 1, text.partition("\n")[0], text) for at, text in enumerate(texts)]


def check(themes: Themes, plans: list[Plan]):
    assert themes.weights.shape == (len(plans), len(themes.themes))
    assert len(themes.names) == len(plans)
    sums = themes.weights.sum(axis=1)
    assert np.all(np.isclose(sums, 1) | (sums == 0))
    by_key = {plan[:2]: plan for plan in plans}
    for number, theme in enumerate(themes.themes, 1):
        assert theme.theme_id == number
        assert theme.label
        assert theme.terms
        assert 1 <= theme.n_documents <= theme.n_sections <= len(plans)
        for sentence in theme.sentences:
            assert by_key[sentence[:2]].text[sentence.start : sentence.end] == sentence.text


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=15, deadline=None)
def test_any_texts_give_a_sound_result(texts: list[str]):
    plans = as_plans(texts)
    check(find_themes(plans), plans)


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["。！？\n……"], ["安全"], ["安全", "安全"], [next(iter(MINI_PLANS.values()))] * 3],
    ids=["none", "empty", "marks", "one word", "two of one word", "all identical"],
)
def test_small_corpora(texts: list[str]):
    plans = as_plans(texts)
    check(find_themes(plans), plans)


def test_five_plans_of_different_professions_have_themes_and_names():
    found = find_themes(PLANS)
    check(found, PLANS)
    assert found.themes
    assert all(3 <= len(names) <= 5 for names in found.names)


READER = {
    "医院护理": "护理质量 护理安全 病人安全 健康教育 护士培训 考核 操作考核 消毒隔离 院内感染 控制院内感染 进修学习",
    "学校教研": "集体备课 听课评课 作业批改 作业 质量监测 质量分析 阅读习惯 课外阅读 校本教研 课堂教学",
    "社区": "养老服务 困难救助 垃圾分类 环境整治 矛盾纠纷 化解矛盾纠纷 居民文化 老旧小区 低保对象",
    "销售": "老客户维护 新客户开发 经销商管理 货款回收 团队培训 产品知识 销售目标",
    "工会": "职工合法权益 工资协商 困难职工 帮扶困难职工 劳动竞赛 技能比武 职工文化 女职工",
    "安全生产": "安全责任制 隐患排查 隐患排查治理 安全教育培训 应急演练 消防演练 职业健康 特种作业",
}
"""What a reader of each plan would accept on its tab, alone or two together."""


@pytest.mark.parametrize("profession", MINI_PLANS)
def test_names_are_what_a_reader_would_say(profession: str):
    accepted = set(READER[profession].split())
    at = list(MINI_PLANS).index(profession)
    for names in (find_themes(PLANS).names[at], find_themes([PLANS[at]]).names[0]):
        assert sum(accepted.issuperset(name.split("与")) for name in names) >= 4


def test_the_order_of_the_plans_does_not_matter():
    one, two = find_themes(PLANS), find_themes(PLANS[::-1])
    assert one.themes == two.themes
    assert np.array_equal(one.weights, two.weights[::-1])
    assert one.names == two.names[::-1]


def test_a_copy_that_does_not_count_changes_nothing_but_gets_weights_and_names():
    copies = [plan._replace(doc_id=f"copy {plan.doc_id}") for plan in PLANS[:2]]
    plain = find_themes(PLANS)
    copied = find_themes([*PLANS, *copies], [True] * len(PLANS) + [False] * 2)
    assert copied.themes == plain.themes
    assert np.array_equal(copied.weights[: len(PLANS)], plain.weights)
    assert np.array_equal(copied.weights[len(PLANS) :], plain.weights[:2])
    assert copied.names[len(PLANS) :] == plain.names[:2]


def test_no_plan_counts():
    found = find_themes(PLANS, [False] * len(PLANS))
    assert found.themes == ()
    assert found.weights.shape == (len(PLANS), 0)


def test_shards_give_what_the_whole_gives():
    texts = [plan.text for plan in PLANS]
    model = learn(sorted(texts))
    weights, names = describe(texts, model)
    parts = [describe([text], model) for text in texts]
    assert np.array_equal(weights, np.concatenate([part for part, _ in parts]))
    assert names == [name for _, one in parts for name in one]


def test_a_row_does_not_depend_on_its_neighbours(monkeypatch: pytest.MonkeyPatch):
    plain = find_themes(PLANS)
    monkeypatch.setattr("pipeline.analysis.theme_model.SHARD", 2)
    cut = find_themes(PLANS[::-1])
    assert np.array_equal(plain.weights, cut.weights[::-1])
    assert plain.themes == cut.themes


SCRIPT = """
import json
from pipeline.analysis.themes import find_themes
from tests.test_themes import PLANS
found = find_themes(PLANS)
print(json.dumps([found.themes, found.names, found.weights.tolist()], default=lambda theme: [str(getattr(theme, name)) for name in theme.__slots__]))
"""


def test_the_order_of_hashing_does_not_matter():
    def output(seed: str) -> object:
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, capture_output=True)
        return json.loads(done.stdout)

    assert output("1") == output("2")


def test_planted_themes_are_found_again():
    groups = [
        ["客户拜访", "客户投诉", "老客户", "回访", "货款", "合同"],
        ["护理质量", "消毒隔离", "压疮", "病房管理", "急救药品", "带教"],
        ["集体备课", "课堂教学", "作业批改", "家长会", "德育", "班会"],
    ]
    draw = np.random.default_rng(1)
    texts, truth = [], []
    for at in range(60):
        truth.append(at % 3)
        texts.append("。".join(draw.choice(groups[at % 3], 12)))
    found = find_themes(as_plans(texts))
    strongest = found.weights.argmax(axis=1)
    for theme in range(len(found.themes)):
        assert len({truth[at] for at in np.flatnonzero(strongest == theme)}) <= 1
    assert len(found.themes) >= 3


def test_agreement_of_factors_is_the_best_matching():
    one = [frozenset({1, 2}), frozenset({3, 4})]
    assert factors.agreement(one, one[::-1]) == 1
    assert factors.agreement(one, [frozenset({1, 5}), frozenset({6})]) == pytest.approx(1 / 6)


def test_sentences_are_quotable():
    text = "一、目标。\n 全年走访客户一百二十户，建立档案。好；" + "长" * 130 + "。"
    assert [text[start:end] for start, end in sentences_of(text)] == ["全年走访客户一百二十户，建立档案。"]


def test_a_name_is_counted_down_for_a_word_named_before_but_not_for_a_weak_one():
    vocabulary = Vocabulary({"护理制度": ("护理", "制度"), "查房制度": ("查房", "制度")}, ["护理", "制度", "查房"])
    one, two = vocabulary.column["护理制度"], vocabulary.column["查房制度"]
    assert not vocabulary.said_by(one) & vocabulary.said_by(two)
    assert vocabulary.column["护理"] in vocabulary.said_by(one)


def test_a_label_is_what_the_plans_of_a_theme_share():
    vocabulary = Vocabulary(
        {"图书管理员": ("图书", "管理员"), "读书活动": ("读书", "活动")}, ["图书", "管理员", "读书"]
    )
    factors_, support = np.ones((1, len(vocabulary))), np.full((1, len(vocabulary)), 0.1)
    weights = Weights(np.ones(len(vocabulary)), np.ones(len(vocabulary)))
    support[0, vocabulary.column["图书"]] = 0.9
    assert label_themes(factors_, support, vocabulary, weights) == ["图书"]
    support[0, vocabulary.column["读书活动"]] = 0.6
    assert label_themes(factors_, support, vocabulary, weights) == ["读书活动"]


def test_factors_that_lead_with_the_same_terms_are_one():
    one = np.zeros((3, 30))
    one[0, :10], one[1, 3:13], one[2, 15:25] = 1.0, 0.5, 1.0
    merged = factors.merged(one)
    assert merged.shape == (2, 30)
    assert np.array_equal(merged[0], one[0] + one[1])
    assert factors.merged(one[:0]).shape == (0, 30)
