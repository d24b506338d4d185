"""What a corpus teaches: evidence, decisions, and the learned table applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.errors import LexiconError
from pipeline.lexicons.tables import load_typos
from pipeline.lm.corrector import Correction
from pipeline.model import apply_edits
from pipeline.profile import Evidence, Profile, word_forms
from pipeline.rules.learned import Agreement, Learned, LearnedTable, decide
from pipeline.rules.protection import Protection

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.knowledge import Knowledge

EVIDENCE = st.builds(Evidence, *(st.integers(0, 50) for _ in range(6)), st.text("柿场市", max_size=4))
PROFILES = st.dictionaries(st.tuples(st.sampled_from("甲乙"), st.sampled_from("丙丁")), EVIDENCE).map(Profile)


def total(*profiles: Profile) -> dict[tuple[str, str], Evidence]:
    result = Profile()
    for profile in profiles:
        result.add(profile)
    return result.substitutions


@given(PROFILES, PROFILES, PROFILES)
def test_profiles_add_up_in_any_order(a: Profile, b: Profile, c: Profile):
    ab, bc = Profile(total(a, b)), Profile(total(b, c))
    assert total(ab, c) == total(a, bc) == total(c, b, a)
    assert total(a, Profile()) == a.substitutions


def strong(support: int = 12, right: int = 0) -> Evidence:
    return Evidence(support, 4000 * support, 6000, support, right, 1, "在柿场竞争中")


def test_a_consistent_substitution_is_believed(knowledge: Knowledge):
    rows = decide(Profile({("柿场", "市场"): strong()}), knowledge.words, Agreement())
    assert [(row.wrong, row.right, row.support, row.decision) for row in rows] == [("柿场", "市场", 12, "apply")]
    assert 0.9 <= rows[0].confidence < 0.98


def test_what_stands_once_teaches_nothing(knowledge: Knowledge):
    assert decide(Profile({("柿场", "市场"): strong(1)}), knowledge.words, Agreement()) == []


def test_the_right_form_elsewhere_speaks_against_it(knowledge: Knowledge):
    weak = Evidence(2, -1500, 200, 30, 200, 1, "制订计划")
    assert decide(Profile({("制订", "制定"): weak}), knowledge.words, Agreement()) == []


def test_rivals_and_circles_are_only_suggested(knowledge: Knowledge):
    profile = Profile({("柿场", "市场"): strong(20), ("柿场", "是场"): strong(5), ("市场", "柿场"): strong(4)})
    rows = decide(profile, knowledge.words, Agreement())
    assert {(row.wrong, row.right) for row in rows if row.decision == "apply"} == {("柿场", "市场")}


def test_word_forms(knowledge: Knowledge):
    text = "在柿场竞争中"
    found = Correction(1, 2, "柿", "市", 5.0, 0.9)
    assert word_forms(text, found, knowledge.words, lambda _: False) == [("柿场", "市场")]
    assert word_forms(text, found, knowledge.words, lambda char: char == "柿") == [("柿", "市"), ("柿场", "市场")]


def table(knowledge: Knowledge, *pairs: tuple[str, str], protected: tuple[str, ...] = ()) -> LearnedTable:
    rows = [Learned(wrong, right, 9, 1.0, "", "apply", 0.95) for wrong, right in pairs]
    return LearnedTable(rows, knowledge.corrector, knowledge.words, Protection(protected))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("证券经记业务，已经记录在案", "证券经纪业务，已经记录在案"),
        ("大家都不知道柿场", "大家都不知道市场"),
        ("不要写成“柿场”", "不要写成“柿场”"),
    ],
)
def test_the_learned_table_asks_the_model(text: str, want: str, knowledge: Knowledge):
    learned = table(knowledge, ("经记", "经纪"), ("柿场", "市场"))
    assert apply_edits(text, learned.propose(text)).text == want


def test_protected_words_win_over_the_learned_table(knowledge: Knowledge):
    learned = table(knowledge, ("柿场", "市场"), protected=("柿场路",))
    text = "柿场路的柿场"
    assert apply_edits(text, learned.propose(text)).text == "柿场路的市场"


def test_a_document_teaches_itself():
    text = "".join(
        f"第{n}条：要{verb}柿场，使柿场工作再上新台阶。\n"
        for n, verb in enumerate(["研究", "开拓", "熟悉", "占领", "分析", "稳定"], 1)
    )
    settings = pipeline.Settings(lexicon=False)
    learned = pipeline.learn([text], settings)
    assert ("柿场", "市场", "apply") in {(row.wrong, row.right, row.decision) for row in learned}
    document = pipeline.clean(text, settings)
    assert "柿" not in document.text
    again = pipeline.clean(document.text, settings, learned=learned)
    assert [row for row in again.edits if row.applied] == []


def learned_csv(
    path: Path, *rows: str, header: str = "wrong,right,support,consistency,example,decision,confidence"
) -> Path:
    path.write_text("\ufeff" + header + "\n" + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_learned_table_can_be_given_back(tmp_path: Path):
    path = learned_csv(
        tmp_path / "learned_table.csv", "柿坊,市场,9,1.0,x,apply,0.95", '"走坊","走访",3,0.5,"a,b",suggest,0.6'
    )
    assert [(typo.wrong, typo.right) for typo in load_typos(path)] == [("柿坊", "市场")]
    assert pipeline.clean("柿坊", pipeline.Settings(typos=path)).text == "市场"


def test_faults_of_a_learned_table_are_told_together(tmp_path: Path):
    path = learned_csv(
        tmp_path / "mine.csv",
        "柿场,柿场,1,1,x,apply,1",
        "甲乙,乙甲,1,1,x,apply,1",
        "乙甲,甲乙,1,1,x,apply,1",
        "丙,丁,1,1,x,yes,1",
    )
    with pytest.raises(LexiconError) as caught:
        load_typos(path)
    for part in ("mine.csv", "mapped to itself", "circle", "'yes'", "apply or suggest or reject"):
        assert part in str(caught.value)
    odd = learned_csv(tmp_path / "odd.csv", header="wrong,right,support,consistency,example,decision,confidence,mood")
    with pytest.raises(LexiconError, match="unknown column 'mood'"):
        load_typos(odd)
    with pytest.raises(LexiconError, match="header"):
        load_typos(learned_csv(tmp_path / "other.csv", header="from,to"))
