"""Plans in every heading style, and outlines."""

from __future__ import annotations

import pytest

import pipeline

BODY = "为了做好今年的工作，现将有关安排说明如下，请大家认真执行。\n"


def titles(text: str) -> list[str]:
    return [section.title for section in pipeline.clean(text).sections]


@pytest.mark.parametrize(
    "headings",
    [
        ["护士工作计划 篇一", "护士工作计划 篇二", "护士工作计划 篇三"],
        ["篇一：护士年度工作计划", "篇二：护士长工作计划", "篇三：护理部工作计划"],
        ["第1篇：护士年度工作计划", "第2篇：护士长工作计划", "第3篇：护理部工作计划"],
        ["【篇一】护士年度工作计划", "【篇二】护士长工作计划", "【篇三】护理部工作计划"],
        ["护士工作计划范文（一）", "护士工作计划范文（二）", "护士工作计划范文（三）"],
        ["护士工作计划1", "护士工作计划2", "护士工作计划3"],
        ["护士工作计划【一】", "护士工作计划【二】", "护士工作计划【三】"],
        ["护士年度工作计划", "护士年度工作计划", "护士年度工作计划"],
    ],
    ids=lambda headings: headings[1],
)
def test_every_heading_style(headings: list[str]):
    text = "护士工作计划三篇\n" + "".join(f"{heading}\n{BODY * 3}" for heading in headings)
    assert titles(text) == headings


def test_inner_parts_and_appendices_are_no_plans():
    inner = f"篇一：\n{BODY}篇二：\n{BODY}【附加篇】\n一、目标\n{BODY}"
    text = f"教师工作计划 篇一\n{BODY}教师工作计划 篇二\n{inner}教师工作计划 篇三\n{BODY}证券公司工作计划【二】\n{BODY}"
    document = pipeline.clean(text)
    assert [section.title for section in document.sections] == [
        "教师工作计划 篇一",
        "教师工作计划 篇二",
        "教师工作计划 篇三",
    ]
    inside = [(unit.level, unit.label) for unit in document.units if unit.section == 2]
    assert inside == [(0, ""), (1, "篇一："), (1, "篇二："), (1, "【附加篇】"), (2, "一、")]


def test_the_announced_number_is_a_cross_check():
    text = f"教师工作计划四篇\n教师工作计划 篇一\n{BODY}教师工作计划 篇二\n{BODY}教师工作计划 篇四\n{BODY}"
    notes = pipeline.clean(text).notes
    assert any("announces 4 plans, 3 found" in note for note in notes)
    assert any("2→4" in note for note in notes)


def test_one_announced_plan_may_have_any_number():
    text = f"护士工作计划（1篇）\n{BODY}第5篇：护士工作计划\n{BODY}"
    assert titles(text) == ["护士工作计划（1篇）"]
    assert titles(text.replace("第5篇", "第1篇")) == ["第1篇：护士工作计划"]


def test_a_document_without_headings_is_one_plan():
    document = pipeline.clean(f"护士工作计划\n{BODY}一、目标\n（一）质量\n1、检查\n{BODY}二、措施\n{BODY}")
    (section,) = document.sections
    assert (section.start, section.raw_start, section.raw_end) == (0, 0, len(document.source_text))
    assert [(unit.level, unit.label) for unit in document.units] == [
        (0, ""),
        (1, "一、"),
        (2, "（一）"),
        (3, "1、"),
        (1, "二、"),
    ]


def test_an_empty_text_has_no_plan():
    assert pipeline.clean("\n\n").sections == []


def test_units_lie_inside_their_parents():
    document = pipeline.clean(
        f"教师工作计划 篇一\n一、目标\n{BODY}1、质量\n{BODY}2、安全\n{BODY}二、措施\n{BODY}教师工作计划 篇二\n{BODY}"
    )
    by_number = {unit.unit: unit for unit in document.units}
    for unit in document.units:
        if unit.parent:
            parent = by_number[unit.parent]
            assert parent.start <= unit.start <= unit.end <= parent.end
            assert unit.level == parent.level + 1
