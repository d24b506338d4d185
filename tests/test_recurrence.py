"""Marks learned from a corpus: found without a pack, never on what plans share, in any order of the documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lexicons.packs import SitePack, SitePacks, load_packs
from pipeline.model import Document, apply_edits
from pipeline.route import revising
from pipeline.rules.junk import propose_junk
from pipeline.rules.marks import propose_marks
from pipeline.rules.recurrence import (
    CONTEXTS,
    DOCUMENTS,
    MarkEvidence,
    Surrounding,
    Trace,
    decide_marks,
    observe_marks,
    pack_draft,
)
from pipeline.ways import alone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.knowledge import Knowledge

SAMPLES = sorted((Path(__file__).parent / "golden" / "samples").glob("*.txt"))
PARAGRAPHS = (
    "开学第一周组织家长会，向家长介绍班级的情况和本学期的安排",
    "每个月检查一次消防器材，发现过期的灭火器当天更换",
    "护士长每天早晨查房，重点查看危重病人的护理记录是否完整",
    "上半年走访老客户六十户，收集他们对服务的意见并逐条答复",
    "物业前台全天有人值守，业主报修后半小时内上门处理",
    "仓库每季度盘点一次，账目和实物不符的查明原因后上报",
    "新员工入职后由师傅带教三个月，期满考核合格才能上岗",
    "食堂采购实行双人验收，蔬菜和肉类的票据保存两年",
)


def evidence(texts: Iterable[str]) -> MarkEvidence:
    total = MarkEvidence()
    for text in texts:
        total.add(observe_marks(text))
    return total


def learned(*texts: str) -> tuple[SitePack, ...]:
    return decide_marks(evidence(texts))


def stripped(text: str, packs: tuple[SitePack, ...], knowledge: Knowledge) -> str:
    known = SitePacks(packs)
    text = apply_edits(text, propose_marks(text, known), 0.9).text
    return apply_edits(text, propose_junk(text, known, knowledge.words), 0.9).text


def with_marks(*marks: str) -> list[str]:
    """Return documents of three paragraphs each, with one mark after the first."""
    return [
        f"{PARAGRAPHS[i]}。{mark}\n{PARAGRAPHS[(i + 1) % 8]}。\n{PARAGRAPHS[(i + 3) % 8]}。\n"
        for i, mark in enumerate(marks)
    ]


def test_a_site_is_learned_from_documents_that_show_it_once(knowledge: Knowledge):
    stamps = ["\n好文汇 www.haowenhui-demo.com"] * 3 + [" 好文汇，办公文档之家"] * 3
    packs = learned(*with_marks(*stamps))
    assert packs == (SitePack("好文汇", domains=("haowenhui-demo.com",), slogans=("办公文档之家",)),)
    # Neither the bare name nor the slogan would be known by this text alone.
    text = "工作圆满完成。 好文汇\n继续努力。 好文汇，办公文档之家\n"
    assert stripped(text, packs, knowledge) == "工作圆满完成。\n继续努力。\n"


def test_full_width_addresses_are_learned_as_they_are_written(knowledge: Knowledge):
    stamps = [" 好文汇 www.haowen-hui-demo.com"] * 3 + ["\n好文汇 www．haowen－hui－demo．com"] * 2
    packs = learned(*with_marks(*stamps))
    text = "甲。\n好文汇 www．haowen－hui－demo．com\n乙。"
    assert stripped(text, packs, knowledge) == "甲。\n乙。"


def test_a_slogan_in_the_same_slot_needs_no_address():
    packs = learned(*with_marks(*[" 稿多多，写作素材天天更新"] * 4))
    assert packs == (SitePack("稿多多", slogans=("写作素材天天更新",)),)
    assert learned(*with_marks(*[" 稿多多，写作素材天天更新"] * 3)) == ()


def test_a_line_between_different_texts():
    line = "以上资料由好友收集整理上传"
    assert learned(*with_marks(*[f"\n{line}"] * 4)) == (SitePack(line, aliases=(line,)),)


NOTICE = "此文档版权归秘书写作网所有，点击进入秘书写作网下载更多资料"


@pytest.mark.parametrize("notice", [NOTICE, NOTICE.replace("，", ",")])
def test_a_notice_inside_sentences(notice: str, knowledge: Knowledge):
    texts = [p[:7] + notice + p[7:] + "。\n" for p in PARAGRAPHS]
    packs = learned(*texts)
    assert [pack.name for pack in packs] == ["秘书写作网"]
    assert [stripped(text, packs, knowledge) for text in texts] == [p + "。\n" for p in PARAGRAPHS]


FORMS = ("|稿^易}得|文.库=汇|编^", "=稿.易|得'文}库|汇^编|", "%^稿|易|得.文^库}汇=编'", ".稿|易}得^文|库=汇.编.")


def test_a_broken_signature(knowledge: Knowledge):
    texts = [p[:10] + form.replace(".", "。") + p[10:] + "。\n" for p, form in zip(PARAGRAPHS, FORMS, strict=False)]
    packs = learned(*texts)
    assert [pack.signatures for pack in packs] == [("稿易得文库汇编",)]
    for text, want in zip(texts, PARAGRAPHS, strict=False):
        assert stripped(text, packs, knowledge) == want + "。\n"
    # Plain words, the sentence's own full stop, and characters of the signature beside it stay.
    for text, want in (
        ("做好稿易得文库汇编。下一步。", "做好稿易得文库汇编。下一步。"),
        ("第一步。|稿^易}得|文|库=汇|编^文件编好", "第一步。文件编好"),
    ):
        assert stripped(text, packs, knowledge) == want


def test_a_signature_that_lost_characters():
    texts = [PARAGRAPHS[0] + "}方案。库。整。理^。", PARAGRAPHS[1] + "|方|案范|文库=整理%^。"]
    assert [pack.signatures for pack in learned(*texts)] == [("方案范文库整理",)]


@pytest.mark.parametrize(
    "texts",
    [
        with_marks(*["\n一、指导思想"] * 8),
        with_marks(*["\n工作目标"] * 8),
        with_marks(*["坚持以人为本，全面提高服务的质量。"] * 8),
        with_marks(*[" 谢谢大家"] * 8),
        with_marks(*["\n做好档案资料的收集整理"] * 3),
        with_marks(*["\n宏达建设有限公司 www.hongda-demo.com"] * 8),
        with_marks(*["\n请登录 www.haowenhui-demo.com 报名"] * 8),
        with_marks(*["\n|姓名|性别|年龄|电话|"] * 8),
        [p[:10] + "认真做好各类资料的收集整理工作，" + p[10:] for p in PARAGRAPHS],
        ["xxx " * 5000],
        ["xx年xx月，xxx公司。\n" * 500],
        [""],
    ],
)
def test_what_plans_share_is_no_mark(texts: list[str]):
    assert learned(*texts) == ()


WEBSITE = """益民网建设工作计划
益民网是我市的便民网站，益民网将于三月改版。
请市民登录 www.yimin-demo.cn 报名，益民网的工作人员两天之内答复。
宣传单上印益民网的网址和二维码，由办公室发放到各个社区。
益民网 www.yimin-demo.cn
每周检查一次www.yimin-demo.cn的运行情况，并做好记录。
益民网 www.yimin-demo.cn
请各科室联系益民网的编辑，每月报送两篇稿件。
益民网 www.yimin-demo.cn
年底评选先进。
"""


def test_a_plan_about_a_website_keeps_its_name_and_address():
    assert learned(WEBSITE) == ()
    assert learned(*(WEBSITE.replace("三月", f"{month}月") for month in range(1, 13))) == ()


ONCE = (
    f"{PARAGRAPHS[0]}。\n好文汇 www.haowenhui-demo.com\n{PARAGRAPHS[1][:10]}{NOTICE}{PARAGRAPHS[1][10:]}。"
    f" 好文汇，办公文档之家\n{PARAGRAPHS[2]}{FORMS[0]}{PARAGRAPHS[3]}。\n"
)


def test_copies_are_no_evidence():
    total, one = MarkEvidence(), observe_marks(ONCE)
    for _ in range(10_000):
        total.add(one)
    assert total.traces.keys() == one.traces.keys()
    assert decide_marks(total) == decide_marks(one) == ()
    edited = [ONCE.replace(old, new) for old, new in zip("开周长绍情排消现期器", "闭日员织形序防到限具", strict=True)]
    assert learned(*edited, ONCE) == ()


def test_the_clean_samples_teach_nothing():
    assert SAMPLES
    assert learned(*(path.read_text(encoding="utf-8") for path in SAMPLES)) == ()


SURROUNDINGS = st.builds(Surrounding, *(st.text("甲乙丙丁", max_size=3) for _ in range(3)))
TRACES = st.builds(
    lambda places, around, documents: Trace(places, (), ()).merged(
        Trace(0, tuple(sorted(around)), tuple(sorted(documents)))
    ),
    st.integers(1, 50),
    st.sets(SURROUNDINGS, max_size=CONTEXTS),
    st.sets(st.integers(0, 99), max_size=DOCUMENTS),
)
KEYS = st.tuples(st.sampled_from(["site", "motto"]), st.sampled_from(["甲\tx.com", "乙\tx.com"]))
EVIDENCE = st.dictionaries(KEYS, TRACES, max_size=3).map(MarkEvidence)


def merged(*parts: MarkEvidence) -> MarkEvidence:
    total = MarkEvidence()
    for part in parts:
        total.add(part)
    return total


@given(EVIDENCE, EVIDENCE, EVIDENCE)
def test_evidence_adds_up_in_any_order(a: MarkEvidence, b: MarkEvidence, c: MarkEvidence):
    assert merged(merged(a, b), c) == merged(a, merged(b, c)) == merged(c, b, a)
    assert merged(a, MarkEvidence()) == a
    assert decide_marks(merged(a, b, c)) == decide_marks(merged(b, c, a))
    for trace in merged(a, b, c).traces.values():
        assert len(trace.surroundings) <= CONTEXTS
        assert len(trace.documents) <= DOCUMENTS


def test_the_draft_is_a_pack(tmp_path: Path):
    texts = with_marks(*["\n好文汇 www.haowenhui-demo.com"] * 3 + [" 好文汇，办公文档之家"] * 3)
    texts += with_marks(*[" 稿多多，写作素材天天更新"] * 4)
    texts += [p[:10] + form + p[10:] for p, form in zip(PARAGRAPHS, FORMS, strict=False)]
    total = evidence(texts)
    draft = pack_draft(total)
    assert draft.splitlines()[1].startswith('name = "好文汇"  # places: 6, different documents: ')
    (tmp_path / "learned_pack.toml").write_text(draft, encoding="utf-8")
    (pack,) = load_packs([tmp_path]).packs
    assert (pack.name, pack.aliases, pack.domains) == ("好文汇", ("稿多多",), ("haowenhui-demo.com",))
    assert set(pack.slogans) == {"写作素材天天更新", "办公文档之家"}
    assert pack.signatures == ("稿易得文库汇编",)
    assert pack_draft(MarkEvidence()) == ""


def test_the_real_document_alone_teaches_its_marks(shared: Path, knowledge: Knowledge):
    (path,) = (shared / "raw").glob("*.txt")
    document = Document("real", "real", path.read_text(encoding="utf-8"))
    alone(revising(document, "normalise", knowledge))
    packs = decide_marks(observe_marks(document.text))
    assert [(pack.name, pack.domains, pack.slogans, pack.signatures) for pack in packs] == [
        ("公文汇", ("gongwenhui.com",), ("办公文档之家",), ()),
        ("方案范文库整理", (), (), ("方案范文库整理",)),
    ]
    text = stripped(document.text, packs, knowledge)
    for part in ("公文汇", "稿子汇", "文秘写作网", "www", "|", "案范", "方'案", "。库。"):
        assert part not in text
    assert "有目标、有目的" in text
    assert "做好沟通汇报" in text
    assert "变成正确的引导" in text
