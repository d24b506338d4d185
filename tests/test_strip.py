"""Site marks, junk and packs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.lexicons.packs import SitePacks, load_packs
from pipeline.model import apply_edits
from pipeline.rules.junk import propose_junk
from pipeline.rules.marks import propose_marks

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.knowledge import Knowledge

NO_PACKS = SitePacks()


def stripped(text: str, packs: SitePacks = NO_PACKS) -> str:
    return apply_edits(apply_edits(text, propose_marks(text, packs), 0.9).text, [], 0.9).text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("甲。\n好文网 www.haowen-demo.com\n乙。", "甲。\n乙。"),
        ("甲。\n好文网 www.haowen-demo.com", "甲。"),
        ("好文网 www.haowen-demo.com\n甲。 好文网，写作的好帮手\n乙。", "甲。\n乙。"),
        (
            "这件事让大家的感触更大了，\n好文网 www.haowen-demo.com\n银行职员工作计划。年初的竞聘。",
            "这件事让大家的感触更大了，\n年初的竞聘。",
        ),
        ("今年的计划已经完成。 【好文网】www.haowen-demo.com\n乙。", "今年的计划已经完成。\n乙。"),
        ("要抓好落实，本文来自好文网，更多精彩范文请点击好文网查看不断提高。", "要抓好落实，不断提高。"),
    ],
)
def test_marks_of_sites_never_seen(text: str, want: str):
    assert stripped(text) == want


@pytest.mark.parametrize(
    "text", ["请登录 www.demo.cn 报名。", "网址：www.demo.cn", "会议纪要由办公室整理后上传。", "推荐阅读书目"]
)
def test_content_stays(text: str, knowledge: Knowledge):
    assert stripped(text, knowledge.packs) == text


def test_a_plan_about_a_website_keeps_its_name_and_address():
    text = (
        "网站年度工作计划\n学习乐园 www.xuexi-demo.com\n请家长登录 www.xuexi-demo.com 报名。 学习乐园\n一、内容更新。"
    )
    edits = propose_marks(text, NO_PACKS)
    assert stripped(text) == text
    assert [(edit.before, edit.confidence) for edit in edits] == [("学习乐园 www.xuexi-demo.com", 0.5)]
    stamped = text.replace("请家长登录 www.xuexi-demo.com 报名。 学习乐园", "请家长按时报名。")
    assert "www" not in stripped(stamped)


def test_a_mark_in_a_sentence_by_pack(knowledge: Knowledge):
    text = "体现了奉献的精神。 公文汇,办公文档之家\n下一步。"
    assert stripped(text, knowledge.packs) == "体现了奉献的精神。\n下一步。"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("一定[)要努力", "一定要努力"),
        ("有目标}方案.库.整.理^、有成效", "有目标、有成效"),
        ("做好沟通|方|案范|文库=整理%^汇报", "做好沟通汇报"),
        ("正确方'案的引导", "正确的引导"),
        ("整理方案，归入文库", "整理方案，归入文库"),
        # A sign that may be meant goes only where the text holds junk that no one means.
        ("努力=成功", "努力=成功"),
        ("一定[)要努力，目}标明^确。\n努力=成功|收获#喜悦", "一定要努力，目标明确。\n努力成功收获喜悦"),
        ("一定[)要努力，目}标明^确。\n收入=单价×数量", "一定要努力，目标明确。\n收入=单价×数量"),
    ],
)
def test_junk(text: str, want: str, knowledge: Knowledge):
    assert apply_edits(text, propose_junk(text, knowledge.packs, knowledge.words), 0.9).text == want


def test_a_faulty_pack_is_refused_with_all_its_faults(tmp_path: Path):
    (tmp_path / "bad.toml").write_text(
        'name = "x"\ncolour = 1\nintros = ["("]\nfooters = ["a*"]\ndomains = "d.com"\n', encoding="utf-8"
    )
    with pytest.raises(LexiconError) as caught:
        load_packs([tmp_path])
    assert len(caught.value.faults) == 5
