"""What the report is built of: texts side by side, rows and pages, charts, words, reasons, signs."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.analysis.quality import WEIGHTS
from pipeline.analysis.structure import examine
from pipeline.analysis.targets import HEADS
from pipeline.errors import LexiconError
from pipeline.lexicons.measures import load_units
from pipeline.model import KINDS, Document, Edit, Section, Unit
from pipeline.report import rows
from pipeline.report.alignment import align
from pipeline.report.charts import arcs, dots, level, shares
from pipeline.report.reasons import in_chinese, load_reasons
from pipeline.report.rows import cut_parts, cut_rows
from pipeline.report.text import data_block, visible
from pipeline.report.words import both, load_words

ROOT = Path(__file__).parent.parent
TEXTS = st.text("甲乙丙。\n", max_size=24)


@st.composite
def revised(draw: st.DrawFn) -> Document:
    """A document after some rounds of any edits, sure and unsure."""
    document = Document("d", "d", draw(TEXTS))
    for _ in range(draw(st.integers(0, 4))):
        proposals = []
        for _ in range(draw(st.integers(0, 5))):
            start = draw(st.integers(0, len(document.text)))
            end = draw(st.integers(start, min(len(document.text), start + 4)))
            after, sure = draw(st.text("甲丁\n", max_size=3)), draw(st.sampled_from([0.5, 0.95]))
            proposals.append(Edit(start, end, document.text[start:end], after, "other", "test", sure))
        document.revise("test", proposals, 0.9)
    return document


@given(revised())
def test_pieces_hold_both_texts_and_every_edit_once(document: Document):
    logged = document.edits
    pieces = align(document, logged)
    assert "".join(piece.source for piece in pieces) == document.source_text
    assert "".join(piece.clean for piece in pieces) == document.text
    assert sorted(index for piece in pieces for index in piece.edits) == list(range(len(logged)))
    for piece in pieces:
        assert document.source_text[piece.raw_start :].startswith(piece.source)
        assert document.text[piece.start :].startswith(piece.clean)
        if not any(logged[index].applied for index in piece.edits):
            assert piece.source == piece.clean
    for index, edit in enumerate(logged):
        (piece,) = (piece for piece in pieces if index in piece.edits)
        assert piece.raw_start <= edit.raw_start
        assert edit.raw_end <= piece.raw_start + len(piece.source)


@given(revised(), st.integers(1, 8), st.integers(1, 20))
def test_rows_and_pages_lose_nothing(document: Document, row_chars: int, part_chars: int):
    sections = [Section(1, "甲", 0, len(document.text), 0, len(document.source_text))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "ROW_CHARS", row_chars)
        patch.setattr(rows, "PART_CHARS", part_chars)
        cut = cut_rows(align(document, document.edits))
        parts = cut_parts(cut, sections)
    assert [row for part in parts for row in part.rows] == cut
    pieces = [piece for row in cut for piece in row.pieces]
    assert "".join(piece.source for piece in pieces) == document.source_text
    assert "".join(piece.clean for piece in pieces) == document.text
    assert [plan.number for part in parts for plan in part.plans.values()] == ([1] if cut else [])
    assert all(part.rows for part in parts[1:])
    assert all(before.start <= after.start for before, after in pairwise(cut))


def test_rows_end_where_both_texts_end_a_line():
    document = pipeline.clean("护士工作计划\n文库网 www.wenku-demo.cn\n努厉工作,\n题高水平.\n")
    lines = [
        ("".join(p.source for p in row.pieces), "".join(p.clean for p in row.pieces))
        for row in cut_rows(align(document, document.edits))
    ]
    assert lines[0] == ("护士工作计划\n", "护士工作计划\n")
    assert lines[1] == ("文库网 www.wenku-demo.cn\n", "")
    assert "".join(clean for _, clean in lines) == document.text


def test_a_long_line_is_cut_after_a_sentence():
    def lengths(text: str) -> list[int]:
        return [sum(len(piece.clean) for piece in row.pieces) for row in cut_rows(align(Document("d", "d", text), []))]

    assert lengths(("甲" * 99 + "。") * 30 + "\n丙") == [1000, 1000, 1001, 1]
    assert lengths("甲" * 4500) == [2000, 2000, 500]


def test_a_page_begins_with_a_plan_where_it_can():
    plan = "计划\n" + "甲" * 700 + "\n"
    text = plan * 30
    sections = [Section(n + 1, "计划", n * len(plan), (n + 1) * len(plan), 0, 0) for n in range(30)]
    parts = cut_parts(cut_rows(align(Document("d", "d", text), [])), sections)
    assert [len(part.plans) for part in parts] == [17, 13]
    assert all(min(part.plans) == 0 for part in parts)
    assert cut_parts([], []) == [([], {})]


def test_what_has_no_shape_gets_a_sign():
    assert visible("a\u200b\u202eb\udcff\x00é😀") == "a[U+200B][U+202E]b\\xff[U+0000]é😀"
    assert visible("a\n\tb\r") == "a\n\tb[CR]"
    assert visible("a\n\tb", changed=True) == "a⏎\n[TAB]b"
    assert visible("\ue000\ud800\u2028") == "[U+E000][U+D800][U+2028]"


def test_data_cannot_end_its_element():
    block = data_block({"a": "</script><!--&\u2028"})
    assert block == r'{"a":"\u003c/script\u003e\u003c!--\u0026\u2028"}'


def test_shades_and_bars():
    assert [level(value, 1.0) for value in (0, 0.001, 0.5, 1)] == [0, 1, 5, 9]
    assert level(1, 0) == 0
    assert shares([1, 2, 0], 4) == [25.0, 50.0, 0.0]
    assert shares([1], 0) == [0.0]


@given(st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=9))
def test_dots_stay_on_their_scale_in_order(values: list[float]):
    found = dots(values)
    assert all(3 <= place <= 97 for place in found.places)
    assert all(3 <= place <= 97 for place, _ in found.marks)
    assert 2 <= len(found.marks) <= 8
    ranked = [place for _, place in sorted(zip(values, found.places, strict=True))]
    assert ranked == sorted(ranked)


def test_dots_that_lie_together_are_piled_up():
    found = dots([5, 5, 5, 5.02, 10])
    assert found.places[:4] == [50.0] * 4
    assert sorted(found.rises) == [0, 0, 9, 18, 27]
    assert found.height == 27
    assert dots([1.0] * 300).height < 60


def test_a_scale_says_where_its_marks_are():
    assert dots([3, 10]).marks == [(3.0, 0.0), (26.5, 2.5), (50.0, 5.0), (73.5, 7.5), (97.0, 10.0)]
    assert dots([1, 1000]).logarithmic


def test_arcs_join_the_middles_of_their_rows():
    (arc,) = arcs([(2, 0, 0.97)], 88, 30)
    assert arc.path == "M88 15C-24.0 15 -24.0 75 88 75"
    assert arc.strength == 9
    assert arcs([], 88, 30) == []


def test_every_kind_and_every_rule_has_a_name():
    words = load_words()
    assert [kind for kind in KINDS if f"kind.{kind}" not in words.entries] == []
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "pipeline" / "rules").glob("*.py")))
    rules = set(re.findall(r'"((?:normalise|strip|restore|correct|despin|unmask)\.[a-z-]+)"', code))
    assert len(rules) > 20
    assert sorted(rule for rule in rules if f"rule.{rule}" not in words.entries) == []


def test_words_are_said_in_both_languages_and_escaped():
    said = load_words().say("common.more", shown="<b>", total=3, file="a&b")
    assert said.startswith('<span class="zh" lang="zh-CN">只列出前 &lt;b&gt; 行')
    assert "The first &lt;b&gt; of 3 rows; all are in a&amp;b" in said
    assert load_words().name("score", "<x>").count("&lt;x&gt;") == 2


def test_faults_of_the_words_are_told_together(tmp_path: Path):
    path = tmp_path / "words.toml"
    path.write_text('flat = 1\n[a]\none = ["{n} 篇", "plans"]\ntwo = ["只有"]\n', encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_words(path)
    assert len(caught.value.faults) == 3
    with pytest.raises(LexiconError, match="cannot be read as TOML"):
        load_words(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("力 is 29,427 times likelier here; right in 63% of such cases", "此处“力”的可能性是原字的 29,427 倍"),
        ("重点 is over 1,000,000 times likelier here than 要点", "是“要点”的 超过 1,000,000 倍"),
        ("力 is 12 times likelier here; 7 lines of these texts ask for it", "有 7 行支持这样改"),
        ("without it 世界 is one word and the text 20 times likelier", "去掉后“世界”成一个词"),
        ("with 最 the text is 7 times likelier", "补上“最”后"),
        ("分析 fits 8 times as well as 公司", "此处“分析”的合适程度是“公司”的 8 倍"),
        ("numbering jumps from 一、 to 三、", "编号从“一、”跳到“三、”"),
        ("announces '以下6个方面', 1 of 6 follow", "说有“以下6个方面”，只见 1 项，应有 6 项"),
        ("ends in the middle of a sentence: 'over 1,000，争取'", "结尾断在句中：“…over 1,000，争取”"),
        ("公司 fits 8 times as well, but 分析 stands behind most of these masks", "这类遮盖多半是“分析”"),
    ],
)
def test_reasons_are_told_in_chinese(english: str, chinese: str):
    assert chinese in in_chinese(english)


def test_a_reason_of_another_form_stays():
    assert in_chinese("because {of} it") == "because {of} it"


def test_every_reason_that_cleaning_gives_has_a_chinese_form():
    found = set()
    for path in sorted((ROOT / "tests" / "golden" / "spun" / "raw").glob("*.txt")):
        found |= {logged.edit.why for logged in pipeline.clean(path.read_bytes()).edits if logged.edit.why}
    assert len(found) > 20
    assert sorted(why for why in found if in_chinese(why) == why) == []


def test_every_fault_of_structure_has_a_chinese_form():
    labels = ("二、", "四、", "三、", "三、")
    units = [Unit(1, n, 1, 1, label, f"{label}甲", n, n + 1, 0, 0) for n, label in enumerate(labels)]
    found = examine("甲乙丙丁\n做好以下五个方面：\n甲乙丙。\n要把工作做好，争取", units).faults
    assert len({fault.split()[1] for fault in found}) == 6
    assert [fault for fault in found if in_chinese(fault) == fault] == []


def test_base_units_have_names_in_both_languages():
    words = load_words()
    bases = {unit.base for unit in load_units().values()}
    assert sorted(base for base in bases if f"unit.{base}" not in words.entries) == []
    heads = {"year", "group", *HEADS.values()}
    assert sorted(head for head in heads if f"per.{head}" not in words.entries) == []
    assert words.unit("times per year") == both("次/年", "times per year")
    assert words.unit("items per moon") == both("items per moon", "items per moon")
    assert words.unit("<b>") == both("<b>", "<b>")


def test_every_score_has_a_name():
    assert [name for name in WEIGHTS if f"score.{name}" not in load_words().entries] == []


def test_faults_of_the_reasons_are_told_together(tmp_path: Path):
    path = tmp_path / "reasons.toml"
    path.write_text("[[reason]]\nenglish = '('\nchinese = 'a'\n[[reason]]\nenglish = 'a'\nchinese = '{b}'\n", "utf-8")
    with pytest.raises(LexiconError) as caught:
        load_reasons(path)
    assert len(caught.value.faults) == 2
