"""The curated table applied with its guards."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from pipeline.lexicons.tables import Typo, load_typos
from pipeline.model import apply_edits
from pipeline.rules.typos import TypoTable

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge

ROWS = [
    Typo("题高", "提高"),
    Typo("理仑", "理论"),
    Typo("仑流", "轮流"),
    Typo("一至", "一致", unless=(("", "两"), ("周", ""))),
    Typo("心里", "心理", only=(("", "素质"),)),
    Typo("努厉", "努力"),
    Typo("不努厉", "不努力"),
]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("题高理仑水平", "提高理论水平"),
        ("客户经理仑流上台", "客户经理轮流上台"),
        ("协调一至", "协调一致"),
        ("心里素质", "心理素质"),
        ("决不努厉", "决不努力"),
    ],
)
def test_corrected(text: str, want: str, knowledge: Knowledge):
    table = TypoTable(ROWS, frozenset(), knowledge.words)
    assert apply_edits(text, table.propose(text)).text == want


@pytest.mark.parametrize("text", ["对此问题高度重视", "一至两次", "周一至周五", "心里想", "把“努厉”改过来"])
def test_left_alone(text: str, knowledge: Knowledge):
    table = TypoTable(ROWS, frozenset(), knowledge.words)
    assert apply_edits(text, table.propose(text)).text == text


def test_protected_words_win(knowledge: Knowledge):
    table = TypoTable(ROWS, frozenset({"努厉集团"}), knowledge.words)
    text = "努厉集团很努厉"
    assert apply_edits(text, table.propose(text)).text == "努厉集团很努力"


def test_no_rows_of_the_shipped_table_undo_each_other(knowledge: Knowledge):
    rows = load_typos()
    table, tried = TypoTable(rows, frozenset(), knowledge.words), 0
    for row, other in product(rows, rows):
        if (row.wrong, row.right) != (other.right, other.wrong):
            continue
        contexts = [*row.only, *other.only]
        for (before, _), (_, after) in product(contexts, contexts):
            once = apply_edits(f"{before}{row.wrong}{after}", table.propose(f"{before}{row.wrong}{after}")).text
            assert apply_edits(once, table.propose(once)).text == once
            tried += 1
    assert tried, "no such rows: the test may go"
