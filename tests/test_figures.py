"""Figures: numbers of every writing, with their unit, and in a base unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.figures import find_figures


@pytest.mark.parametrize(
    ("text", "value", "unit", "amount", "base"),
    [
        ("2415万元", "2415", "万元", 24_150_000, "yuan"),
        ("241.5%", "241.5", "%", 2.415, "ratio"),
        ("３％", "3", "%", 0.03, "ratio"),
        ("0.5‰", "0.5", "‰", 0.0005, "ratio"),
        ("1,000.50元", "1000.50", "元", 1000.5, "yuan"),
        ("12,345,678元", "12345678", "元", 12_345_678, "yuan"),
        ("7万", "7", "万", 70_000, ""),
        ("4.3万户", "4.3", "万户", 43_000, "households"),
        ("3万用户", "3", "万户", 30_000, "households"),
        ("一百零五万三元", "105.3", "万元", 1_053_000, "yuan"),
        ("一百零五万三千元", "105.3", "万元", 1_053_000, "yuan"),
        ("两千三百万元", "2300", "万元", 23_000_000, "yuan"),
        ("三千二百户", "3200", "户", 3200, "households"),
        ("两百名", "200", "名", 200, "persons"),
        ("百分之九十五", "95", "%", 0.95, "ratio"),
        ("百分之九十五点五", "95.5", "%", 0.955, "ratio"),
        ("百分之百", "100", "%", 1, "ratio"),
        ("百分之五到百分之十", "5-10", "%", 0.075, "ratio"),
        ("三分之二", "2/3", "", 2 / 3, "ratio"),
        ("2/3以上", "2/3", "", 2 / 3, "ratio"),
        ("一半", "1/2", "", 0.5, "ratio"),
        ("八成", "8", "成", 0.8, "ratio"),
        ("5%-10%", "5-10", "%", 0.075, "ratio"),
        ("3至5名", "3-5", "名", 4, "persons"),
        ("50万-100万元", "50-100", "万元", 750_000, "yuan"),
        ("一到两次", "1-2", "次", 1.5, "times"),
        ("四五个", "4-5", "个", 4.5, "items"),
        ("两三千户", "2000-3000", "户", 2500, "households"),
        ("十二三人", "12-13", "人", 12.5, "persons"),
        ("1.5亿元", "1.5", "亿元", 150_000_000, "yuan"),
        ("百万元", "100", "万元", 1_000_000, "yuan"),
        ("2个百分点", "2", "个百分点", 0.02, "ratio"),
        ("90分钟", "90", "分钟", 1.5, "hours"),
        ("3个月", "3", "个月", 91.3125, "days"),
    ],
)
def test_one_figure(text: str, value: str, unit: str, amount: float, base: str):
    (figure,) = find_figures(f"约{text}，")
    assert (figure.value, figure.unit, figure.base) == (value, unit, base)
    assert figure.amount == pytest.approx(amount, rel=1e-4)


@pytest.mark.parametrize(
    "text",
    ["第八条", "第一百二十条", "ISO9001", "3年级", "五年级", "二〇二四年", "数百户", "几十人", "一对一", "三家庭", "2/3/15", "万万元", "千元", "13812345678", "20/80原则", "v3.5.1版本"],
)  # fmt: skip
def test_no_figure(text: str):
    assert not list(find_figures(text))


def test_an_article_is_told_from_a_count():
    assert [figure.article for figure in find_figures("一支队伍，两支队伍，1支队伍")] == [True, False, False]


def test_more_is_kept():
    assert [
        (figure.value, figure.unit, figure.more) for figure in find_figures("十多个，100余名，2700多万元，十几名")
    ] == [
        ("10", "个", "多"),
        ("100", "名", "余"),
        ("2700", "万元", "多"),
        ("10", "名", "几"),
    ]


@given(st.integers(1, 99_999_999))
def test_digits_and_grouped_digits_agree(number: int):
    (plain,), (grouped,) = list(find_figures(f"{number}元")), list(find_figures(f"{number:,}元"))
    assert plain.amount == grouped.amount == number


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿点半0123456789.,，%％‰分之元人次到至-第每 \n", max_size=30))
def test_any_run_of_numerals_is_read_without_a_fault(text: str):
    figures = list(find_figures(text))
    assert all(0 <= figure.start < figure.end <= len(text) for figure in figures)
    assert all(figure.value[0].isdigit() for figure in figures)
