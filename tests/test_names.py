"""Names of a plan: which lines are headings, what a heading is about, what goes on five tabs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.candidates import LONGEST_NAME, Candidate, mask, pair
from pipeline.analysis.headings import headings
from pipeline.analysis.theme_model import NAMES
from pipeline.analysis.themes import Plan, find_themes
from pipeline.analysis.topics import LONGEST_TOPIC, topics
from tests.mini_plans import MINI_PLANS

ABOUT = {
    "狠抓护理质量，确保病人安全": ["护理质量", "病人安全"],
    "抓好护士培训与考核": ["护士培训", "考核"],
    "落实健康教育": ["健康教育"],
    "关爱女职工": ["女职工"],
    "提高报修效率": ["报修效率"],
    "做好收费工作": ["收费"],
    "提高教师的全体素质": ["教师", "素质"],
    "完善自主管理的制度": ["自主管理制度"],
    "以病人为中心，改进门诊服务": ["门诊服务"],
    "评价方式": ["评价方式"],
    "家校配合": ["家校配合"],
    "开拓药品市场（主动型）": ["药品市场"],
    "班级基本情况": [],
    "突出重点": [],
    "今年": [],
    "": [],
}


@pytest.mark.parametrize("heading", ABOUT)
def test_what_a_heading_is_about(heading: str):
    assert ["".join(topic) for topic in topics(heading)] == ABOUT[heading]


@given(st.text(alphabet="抓好护士培训与的考核工作一二x，（）方面 a", max_size=30) | st.text(max_size=30))
@settings(deadline=None)
def test_topics_fit_on_a_tab(heading: str):
    for topic in topics(heading):
        assert 2 <= len("".join(topic)) <= LONGEST_TOPIC


HEADINGS = {
    "标题\n一、护理质量\n每周抽查一次护理文书。\n二、培训\n每月一课。": [(1, "护理质量"), (1, "培训")],
    "标题\n一、教学\n（一）备课\n略。\n（二）听课\n略。\n二、活动\n略。": [
        (1, "教学"),
        (2, "备课"),
        (2, "听课"),
        (1, "活动"),
    ],
    "标题\n1.防跌倒。对老年病人做风险评估，床头挂牌。": [(1, "防跌倒")],
    "标题\n【出品】\n每月推出两道新菜。": [(1, "出品")],
    "标题\n薪酬方面，做一次调查。其次，在培训方面，每月一课。": [(1, "薪酬"), (1, "培训")],
    "标题\n党建是根本。各支部按时开展主题党日，书记带头讲党课，党费按月收缴。": [(1, "党建是根本")],
    "标题\n1、组织学生参观科技馆，撰写参观日记，评出优秀作品。": [(1, "")],
    "标题\n1、本计划自发布之日起施行。": [(1, "")],
    "标题\n第三条 每月抽查五十份病历，结果公示。": [(1, "")],
    "标题\n没有标题的一段话，写得很长，说了很多事情。": [],
    "一、教学\n略。": [(1, "教学")],
    "": [],
}


@pytest.mark.parametrize("text", HEADINGS)
def test_headings(text: str):
    assert [(one.depth, one.text) for one in headings(text)] == HEADINGS[text]


@given(
    st.lists(
        st.sampled_from(["一、质量\n", "（1）检查\n", "1.安全。查一次。\n", "话。\n", "【总】\n", "\x00", "\n"])
    ).map("".join)
)
def test_blocks_lie_in_the_text_and_inside_one_another(text: str):
    found = headings(text)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        for two in found:
            assert not one.start < two.start < one.end < two.end


def candidate(text: str, at: int = 0) -> Candidate:
    return Candidate(text, frozenset({text}), frozenset({text}), 1.0, mask(at, at + 1, 10), at)


def test_two_names_on_one_tab_stand_in_the_order_of_the_plan():
    both = pair(candidate("听课", 5), candidate("备课", 2))
    assert both is not None
    assert both.text == "备课与听课"
    assert pair(both, candidate("家访", 7)) is None
    assert pair(candidate("护理"), candidate("护理质量")) is None
    assert pair(candidate("安全教育培训"), candidate("应急演练")) is None


PLAN = """小学后勤工作计划
一、食堂卫生
食堂卫生每天检查，餐具消毒，食品留样。
二、校园绿化
校园绿化请专人修剪，草坪定期浇水。
三、水电维修
水电维修当天完成，节约用水用电。
四、校车安全
校车安全每月检查，司机签订责任书。
五、采购管理
采购管理公开招标，货比三家。
六、宿舍管理
宿舍管理每晚查寝，按时熄灯。
七、图书借阅
图书借阅每周开放三天。"""


def test_each_large_part_of_a_plan_is_named():
    (names,) = find_themes([Plan("d", 1, "小学后勤工作计划", PLAN)]).names
    parts = {part for name in names for part in name.split("与")}
    assert len({"食堂卫生", "校园绿化", "水电维修", "校车安全", "采购管理", "宿舍管理", "图书借阅"} & parts) >= 5


@pytest.mark.parametrize("profession", MINI_PLANS)
def test_names_are_few_short_and_different(profession: str):
    text = MINI_PLANS[profession]
    title = text.partition("\n")[0]
    (names,) = find_themes([Plan("d", 1, title, text)]).names
    assert len(names) <= NAMES
    assert all(2 <= len(name) <= LONGEST_NAME for name in names)
    assert not any(name in title for name in names)
    assert not any(one != two and one in two for one in names for two in names)
