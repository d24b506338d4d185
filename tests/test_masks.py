"""Masked words: restored where one word clearly wins; years, figures, names and blanks of forms never."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.lexicons.tables import load_masked
from pipeline.rules.masks import FEATURES, MASK, MaskTable

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.knowledge import Knowledge

PLAN = """一、严格遵守{0}的各项规章制度，维护{0}的形象。
二、对{0}的产品要有全面的了解，熟悉{0}的业务流程。
三、每月向{0}领导汇报工作，为{0}的发展出谋划策。
四、加强与{0}各部门的沟通，{0}内部要团结协作。"""


def words(text: str, knowledge: Knowledge) -> list[tuple[str, float]]:
    return [(edit.after, edit.confidence) for edit in knowledge.masks.propose(text)]


@pytest.mark.parametrize("mask", ["xxx", "××", "***", "□□", "某某"])
def test_the_word_that_fits_everywhere_is_found(mask: str, knowledge: Knowledge):
    found = words(PLAN.format(mask), knowledge)
    assert len(found) == PLAN.count("{0}")
    assert max(found, key=lambda row: row[1])[0] == "公司"
    assert {word for word, confidence in found if confidence >= 0.9} <= {"公司"}


@pytest.mark.parametrize(
    "text",
    [
        "20xx年工作计划",
        "预计xx年完成任务",
        "增长xx%以上",
        "完成存款xxx万元",
        "xx市xx公司",
        "xx同志负责",
        "xx银行xx支行",
        "电话：□□□□□□□□",
        "身份证号：******************",
        "姓名：xxx",
        "《__x客户经理营销客户确认单》",
        "型号为xxx-200",
        "第xx条",
        "3×4=12",
        "www.xxx.com",
    ],
)
def test_what_may_not_be_invented_is_no_candidate(text: str, knowledge: Knowledge):
    assert words(text, knowledge) == []


def test_a_text_of_nothing_but_masks(knowledge: Knowledge):
    for text in ("xxx", "xxx xxx，xxx。", "×" * 50, "某某" * 100, ""):
        assert all(confidence < 0.9 for _, confidence in words(text, knowledge))


def test_a_mask_that_no_word_wins_is_flagged(knowledge: Knowledge):
    found = words("昨天我在路上看见xxx飞过去了，真好看。", knowledge)
    assert [confidence < 0.9 for _, confidence in found] == [True]


def test_every_flag_tells_why(knowledge: Knowledge):
    for edit in knowledge.masks.propose(PLAN.format("xxx")):
        assert edit.kind == "mask"
        assert "fits" in edit.why


def test_masks_end_where_their_sign_ends():
    assert [match[0] for match in MASK.finditer("xxx和××与****、□□□；某某 x X ×")] == [
        "xxx",
        "××",
        "****",
        "□□□",
        "某某",
        "×",
    ]
    assert MASK.search("xxxxxxxx") is None


def test_without_words_nothing_is_found(knowledge: Knowledge):
    table = MaskTable({}, knowledge.scorer, knowledge.sentences)
    ((found, rows),) = table.slots([PLAN.format("xxx")])
    assert not found
    assert rows.shape == (0, len(FEATURES))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("公司\t0\n", "weight is '0'"),
        ("公司\tx\n", "weight is 'x'"),
        ("公司\t1\n公司\t2\n", "nowhere else"),
        ("abc\t1\n", "Chinese"),
    ],
)
def test_faults_of_the_table(rows: str, fault: str, tmp_path: Path):
    path = tmp_path / "masked.tsv"
    path.write_text("word\tweight\n" + rows, encoding="utf-8")
    with pytest.raises(LexiconError, match=fault):
        load_masked(path)
