"""Quality: scores that say why, faults of structure that a reader would name, and none where nothing is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.quality import WEIGHTS, Quality, assess, count_masks, quality_rows
from pipeline.analysis.structure import examine
from pipeline.model import KINDS, Document
from pipeline.stages import split

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.analysis.structure import Structure

LINE = "新学期里，教研组每周组织一次集体备课，每月开展一次公开课。"
counts = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 500))
texts = st.one_of(st.text(max_size=300), st.text("一二三、（）①1.。，\n以下点方面xX年某首先是第", max_size=300))


def faults(body: str) -> Structure:
    """Return the faults of a plan that has this text under its heading."""
    document = Document("d", "d.txt", f"教研组工作计划\n{body}")
    split.run(document)
    (section,) = document.sections
    text = document.text[section.start : section.end]
    return examine(text, document.units, section.start)


def lines(*labels: str) -> str:
    return "\n".join(label + LINE for label in labels)


@given(texts, counts, counts, st.floats(0, 1))
def test_every_score_lies_between_0_and_1(text: str, applied: dict[str, int], suggested: dict[str, int], copied: float):
    found = assess(text, (), applied, suggested, copied=copied)
    assert all(0 <= score <= 1 for score in found[:6])
    assert found.quality <= sum(WEIGHTS[name] * getattr(found, name) for name in WEIGHTS) + 1e-4
    assert all(rate >= 0 for rate in found.per_thousand.values())


@given(texts, counts, st.sampled_from(KINDS))
def test_more_damage_is_never_better(text: str, applied: dict[str, int], kind: str):
    worse = applied | {kind: applied.get(kind, 0) + 1}
    assert assess(text, (), worse).quality <= assess(text, (), applied).quality
    assert assess(text, (), {}, worse).quality <= assess(text, (), {}, applied).quality


def test_a_flawless_plan():
    found = assess(f"教研组工作计划\n{lines('一、', '二、')}")
    assert found[:6] == (1.0,) * 6
    assert found.faults.faults == ()


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_plan_without_text_has_no_quality(text: str):
    assert assess(text).quality == 0


def test_each_cause_lowers_its_own_score():
    text = LINE * 10

    def lowered(found: Quality) -> set[str]:
        return {name for name in WEIGHTS if getattr(found, name) < 1}

    assert lowered(assess(text, (), {"typo": 3})) == {"damage"}
    assert lowered(assess(text, (), {}, {"synonym": 2})) == {"unresolved"}
    assert lowered(assess(text + "xxx公司。")) == {"masks"}
    assert lowered(assess(text, copied=0.4)) == {"copied"}
    assert lowered(assess(text + "并且，我们")) == {"structure"}
    # A flagged mask counts with the masks of the text, not with what is unresolved.
    assert lowered(assess(text, (), {}, {"mask": 2})) == set()


def test_layout_weighs_less_than_wrong_words():
    text = LINE * 10
    assert assess(text, (), {"punctuation": 5}).damage > assess(text, (), {"typo": 5}).damage
    assert assess(text, (), {"typo": 5}).per_thousand["typo"] == round(5000 / len(text), 4)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("xxx公司和××银行的某某同志", 3),
        ("20xx年x月x日", 3),
        ("20××年×月", 2),
        ("x年的工作", 1),
        ("3×4=12，Excel，X光，max", 0),
    ],
)
def test_masks_are_counted(text: str, count: int):
    assert count_masks(text) == count


@pytest.mark.parametrize(
    ("body", "gaps"),
    [
        (lines("一、", "二、", "三、"), []),
        (lines("一、", "三、"), ["jumps from 一、 to 三、"]),
        (lines("一、", "二、", "二、"), ["repeats 二、"]),
        (lines("一、", "二、", "五、", "四、"), ["jumps from 二、 to 五、", "falls from 五、 to 四、"]),
        (lines("二、", "三、"), ["starts at 二、"]),
        (lines("一、", "（一）", "（二）", "二、", "（一）", "（二）"), []),
        (lines("一、", "（一）", "（三）", "二、", "（一）"), ["jumps from （一） to （三）"]),
        (lines("一、", "1、", "2、", "二、", "3、"), []),
        (lines("第一章", "第一条", "第二条", "第二章", "第三条"), []),
        (lines("第一章", "第一条", "第二条", "第二章", "第四条"), ["starts at 第四条"]),
        (lines("1、", "①", "②", "③", "2、"), []),
        (lines("①", "③"), ["jumps from ① to ③"]),
        (lines("九、", "十、"), ["starts at 九、"]),
        (lines("一、", "1、", "2、", "1、", "2、", "3、", "二、"), []),
        (LINE, []),
    ],
)
def test_gaps_in_the_numbering(body: str, gaps: list[str]):
    assert list(faults(body).gaps) == [f"numbering {gap}" for gap in gaps]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"本学期要做好以下三点工作：\n{lines('一、', '二、', '三、')}", None),
        (f"本学期要做好以下三点工作：\n{lines('一、', '二、')}", "2 of 3"),
        (f"主要抓好以下3个方面：\n{lines('1、', '2、')}", "2 of 3"),
        (f"主要抓好以下两个方面：\n{lines('（1）', '（2）')}", None),
        (f"主要抓好以下几个方面：\n{lines('一、')}", None),
        ("要求如下四点：一是备课，二是上课，三是批改，四是辅导。", None),
        ("要求如下四点：一是备课，二是上课，三是批改。", "3 of 4"),
        ("要注意以下三个方面：首先，备好课。其次，上好课。最后，批改好作业。", None),
        ("要注意以下三个方面。", "0 of 3"),
        (f"要注意以下三个方面。\n{LINE}\n{LINE}\n{LINE}", None),
        ("分为三个阶段：（1）准备；（2）实施；（3）总结。", None),
        ("全校以下80个班级都参加。", None),
        ("气温在零度以下三天了。", None),
    ],
)
def test_parts_that_are_announced(body: str, found: str | None):
    missing = faults(body).missing
    assert [found in fault for fault in missing] == ([True] if found else [])


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        (LINE, False),
        (f"{LINE}\n争取在有限的时间内，", True),
        (f"{LINE}\n合理安排更多时间，争取在有限的时间内解决", True),
        (f"{LINE}\n具体安排如下：", True),
        (f"{LINE}\n教务处\n二〇二四年三月一日", False),
        (f"{LINE}\n2024年3月1日", False),
        (f"{LINE}\n20xx年x月", False),
        (f"{LINE}\n此致\n敬礼！", False),
        (f"{LINE}\n（附：课程表）", False),
        ("教学能力\n课堂管理\n作业批改", False),
        ("1、加强学习，提高素质\n2、团结同事，共同进步", False),
        ("", False),
    ],
)
def test_an_end_that_is_cut_off(body: str, cut: bool):  # noqa: FBT001
    assert bool(faults(body).cut_off) is cut


@given(texts)
def test_any_text_has_a_structure(text: str):
    found = faults(text)
    assert all(isinstance(fault, str) and fault for fault in found.faults)


def test_rows_of_the_table():
    plans = [assess(LINE), assess(f"{LINE}\n以下三点：\n一、好；\n三、合理安排，", (), {"typo": 1}, copied=0.25)]
    table = quality_rows([("甲", 1, plans[0]), ("乙", 2, plans[1])])
    assert table["doc_id"] == ["甲", "乙"]
    assert table["section"] == [1, 2]
    assert table["quality"] == [1.0, plans[1].quality]
    assert table["copied_share"] == [0.0, 0.25]
    assert table["copied_score"] == [1.0, 0.75]
    assert table["faults"][0] == ""
    assert str(table["faults"][1]).count(";") == len(plans[1].faults.faults) - 1 > 0
    assert {len(column) for column in table.values()} == {2}
    assert all(f"{kind}_per_1000" in table for kind in KINDS)
    assert set(map(len, quality_rows([]).values())) == {0}


def by_plan(text: str) -> list[Structure]:
    """Return the faults of each plan of a compilation."""
    document = Document("d", "d.txt", text)
    split.run(document)
    return [
        examine(
            text[section.start : section.end],
            [unit for unit in document.units if unit.section == section.number],
            section.start,
        )
        for section in document.sections
    ]


def test_the_samples_are_nearly_without_faults(golden: dict[str, str]):
    found = [fault for text in golden.values() for plan in by_plan(text) for fault in plan.faults]
    assert found == ["numbering repeats 3、"]  # a list there goes on after its closing words


def test_faults_of_the_real_document(shared: Path):
    (path,) = (shared / "raw").glob("*.txt")
    first, second, third, fourth, fifth, *_ = by_plan(path.read_text(encoding="utf-8"))
    assert not first.faults + second.faults
    assert third.cut_off
    assert any("二、" in gap for gap in fourth.gaps)  # 二、培训的目的, 二、培训的原则
    assert any("以下6个方面" in fault for fault in fifth.missing)
