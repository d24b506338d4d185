"""Copies: passages found whatever was spun, offsets that fit, groups that count once; nothing from shared phrases."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import reduce
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.alignment import LEAST, align, repeats
from pipeline.analysis.buckets import CROWD, FEW, PARTNERS, candidates
from pipeline.analysis.copies import Copy, Plan, body, compare, duplicate_rows, find_copies, group
from pipeline.analysis.shingles import shingle
from pipeline.analysis.signatures import Signatures, sign
from pipeline.model import Document
from pipeline.stages import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.analysis.copies import Groups

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "golden" / "samples"
PARAGRAPHS = [
    line
    for path in sorted(SAMPLES.glob("*.txt"))
    for line in path.read_text(encoding="utf-8").split("\n")
    if len(line) >= 60
]
EITHER_WAY = pytest.mark.parametrize("few", [0, FEW], ids=["by buckets", "all pairs"])
# A passage of the project's own, and what a spinner and a careless copier make of it.
PASSAGE = (
    "每月月初由护士长组织一次科室质量分析会，把上个月的差错、投诉和表扬逐条列出来，找出共同的原因，"
    "定下改进的办法和完成的日期，月末再由质控小组对照检查，结果写进科室的公告栏。"
)
SPUN = {
    "synonyms": {"组织": "安排", "差错": "失误", "共同": "一致", "办法": "方法", "检查": "核对"},
    "wrong characters": {"月初": "月出", "投诉": "头诉", "原因": "原音", "对照": "对找"},
    "insertions": {"会，": "会议，", "定下": "再次定下", "日期": "具体日期", "写进": "一并写进"},
    "punctuation": {"，": ",", "。": "．", "、": " "},
    "lines": {"，": "，\n"},
    "nothing": {},
}


FORKED = """
from multiprocessing import get_context
from pipeline.analysis.signatures import sign
from tests.test_copies import PARAGRAPHS

def windows(plans):
    return sign(plans).buckets.shape[1]

plans = list(enumerate(PARAGRAPHS * 10))
here = windows(plans)
with get_context("fork").Pool(1) as pool:
    print(pool.map(windows, [plans]) == [here] and here > 256)
"""


def copies_of(texts: Sequence[str], few: int = FEW) -> list[Copy]:
    return compare(candidates(sign(enumerate(texts)), few), texts.__getitem__)


def grouped(texts: Sequence[str], few: int = FEW) -> Groups:
    return group(copies_of(texts, few), [len(text) for text in texts])


def duplicates_of(texts: Sequence[str], few: int = FEW) -> list[int]:
    return grouped(texts, few).duplicate_of.tolist()


def pairs_of(copies: list[Copy]) -> set[tuple[int, int]]:
    return {(copy.a, copy.b) for copy in copies}


def spun(changes: dict[str, str], text: str = PASSAGE) -> str:
    return reduce(lambda done, change: done.replace(*change), changes.items(), text)


plans = st.lists(
    st.one_of(
        st.lists(st.sampled_from(PARAGRAPHS[:12]), max_size=4).map("\n".join),
        st.text("的一是工作。，\n", max_size=200),
        st.text(max_size=30),
    ),
    max_size=6,
)


@EITHER_WAY
@given(texts=plans)
def test_every_passage_lies_in_its_plans(texts: list[str], few: int):
    copies = copies_of(texts, few)
    assert copies == sorted(copies, key=lambda copy: (copy.b, copy.a, copy))
    assert len(set(copies)) == len(copies)
    for copy in copies:
        assert 0 <= copy.a <= copy.b < len(texts)
        assert 0 <= copy.a_start < copy.a_end <= len(texts[copy.a])
        assert 0 <= copy.b_start < copy.b_end <= len(texts[copy.b])
        assert 0 < copy.similarity <= 1
        if copy.a == copy.b:
            assert copy.a_start < copy.b_start


@EITHER_WAY
@given(texts=plans, random=st.randoms(use_true_random=False))
def test_the_order_of_the_plans_changes_no_passage(texts: list[str], random: Random, few: int):
    order = list(range(len(texts)))
    random.shuffle(order)
    found = {frozenset({c[:3], c[3:6]}) for c in copies_of(texts, few)}
    shuffled = copies_of([texts[i] for i in order], few)
    assert found == {frozenset({(order[c.a], *c[1:3]), (order[c.b], *c[4:6])}) for c in shuffled}


@EITHER_WAY
@given(texts=plans, first=st.integers(0, 6), second=st.integers(0, 6))
def test_parts_of_a_corpus_merge_in_any_order(texts: list[str], first: int, second: int, few: int):
    numbered = list(enumerate(texts))
    low, high = sorted((first, second))
    one, two, three = (sign(part) for part in (numbered[:low], numbered[low:high], numbered[high:]))
    whole = candidates(sign(numbered), few).tolist()
    assert candidates(one.merged(two).merged(three), few).tolist() == whole
    assert candidates(one.merged(two.merged(three)), few).tolist() == whole
    assert candidates(three.merged(one).merged(two).merged(sign([])), few).tolist() == whole


@given(plans, st.lists(st.sampled_from(PARAGRAPHS), max_size=2).map("".join))
def test_a_plan_is_signed_alike_beside_any_other(texts: list[str], more: str):
    texts = [more.replace("。", "，"), *texts, more]
    together = sign(enumerate(texts))
    alone = reduce(Signatures.merged, (sign([plan]) for plan in enumerate(texts)))
    for name in Signatures.__slots__:
        assert getattr(together, name).tolist() == getattr(alone, name).tolist()


@EITHER_WAY
@given(texts=plans, twin=st.text(min_size=1), first=st.integers(0, 6), second=st.integers(0, 6))
def test_the_same_plan_is_found_whatever_it_holds(texts: list[str], twin: str, first: int, second: int, few: int):
    texts = [text for text in texts if shingle(text).chars != shingle(twin).chars]
    texts.insert(first, twin)
    texts.insert(second, twin)
    one, two = (i for i, text in enumerate(texts) if text == twin)
    copies = [copy for copy in copies_of(texts, few) if (copy.a, copy.b) == (one, two)]
    if any(char.isalnum() for char in twin):
        assert [copy.similarity for copy in copies] == [1.0]
        found = duplicates_of(texts, few)
        roots = {plan if found[plan] < 0 else found[plan] for plan in (one, two)}
        assert len(roots) == 1
    else:
        assert copies == []


@given(plans)
def test_what_stands_for_a_plan_stands_for_itself(texts: list[str]):
    found = grouped(texts)
    assert all(0 <= share <= 1 for share in found.copied)
    assert set(found.duplicate_of[found.duplicate_of >= 0]) <= set(np.flatnonzero(found.duplicate_of < 0))


@pytest.mark.parametrize("how", SPUN)
def test_a_passage_is_found_whatever_was_spun(how: str):
    copied = spun(SPUN[how])
    texts = [f"{PARAGRAPHS[0]}\n{PASSAGE}\n{PARAGRAPHS[1]}", PARAGRAPHS[2], f"{PARAGRAPHS[3]}\n{copied}"]
    (copy,) = copies_of(texts)
    assert (copy.a, copy.b) == (0, 2)
    assert copy.similarity > 0.8
    # The passage itself, but for what is spun at its very ends.
    assert PASSAGE.find(texts[0][copy.a_start : copy.a_end].strip()) in range(8)
    assert copy.a_end - copy.a_start > len(PASSAGE) - 16


@pytest.mark.parametrize("how", SPUN)
def test_a_plan_that_repeats_itself_is_no_copy(how: str):
    copied = spun(SPUN[how])
    texts = [f"{PASSAGE}\n{PARAGRAPHS[0]}\n{copied}", PARAGRAPHS[1]]
    (copy,) = copies_of(texts)
    assert (copy.a, copy.b) == (0, 0)
    assert copy.a_end <= copy.b_start
    found = grouped(texts)
    assert found.duplicate_of.tolist() == [-1, -1]
    assert 0 < found.copied[0] < 0.6


@pytest.mark.parametrize(
    "shared",
    [
        "一、指导思想",
        "总之，在新的一年里，我将努力工作，不断进步，为单位的发展贡献自己的力量。",
        "2024年工作计划\n一、工作目标\n二、工作措施\n三、保障措施\n四、工作要求",
        "认真贯彻落实上级部门的各项决策部署，",
    ],
)
def test_what_many_plans_say_is_no_copy(shared: str):
    texts = [f"{PARAGRAPHS[2 * i]}\n{shared}\n{PARAGRAPHS[2 * i + 1]}" for i in range(4)]
    assert copies_of(texts) == []


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        ([], set()),
        ([""], set()),
        (["", ""], set()),
        (["工作"], set()),
        (["工作", "工作"], {(0, 1)}),
        (["工作", "计划"], set()),
        (["。。。", "。。。"], set()),
        ([PASSAGE], set()),
        ([PASSAGE, PASSAGE], {(0, 1)}),
        (["啊" * 2000], {(0, 0)}),
        (["啊" * 2000, "啊" * 1990], {(0, 0), (0, 1), (1, 1)}),
        (["\udcb0\udca1", "\udcb0\udca1"], set()),
        (["\U00020000" * 9, "\U00020000" * 9], {(0, 1)}),
    ],
)
def test_the_smallest_and_the_dullest_corpora(texts: list[str], pairs: set[tuple[int, int]]):
    assert pairs_of(copies_of(texts)) == pairs
    assert copies_of(texts) == find_copies(sign(enumerate(texts)), texts.__getitem__)


def test_copies_of_one_plan_give_as_many_rows():
    count = 300
    copies = copies_of([PASSAGE] * count, few=0)
    assert pairs_of(copies) == {(0, i) for i in range(1, count)}
    found = group(copies, [len(PASSAGE)] * count)
    assert found.duplicate_of.tolist() == [-1] + [0] * (count - 1)
    assert found.copied.tolist() == [0.0] + [1.0] * (count - 1)


def test_few_copies_of_one_plan_give_every_pair():
    assert len(copies_of([PASSAGE] * CROWD, few=0)) == CROWD * (CROWD - 1) // 2


def test_spun_copies_of_one_plan_give_few_rows_each():
    rng, count = Random(5), 120
    words = [word for changes in SPUN.values() for word in changes.items()]
    long = "\n".join([PASSAGE, *PARAGRAPHS[:6]])
    texts = [spun(dict(rng.sample(words, 5)), long) for _ in range(count)]
    copies = copies_of(texts)
    assert len(pairs_of(copies)) <= PARTNERS * count
    found = group(copies, [len(text) for text in texts])
    assert found.duplicate_of.tolist() == [-1] + [0] * (count - 1)


def test_a_paragraph_three_times_is_told_twice():
    text = f"{PASSAGE}\n{PASSAGE}\n{PASSAGE}"
    found = repeats(shingle(text))
    assert [(text[p.a_start : p.a_end].strip(), text[p.b_start : p.b_end].strip()) for p in found] == [
        (PASSAGE, PASSAGE)
    ] * 2


def test_a_passage_has_a_least_length():
    text = PASSAGE[: LEAST - 10]
    assert align(shingle(PARAGRAPHS[0] + text), shingle(PARAGRAPHS[1] + text)) == []


@pytest.mark.parametrize(
    ("copies", "lengths", "duplicate_of"),
    [
        ([], [], []),
        ([], [5, 5], [-1, -1]),
        # of two that are the same the later goes
        ([Copy(0, 0, 100, 1, 0, 100, 1.0)], [100, 110], [-1, 0]),
        # a short plan goes into the long one that holds it, wherever it stands
        ([Copy(0, 0, 100, 1, 0, 100, 1.0)], [100, 900], [1, -1]),
        ([Copy(0, 0, 100, 1, 0, 100, 1.0)], [900, 100], [-1, 0]),
        # a shared paragraph makes no group
        ([Copy(0, 0, 100, 1, 0, 100, 1.0)], [900, 900], [-1, -1]),
        # passages that overlap count once
        ([Copy(0, 0, 50, 1, 0, 50, 1.0), Copy(0, 0, 50, 1, 0, 50, 1.0)], [100, 100], [-1, -1]),
        # several passages add up
        ([Copy(0, 0, 40, 1, 0, 40, 1.0), Copy(0, 50, 80, 1, 60, 90, 1.0)], [100, 100], [-1, 0]),
        # three of a kind: the first stands for all, also where an earlier, shorter one went into it
        (
            [Copy(0, 0, 100, 1, 0, 100, 1.0), Copy(0, 0, 100, 2, 0, 100, 1.0), Copy(1, 0, 900, 2, 0, 900, 1.0)],
            [100, 900, 900],
            [1, -1, 1],
        ),
        # a copy of a copy
        ([Copy(0, 0, 100, 1, 0, 100, 1.0), Copy(1, 0, 100, 2, 0, 100, 1.0)], [100] * 3, [-1, 0, 0]),
        # what two unrelated plans hold goes to the earlier; these stay
        ([Copy(0, 0, 100, 2, 0, 100, 1.0), Copy(1, 0, 100, 2, 0, 100, 1.0)], [900, 900, 100], [-1, -1, 0]),
        ([Copy(1, 0, 90, 1, 100, 190, 1.0)], [5, 200], [-1, -1]),
    ],
)
def test_what_counts_once(copies: list[Copy], lengths: list[int], duplicate_of: list[int]):
    assert group(copies, lengths).duplicate_of.tolist() == duplicate_of


def test_rows_count_in_the_document():
    corpus = [Plan("甲", 1, 10, f"{PARAGRAPHS[0]}\n{PASSAGE}"), Plan("乙", 2, 500, PASSAGE)]
    rows = duplicate_rows(copies_of([plan.text for plan in corpus]), corpus.__getitem__)
    assert {name: column[0] for name, column in rows.items()} == {
        "a_doc": "甲",
        "a_section": 1,
        "a_start": 10 + len(PARAGRAPHS[0]) + 1,
        "a_end": 10 + len(corpus[0].text),
        "b_doc": "乙",
        "b_section": 2,
        "b_start": 500,
        "b_end": 500 + len(PASSAGE),
        "similarity": 1.0,
    }
    assert corpus[1].name == "乙/2"
    assert all(column == [] for column in duplicate_rows([], corpus.__getitem__).values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork a process")
def test_a_process_forked_after_signing_can_sign():
    # Threads that a library has started do not survive a fork: what waits for them would wait for ever.
    done = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, timeout=60, check=True, capture_output=True)
    assert done.stdout.split() == [b"True"]


def test_pairs_may_be_compared_in_parts():
    texts = [PASSAGE, f"{PARAGRAPHS[0]}{PASSAGE}", PASSAGE, PARAGRAPHS[0]]
    pairs = candidates(sign(enumerate(texts)))
    parts = [compare(pairs[i : i + 1], texts.__getitem__) for i in range(len(pairs))]
    assert [copy for part in parts for copy in part] == compare(pairs, texts.__getitem__) != []


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("计划 篇一\n正文", "计划 篇一", "正文"),
        ("计划 篇一", "计划 篇一", ""),
        ("计划书的正文", "计划", "计划书的正文"),
        ("正文", "", "正文"),
    ],
)
def test_a_heading_is_no_part_of_the_text(text: str, title: str, expected: str):
    assert body(text, title) == expected
    plan = Plan.without_heading("甲", 1, 7, text, title)
    assert (plan.start, plan.text) == (7 + text.index(expected), expected) if expected else plan.text == ""


def test_the_samples_share_nothing(golden: dict[str, str]):
    texts = [text for text in golden.values() for text in bodies(text)]
    assert pairs_of([copy for copy in copies_of(texts) if copy.a != copy.b]) == set()


def test_the_plans_of_the_real_document_that_share_a_text(shared: Path):
    (path,) = (shared / "raw").glob("*.txt")
    texts = bodies(path.read_text(encoding="utf-8"))
    found = copies_of(texts)
    assert pairs_of(found) - {(i, i) for i in range(12)} == {(1, 4), (1, 9), (4, 9)}
    assert duplicates_of(texts) == [1 if i in {4, 9} else -1 for i in range(12)]


def bodies(text: str) -> list[str]:
    document = Document("d", "d.txt", text)
    split.run(document)
    return [body(text[section.start : section.end], section.title) for section in document.sections]
