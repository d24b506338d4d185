"""The damage generator tells the exact truth, the same way each time."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from pipeline.model.edit import KINDS
from tests.damage import SITES, UNLISTED_SITES, Damaged, DamagePlan, damage, undo
from tests.damage.bulk import FILE_CHARS, compile_document, documents, take_apart
from tests.damage.layout import ADDRESS, NUMBER_OR_LATIN, lines_of
from tests.damage.marks import numeral
from tests.damage.samples import CLEAN, RECIPES, SPUN_RECIPES, Recipe, clean_file, make, raw_file
from tests.damage.spinning import BLANK, MASKED, MASKS, TABLE, UNSEEN, synonym_rows, unseen_rows
from tests.damage.words import LEXICONS, TYPOS, losses, spinner_map

PARAGRAPH = (
    "为了提高教学质量，班主任要认真学习“三全育人”的要求，落实好每一项工作；门卫、值班老师和家长一起努力，"
    "保证学生准时到校。2024年完成家访120次，满意率达到95.5%，升旗仪式举行18次，宝贵的经验要总结吗？要！"
    "详见 www.school-plan.cn 上的通知：第2版（修订）。王老师负责检查，李敏老师负责登记，把事情做好，"
    "打下坚实的基础。我们要通过培训提高能力，让制度发挥作用，使学生的习惯得到培养，为今后的发展打下更好的基础。"
)
LINES = ["班主任年度工作计划三篇"]
for chapter in "一二三":
    LINES += [f"班主任年度工作计划 篇{chapter}", PARAGRAPH, "一、指导思想", PARAGRAPH]
    LINES += [
        "（一）认真备课，打牢基础。",
        "（二）认真上课，做好人选、场地的安排。",
        "第八条 计划自公布之日起施行。",
    ]
    LINES += ["1.开学第一周检查。", PARAGRAPH]
TEXT = "\n".join(LINES) + "\n"
SPINNER = (
    ("题高", "提高"),
    ("任真", "认真"),
    ("努厉", "努力"),
    ("捅过", "通过"),
    ("陪养", "培养"),
    ("祥见", "详见"),
)
FULL = DamagePlan(
    encoding="gb18030",
    crlf=True,
    typos=0.03,
    spinner=SPINNER,
    half_width=1.0,
    full_width=0.5,
    variants=0.6,
    invisible=0.003,
    no_break=0.5,
    stray_questions=0.4,
    bad_bytes=2,
    byte_loss=1.0,
    breaks=0.6,
    merges=0.8,
    junk=0.003,
    site=SITES[0],
    intro=True,
    footer=True,
    mark_lines=0.3,
    mark_ends=0.5,
    mark_headings=0.7,
    mark_cuts=0.5,
    notices=0.5,
)
BIG5 = replace(
    FULL,
    encoding="big5",
    crlf=False,
    traditional=True,
    bad_bytes=0,
    invisible=0.0,
    no_break=0.0,
    site=SITES[2],
)
RATED = "half_width full_width variants invisible no_break stray_questions bad_bytes crlf typos byte_loss breaks"
SITED = "merges junk intro footer mark_lines mark_ends mark_headings mark_cuts notices"
CAUSES = set(f"{RATED} {SITED}".split())


def causes(damaged: Damaged) -> set[str]:
    return {injury.cause for injury in damaged.injuries}


def assert_true(damaged: Damaged) -> None:
    assert undo(damaged.text, damaged.injuries) == damaged.original
    assert damaged.data.decode(damaged.encoding, "surrogateescape") == damaged.text
    assert all(injury.kind in KINDS and injury.damaged != injury.right for injury in damaged.injuries)


@pytest.mark.parametrize("plan", [FULL, BIG5, replace(FULL, encoding="utf-8", crlf=False), DamagePlan()])
@pytest.mark.parametrize("seed", range(5))
def test_the_truth_is_exact_and_the_same_each_time(plan: DamagePlan, seed: int) -> None:
    damaged = damage(TEXT, plan, seed)
    assert_true(damaged)
    assert damage(TEXT, plan, seed) == damaged


def test_another_seed_gives_other_bytes() -> None:
    assert damage(TEXT, FULL, 1).data != damage(TEXT, FULL, 2).data


def test_a_plan_without_rates_changes_nothing() -> None:
    assert damage(TEXT, DamagePlan(), 0).data == TEXT.encode()


def test_every_kind_is_present() -> None:
    assert set.union(*(causes(damage(TEXT, FULL, seed)) for seed in range(5))) == CAUSES
    assert "traditional" in causes(damage(TEXT, BIG5, 0))


def test_truth_that_does_not_fit_is_refused() -> None:
    damaged = damage(TEXT, FULL, 0)
    with pytest.raises(ValueError, match="does not fit"):
        undo(damaged.text[1:], damaged.injuries)


def test_numbers_addresses_and_names_stay() -> None:
    damaged = damage(TEXT, replace(FULL, full_width=0.0), 3)
    for pattern in (ADDRESS, NUMBER_OR_LATIN):
        kept = [match[0] for match in pattern.finditer(TEXT)]
        assert all(damaged.text.count(word) >= kept.count(word) for word in kept)
    assert damaged.text.count("李敏老师") == TEXT.count("李敏老师")


def test_half_width_marks() -> None:
    damaged = damage("一，二。三：四；五？六！（七）“八”、九，\n", DamagePlan(half_width=1.0), 0)
    assert damaged.text == '一,二.三:四;五?六!(七)"八"、九,\n'
    assert damage("3：5，A，B。", DamagePlan(half_width=1.0), 0).text == "3：5，A，B."


def test_a_word_is_always_replaced_by_the_same_wrong_word() -> None:
    damaged = damage(TEXT, DamagePlan(typos=1.0, spinner=SPINNER), 0)
    assert {(i.damaged, i.right) for i in damaged.injuries} == set(SPINNER)
    assert not any(right in damaged.text for _, right in SPINNER)


def test_the_spinner_keeps_near_its_rate() -> None:
    chosen = spinner_map(TEXT, SPINNER, 0.01, Random(0))
    assert 0 < sum(TEXT.count(right) for right in chosen) <= 0.011 * len(TEXT)


def test_byte_loss_is_arithmetic() -> None:
    assert losses()["础。"] == "矗"
    assert losses()["选。"] == "眩"
    assert all(left.encode("gbk") == (pair.encode("gbk")).replace(b"\xa1\xa1", b"") for pair, left in losses().items())
    assert damage("打下基础。\n差点落选。\n", DamagePlan(byte_loss=1.0), 0).text == "打下基矗\n差点落眩\n"


def test_merged_lines_run_into_a_sentence() -> None:
    text = "一共七条。\n第八条 施行。\n（五）其他。\n"
    assert damage(text, DamagePlan(merges=1.0), 0).text == "一共七条。第八条 施行。 （五）其他。\n"


def test_stray_questions_stand_at_line_ends() -> None:
    damaged = damage(TEXT, DamagePlan(stray_questions=1.0), 0)
    assert all(line.text.endswith("?") for line in lines_of(damaged.text)[1:])


def test_signatures_need_a_pack() -> None:
    plan = DamagePlan(site=SITES[0], signatures=1.0)
    there = (LEXICONS / "sites" / f"{SITES[0].pack}.toml").exists()
    assert ("signatures" in causes(damage(TEXT, plan, 0))) == there


def test_big5_names_what_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="cannot hold 鿍"):
        damage("字鿍\n", DamagePlan(encoding="big5", traditional=True), 0)


def test_numerals() -> None:
    assert [numeral(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]


def test_bulk_compiles_new_documents_from_the_plans_of_a_clean_one() -> None:
    source = take_apart(TEXT)
    assert len(source.plans) == 3
    document = compile_document(source, Random(0), 5_000)
    assert 5_000 <= len(document) < 8_000
    assert {line.text for line in lines_of(document) if not line.heads_plan} <= set(LINES)


PAIRS = (("要点", "重点"), ("重点", "要点"), ("职员", "员工"), ("题高", "提高"))
SPUN_TEXT = (
    "银行成员工作的重点是提高服务质量，抓住要点，公司和各部门都要进行分析。xx市xx公司由李建平同志负责，"
    "2024年合格率达到95.5%，公司的员工在当今世界的环境中学习、工作和生活，及时解决问题。\n"
)
SPUN_CAUSES = {"synonyms", "synonyms_unseen", "masks", "insertions", "signatures"}
SPUN_PLAN = DamagePlan(
    synonyms=0.5,
    synonym_table=PAIRS,
    synonyms_unseen=0.5,
    masks=3,
    blanks=0.5,
    insertions=0.03,
    half_width=1.0,
    signatures=1.0,
    site=UNLISTED_SITES[0],
)


@pytest.mark.parametrize("seed", range(8))
def test_the_truth_of_spun_text_is_exact(seed: int) -> None:
    damaged = damage(SPUN_TEXT, SPUN_PLAN, seed)
    assert_true(damaged)
    assert damage(SPUN_TEXT, SPUN_PLAN, seed) == damaged


def test_every_kind_of_spinning_is_present() -> None:
    assert set.union(*(causes(damage(SPUN_TEXT, SPUN_PLAN, seed)) for seed in range(3))) >= SPUN_CAUSES


def test_synonyms_take_no_heed_of_borders_and_swap_both_ways() -> None:
    damaged = damage(SPUN_TEXT, DamagePlan(synonyms=1.0, synonym_table=PAIRS), 0)
    assert damaged.text.startswith("银行成职员作的要点是题高服务质量，抓住重点，")
    assert {injury.kind for injury in damaged.injuries} == {"synonym"}


def test_a_synonym_that_the_text_uses_stays_without_a_row_of_its_own() -> None:
    damaged = damage(SPUN_TEXT, DamagePlan(synonyms=1.0, synonym_table=PAIRS[:1]), 0)
    assert damaged.text.count("要点") == 2
    assert [injury.right for injury in damaged.injuries] == ["重点"]


def test_unseen_pairs_are_not_in_the_table() -> None:
    assert len(unseen_rows()) >= 55
    if TABLE.exists():
        assert not set(unseen_rows()) & set(synonym_rows())
    assert UNSEEN.exists()
    damaged = damage(SPUN_TEXT, DamagePlan(synonyms_unseen=1.0), 0)
    assert {(i.damaged, i.right) for i in damaged.injuries} <= set(unseen_rows())
    assert causes(damaged) == {"synonyms_unseen"}


@pytest.mark.parametrize("seed", range(5))
def test_a_word_has_one_mask_and_none_beside_a_blank(seed: int) -> None:
    damaged = damage(SPUN_TEXT, DamagePlan(masks=9), seed)
    table = {injury.right: injury.damaged for injury in damaged.injuries}
    assert set(table) == {word for word in MASKED if word in SPUN_TEXT}
    assert set(table.values()) <= set(MASKS)
    assert all(table[injury.right] == injury.damaged for injury in damaged.injuries)
    assert "xx市xx公司由" in damaged.text


def test_blanks_belong_to_the_original() -> None:
    damaged = damage(SPUN_TEXT, DamagePlan(blanks=1.0), 0)
    assert not damaged.injuries
    assert damaged.text == damaged.original
    assert "由xx同志负责，20xx年合格率达到xx%" in damaged.original
    assert len(BLANK.findall(damaged.original)) == 5


@pytest.mark.parametrize("seed", range(5))
def test_insertions_stand_in_the_middle_of_common_words(seed: int) -> None:
    damaged = damage(SPUN_TEXT, DamagePlan(insertions=0.03), seed)
    assert len(damaged.injuries) == round(0.03 * len(SPUN_TEXT))
    for injury in damaged.injuries:
        assert len(injury.damaged) == 1
        assert not injury.right
        assert damaged.text[injury.offset - 1] + damaged.text[injury.offset + 1] in SPUN_TEXT


def test_unlisted_sites_have_no_pack_and_say_that_they_are_invented() -> None:
    packs = "".join(path.read_text(encoding="utf-8") for path in (LEXICONS / "sites").glob("*.toml"))
    assert len({site.name for site in (*SITES, *UNLISTED_SITES)}) == 6
    for site in UNLISTED_SITES:
        assert site.name not in packs
        assert "-demo." in site.address
        assert site.name in site.line + site.motto
        assert site.intro(100, "三").count("三篇") == 1


THERE = TYPOS.exists() and len(list(CLEAN.glob("*.txt"))) >= len(RECIPES)
needs_table = pytest.mark.skipif(not TABLE.exists(), reason="needs the table of synonyms")
needs_samples = pytest.mark.skipif(not THERE, reason="needs the clean samples and the table of typos")


@needs_samples
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_the_shipped_samples_are_what_the_recipes_make(recipe: Recipe) -> None:
    damaged = make(recipe)
    assert_true(damaged)
    assert raw_file(recipe).read_bytes() == damaged.data


@needs_table
@pytest.mark.parametrize("recipe", SPUN_RECIPES, ids=lambda recipe: recipe.stem)
def test_the_spun_samples_are_what_the_recipes_make(recipe: Recipe) -> None:
    damaged = make(recipe)
    assert_true(damaged)
    assert raw_file(recipe).read_bytes() == damaged.data, "the table of synonyms has changed: make samples"


@needs_samples
def test_the_samples_together_have_every_kind() -> None:
    assert set.union(*(causes(make(recipe)) for recipe in RECIPES)) == CAUSES | {"traditional"}


@needs_table
def test_the_spun_samples_have_what_is_new_and_one_of_them_only_marks() -> None:
    *spun, negative = (make(recipe) for recipe in SPUN_RECIPES)
    for damaged in spun:
        assert causes(damaged) >= SPUN_CAUSES - {"signatures"}
    assert "signatures" in set.union(*map(causes, spun))
    assert {injury.kind for injury in negative.injuries} == {"watermark"}


@needs_samples
def test_bulk_documents_are_true_too() -> None:
    texts = [clean_file(recipe).read_bytes().decode() for recipe in RECIPES]
    for document in islice(documents(texts), 3):
        assert_true(document)
        assert len(document.original) >= FILE_CHARS
