"""The corrector: detection, decoding and acceptance together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import LexiconError
from pipeline.knowledge import Knowledge
from pipeline.lm.acceptance import SHIPPED, AcceptanceModel
from pipeline.lm.corrector import Corrector
from pipeline.lm.features import FEATURES, GRAIN
from pipeline.lm.trees import BAR
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

KNOWLEDGE = Knowledge(Settings(lexicon=False))
LINES = st.lists(
    st.sampled_from(
        ["认真分析柿场形势", "题高服务水泙", "捅过努厉", "abc", "", "今天天气很好。明天也好", "赀金，123", "𠀀㬎", "把“努厉”改过来", "\ud800乱码"]
    ),
    max_size=6,
)  # fmt: skip


SENTENCES = st.lists(
    st.sampled_from(["认真分析柿场形势。", "题高服务水泙！", "“捅过努厉", "”", "？", "3.5", "也好。", "·李明", "\n", "赀金，123", " "]),
    max_size=8,
).map("".join)  # fmt: skip


def new_corrector() -> Corrector:
    return Corrector(KNOWLEDGE.proposer, KNOWLEDGE.features, KNOWLEDGE.corrector.acceptance)


def corrected(text: str, corrector: Corrector = KNOWLEDGE.corrector) -> str:
    for c in reversed(corrector.corrections(text, corrector.acceptance.threshold)):
        assert text[c.start : c.end] == c.before
        assert len(c.before) == len(c.after)
        text = text[: c.start] + c.after + text[c.end :]
    return text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("认真分析柿场形势", "认真分析市场形势"),
        ("努力开袥新的客户资源", "努力开拓新的客户资源"),
        ("进一步题高服务水泙。", "进一步提高服务水平。"),
        ("捅过大家的共同努厉，完成了年度计划。", "通过大家的共同努力，完成了年度计划。"),
    ],
)
def test_corrected(text: str, want: str):
    assert corrected(text) == want


@given(LINES)
@settings(deadline=None, max_examples=60)
def test_each_line_is_judged_by_itself(lines: list[str]):
    together = corrected("\n".join(lines), new_corrector())
    assert together == "\n".join(corrected(line, new_corrector()) for line in lines)


@given(st.lists(SENTENCES, max_size=5))
@settings(deadline=None, max_examples=60)
def test_what_was_seen_before_changes_nothing(texts: list[str]):
    remembering = new_corrector()
    for text in texts:
        assert remembering.corrections(text, 0.0) == new_corrector().corrections(text, 0.0)


def test_only_what_changed_is_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    looked: list[str] = []
    look = KNOWLEDGE.proposer.look
    monkeypatch.setattr(KNOWLEDGE.proposer, "look", lambda text: looked.append(text) or look(text))
    corrector = new_corrector()
    corrector.corrections("认真分析柿场形势。题高服务水泙！明天也好。后天的工作也好", 0.0)
    corrector.corrections("认真分析柿场形势。题高服务水泙！明天也好。后天的工作不好", 0.0)
    assert looked[1:] == ["\n天也好。后天的工作不好"]


def test_the_gain_of_a_change():
    text = "认真分析柿场形势"
    right, wrong = KNOWLEDGE.corrector.gains(text, [(4, 5, "市"), (0, 1, "泙")])
    assert right > 2
    assert wrong < 0
    assert KNOWLEDGE.corrector.gains(text, []) == []


def test_features_lie_on_a_grid():
    text = "认真分析柿场形势，题高服务水泙"
    found = KNOWLEDGE.proposer.look(text)
    rows = KNOWLEDGE.features.rows(text, found)
    assert rows.shape == (len(found.proposals), len(FEATURES))
    assert (rows * GRAIN == np.round(rows * GRAIN)).all()


def test_confidence_meets_the_bar_at_the_threshold():
    model = AcceptanceModel()
    bar = model.threshold
    assert model.confidence(bar) == BAR
    assert model.confidence(bar - 1e-9) < BAR
    assert model.confidence(0.0) == 0.0
    assert BAR < model.confidence(1.0) < 0.98  # the curated table is surer
    values = [model.confidence(p / 100) for p in range(101)]
    assert values == sorted(values)


def test_a_damaged_acceptance_model_is_refused(tmp_path: Path):
    path = tmp_path / "acceptance.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"acceptance\.json"):
        AcceptanceModel(path)
    stored = json.loads(SHIPPED.read_text(encoding="utf-8"))
    path.write_text(json.dumps(stored | {"features": ["gain"]}), encoding="utf-8")
    with pytest.raises(LexiconError, match="other features"):
        AcceptanceModel(path)
    with pytest.raises(LexiconError, match="install qinggao again"):
        AcceptanceModel(tmp_path / "none.json")


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog. It is 5 o'clock; nobody came!",
        "これは日本語の文章です。図書館で本を読みました。",
        "大家好" * 20 + "的" * 5000,
    ],
)
def test_other_languages_and_long_runs_are_left_alone(text: str):
    assert corrected(text) == text


def test_a_megabyte_without_punctuation_is_finished():
    unit = "认真学习业务知识努力提高服务水平"
    text = unit * (350_000 // len(unit)) + "柿场竞争"
    assert corrected(text).endswith("市场竞争")
