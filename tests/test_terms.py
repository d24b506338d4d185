"""Terms: runs, counts that add up, phrases that the corpus bears out; the vocabulary's faults all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.terms import TermCounts, candidates, cohesion, count_terms, mine_phrases, tokeniser
from pipeline.analysis.vocabulary import HEADING_WEIGHT, Vocabulary, features
from pipeline.errors import LexiconError
from pipeline.lexicons.plan_words import load_plan_words, read_classes, read_phrases
from tests.mini_plans import MINI_PLANS

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = list(MINI_PLANS.values())


def test_runs_are_broken_by_stop_words_and_marks():
    runs = list(tokeniser().runs(tokeniser().words("进一步提高护理质量，做好消毒隔离；ICU病房")))
    assert runs == [["护理", "质量"], ["消毒", "隔离"], ["病房"]]


def test_domain_words_are_whole_words():
    assert "揽储" in tokeniser().words("加大揽储力度")


def test_candidates_are_short_enough():
    found = list(candidates(["客户", "经理", "培训", "基地", "建设"]))
    assert ("客户", "经理", "培训", "基地") in found
    assert all(1 < len(phrase) <= 4 and sum(map(len, phrase)) <= 8 for phrase in found)


@given(st.lists(st.sampled_from(TEXTS), max_size=5), st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_counts_of_shards_add_up_in_any_order(texts: list[str], at: int):
    one, two, back = TermCounts(), TermCounts(), TermCounts()
    one.add(count_terms(texts))
    for part in (texts[:at], texts[at:]):
        two.add(count_terms(part))
    for part in (texts[at:], texts[:at]):
        back.add(count_terms(part))
    assert one == two == back
    assert mine_phrases(two) == mine_phrases(back)


@given(st.text())
@settings(deadline=None)
def test_any_text_can_be_counted(text: str):
    counts = count_terms([text])
    phrases = mine_phrases(counts)
    vocabulary = Vocabulary(phrases, [])
    assert vocabulary.count([text, ""]).shape == (2, len(vocabulary))


def test_a_repeated_cohesive_phrase_is_found_and_a_chance_one_is_not():
    text = "楼道灯具切换。夜里看了楼道灯具。早上又看楼道灯具。" + "管理工作。" * 5
    phrases = mine_phrases(count_terms([text]))
    assert phrases["楼道灯具"] == ("楼道", "灯具")
    assert "管理工作" not in phrases


def test_a_heading_is_evidence_and_running_text_once_is_not():
    phrases = mine_phrases(count_terms(["一、楼道灯具\n昨天谈到楼道灯具厂家的事。"]))
    assert "楼道灯具" in phrases
    assert "灯具厂家" not in phrases


def test_words_always_together_are_most_cohesive():
    counts = count_terms(["机房电源。" * 3 + "楼道灯具，楼道，灯具，楼道，灯具。"])
    assert cohesion(("机房", "电源"), counts) > cohesion(("楼道", "灯具"), counts)


def test_vocabulary_counts_the_longest_term_and_headings_for_more():
    vocabulary = Vocabulary({"护理质量": ("护理", "质量")}, ["护理", "质量"])
    counted = vocabulary.count(["护理质量好，护理好。", "一、护理质量\n略"])
    whole, part = vocabulary.column["护理质量"], vocabulary.column["护理"]
    assert counted[0, whole] == counted[0, part] == 1
    assert counted[1, whole] == 1 + HEADING_WEIGHT
    assert (counted @ vocabulary.parts)[0, part] == 2


def test_columns_are_no_verbs():
    assert features({"护理": 3, "招呼": 3, "压疮": 1}, 2) == ["护理"]


def test_the_shipped_vocabulary_is_sound():
    words = load_plan_words()
    classes = [words.terms, words.weak, words.actions, words.stop]
    assert all(classes)
    assert sum(map(len, classes)) == len(frozenset().union(*classes))
    assert words.phrases["基础设施建设"] == ("基础设施", "建设")


def test_all_faults_of_the_table_are_reported_together(tmp_path: Path):
    path = tmp_path / "plan_words.tsv"
    path.write_text("word\tclass\tfield\n客户\tterm\t\n客户\tweak\t\nabc\tterm\t\n方面\tnone\t\n", encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        read_classes(path)
    assert len(caught.value.faults) == 3
    for part in ("stands already in line 2", "'abc' must be", "class is 'none'"):
        assert part in str(caught.value)


def test_all_faults_of_the_phrases_are_reported_together(tmp_path: Path):
    path = tmp_path / "plan_phrases.txt"
    path.write_text("# note\n安全 检查\n安全检查\n安全 检查\nab 检查\n", encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        read_phrases(path)
    assert len(caught.value.faults) == 4


def test_a_missing_list_is_a_clear_message(tmp_path: Path):
    with pytest.raises(LexiconError, match="cannot be read"):
        read_phrases(tmp_path / "none.txt")
