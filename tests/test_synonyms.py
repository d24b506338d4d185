"""Spun synonyms: candidates, the document's habits, what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.errors import LexiconError
from pipeline.lexicons.tables import Synonym, load_synonyms
from pipeline.lm.trees import TreeModel
from pipeline.model import apply_edits
from pipeline.rules.synonyms import FAR, FEATURES, GRAIN, SHIPPED, Habits, Synonyms, SynonymTable

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.knowledge import Knowledge

HEADER = "spun\toriginal\tclass\n"
SPUN = """一、全体提高服务质量
今年以来，我们始终坚持以客户为中心，全体提高服务质量，全体加强队伍建设，全体落实各项规章制度。
二、要点工作
要点客户要要点维护，在工作中变成良好的习惯，变成人人参与的局面，采取有用的措施，建立有用的激励机制。
如遇见困难，要及时汇报；遇见问题，要共同研究。增多工作人员，增多资金投入，努力增多存款。"""


def rule(pairs: list[Synonym], knowledge: Knowledge) -> Synonyms:
    table = SynonymTable(pairs, knowledge.scorer, knowledge.sentences, knowledge.words)
    return Synonyms(table, TreeModel(SHIPPED, FEATURES, "training/train_synonyms.py"), knowledge.protection)


def propose(text: str, knowledge: Knowledge) -> dict[tuple[int, str], tuple[str, float, str]]:
    return {(e.start, e.before): (e.after, e.confidence, e.why) for e in knowledge.synonyms.propose(text)}


def test_a_spun_text_is_undone(knowledge: Knowledge):
    result = apply_edits(SPUN, knowledge.synonyms.propose(SPUN), knowledge.settings.min_confidence).text
    for wanted in ("全面提高服务质量", "全面加强", "形成良好的习惯", "有效的措施", "遇到问题"):
        assert wanted in result


@pytest.mark.parametrize(
    "text",
    [
        "正是因为大家的努力，才有了今天的成绩。",
        "全体员工要认真学习会议精神。",
        "他在街上遇见老同学，两人聊了很久。",
        "会议传达了文件的重要要点。",
        "最初的设想是办一所夜校，后来变成了今天的样子。",
        "",
        "。",
        "abc 123",
        "\ud800全体",
    ],
)
def test_natural_uses_stay(text: str, knowledge: Knowledge):
    assert all(confidence < 0.9 for _, confidence, _ in propose(text, knowledge).values())


def test_why_compares_the_readings_and_tells_the_habits(knowledge: Knowledge):
    reasons = [why for (_, before), (_, _, why) in propose(SPUN, knowledge).items() if before == "全体"]
    assert reasons
    assert all("likelier here than 全体" in why for why in reasons)
    assert any("the text has 全体" in why for why in reasons)


def test_protected_and_quoted_words_stay(knowledge: Knowledge):
    quoted = SPUN.replace("全体提高", "“全体”提高")
    spans = [(start, before) for start, before in propose(quoted, knowledge) if before == "全体"]
    assert quoted.index("“全体”") + 1 not in {start for start, _ in spans}
    at = SPUN.index("全体提高")
    assert not any(
        start == at for start, _ in ((e.start, e.before) for e in knowledge.synonyms.propose(SPUN, [(at, at + 2)]))
    )


def test_without_the_lexicon_there_are_no_pairs(knowledge: Knowledge):
    table = SynonymTable([], knowledge.scorer, knowledge.sentences, knowledge.words)
    ((found, rows),) = table.candidates([SPUN])
    assert not found
    assert rows.shape == (0, len(FEATURES))
    assert not list(rule([], knowledge).propose(SPUN))


def test_rows_are_in_whole_steps_and_gains_positive(knowledge: Knowledge):
    ((found, rows),) = knowledge.synonym_table.candidates([SPUN])
    assert rows.shape == (len(found), len(FEATURES))
    assert np.array_equal(rows * GRAIN, np.round(rows * GRAIN))
    assert all(gain > 0 for _, gain in found)
    assert all(SPUN[start:end] == pair.spun for (start, end, pair), _ in found)


def test_a_circle_of_pairs_settles(knowledge: Knowledge):
    circle = [
        Synonym("变成", "形成", seen=True),
        Synonym("形成", "造成", seen=True),
        Synonym("造成", "变成", seen=True),
    ]
    turning = rule(circle, knowledge)
    text = SPUN
    for _ in range(6):
        after = apply_edits(text, turning.propose(text), 0.9).text
        if after == text:
            break
        text = after
    assert apply_edits(text, turning.propose(text), 0.9).text == text


@st.composite
def habits(draw: st.DrawFn) -> tuple[list[int], list[list[int]], list[float]]:
    """Draw the word of each place, the pairs of each word (no two words share one), a gain for every row."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    starts = np.cumsum([0, *sizes]).tolist()
    pairs = [list(range(start, start + size)) for start, size in zip(starts, sizes, strict=False)]
    forms = draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=8))
    rows = sum(sizes[form] for form in forms)
    return forms, pairs, draw(st.lists(st.floats(-3, 5), min_size=rows, max_size=rows))


@given(habits())
def test_a_place_does_not_vouch_for_itself(drawn: tuple[list[int], list[list[int]], list[float]]):
    forms, pairs, gains = drawn
    place = [at for at, form in enumerate(forms) for _ in pairs[form]]
    pair = [number for form in forms for number in pairs[form]]
    found = Habits(np.array(place), np.array(pair), np.array(gains), np.array(forms), np.zeros(len(forms), np.int64))
    assert sorted(place[row] for row in found.best) == list(range(len(forms)))
    columns = found.columns(found.best, np.zeros(len(found.best), bool))
    for row, (lead, pair_lead, places, pair_gain, *_) in zip(found.best.tolist(), columns.tolist(), strict=True):
        others = [g for n, g in enumerate(gains) if pair[n] == pair[row] and n != row]
        assert pair_gain == pytest.approx(sum(others) / max(1, len(others)), abs=1e-6)
        assert places == pytest.approx(np.log1p(forms.count(forms[place[row]])))
        if len(pairs[forms[place[row]]]) == 1:
            assert (lead, pair_lead) == (FAR, FAR)
        else:
            assert 0 <= lead <= FAR


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("全体\t全体\tseen\n", "two words"),
        ("全体\t\tseen\n", "two words"),
        ("全体\t全面\tseen\n全体\t全面\tcommon\n", "stands already in line 2"),
        ("全体\tall\tseen\n", "no Chinese character"),
        ("全体\t全面\tmaybe\n", "the class is 'maybe'"),
    ],
)
def test_all_faults_of_a_table_are_told(rows: str, fault: str, tmp_path: Path):
    path = tmp_path / "synonyms.tsv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(LexiconError, match=fault):
        load_synonyms(path)


def test_the_shipped_table_is_sound():
    pairs = load_synonyms()
    assert len(pairs) > 1000
    assert {(pair.spun, pair.original) for pair in pairs if pair.seen} >= {("全体", "全面"), ("要点", "重点")}


def test_explain_shows_why():
    lines = pipeline.clean(SPUN).explain().splitlines()
    assert any("despin.synonym" in line and "likelier here than" in line for line in lines)
