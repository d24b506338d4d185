"""Texts as the model reads them: sentences kept, windows of other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lm.model import LanguageModel
from pipeline.lm.scored import BESIDE, Scorer, score_windows
from pipeline.lm.tokens import BEGIN, END, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "一、工作计划：今年完成3项任务。\n做好ABC系统的维护，提高服务质量！认真学习"


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return LanguageModel()


def words(text: str) -> Iterator[tuple[int, int]]:
    yield from ((at, at + 2) for at in range(len(text) - 1) if text[at : at + 2].isalpha() and text[at] > "\u4e00")


def test_a_text_scores_as_its_tokens_do(model: LanguageModel):
    scored = Scorer(model).read(TEXT)
    assert np.array_equal(scored.logs[:-1], model.score(tokenise(TEXT).symbols)[0])
    assert scored.logs[-1] == 0


@given(st.lists(st.lists(st.sampled_from(["工作", "计划，", "完成。", "\n", "3", "a b"]), max_size=6), max_size=4))
def test_what_was_read_before_changes_nothing(texts: list[list[str]]):
    model, kept = LanguageModel(), None
    for text in map("".join, texts):
        kept = kept or Scorer(model)
        assert np.array_equal(kept.read(text).logs, Scorer(model).read(text).logs)


def test_only_new_sentences_are_put_to_the_model(model: LanguageModel, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    score = model.score
    monkeypatch.setattr(model, "score", lambda symbols: asked.append(symbols) or score(symbols))
    scorer = Scorer(model)
    scorer.read("今年的工作。明年的计划。")
    scorer.read("今年的工作。明年的计划。")
    scorer.read("今年的工作。明年的打算。今年的工作。")
    assert asked == [f"{BEGIN}今年的工作{END}{BEGIN}明年的计划{END}", f"{BEGIN}明年的打算{END}"]


@given(st.lists(st.lists(st.sampled_from(["工作", "计", "务", ""]), max_size=4), max_size=4))
def test_what_was_asked_before_changes_nothing(words: list[list[str]]):
    model = LanguageModel()
    scorer = Scorer(model)
    for row in words:
        windows = [("完成", word, "任务。") for word in row]
        assert all(map(np.array_equal, scorer.score(windows), Scorer(model).score(windows)))
        assert all(map(np.array_equal, scorer.score(windows), score_windows(model, windows)))


def test_a_window_with_the_word_that_stands_there_scores_as_the_text(model: LanguageModel):
    scored = Scorer(model).read(TEXT)
    spans = list(words(TEXT))
    first, last = scored.numbers(*zip(*spans, strict=True))
    low, high = scored.windows(first, last)
    assert (first - low <= BESIDE).all()
    assert (high - last <= BESIDE).all()
    symbols = scored.symbols
    bounds = list(zip(low.tolist(), first.tolist(), last.tolist(), high.tolist(), strict=True))
    assert [symbols[b:c] for _, b, c, _ in bounds] == [TEXT[start:end] for start, end in spans]
    got = score_windows(model, [(symbols[a:b], symbols[b:c], symbols[c:d]) for a, b, c, d in bounds])
    assert got.word == pytest.approx(scored.total(first, last), abs=1e-4)
    assert got.after == pytest.approx(scored.total(last, high), abs=1e-4)
    assert got.worst == pytest.approx(scored.worst(first, high), abs=1e-4)
    assert np.array_equal(got.size, high - first)


def test_windows_stay_within_the_sentence(model: LanguageModel):
    scored = Scorer(model).read("好。坏的事情。")
    first, last = scored.numbers([2], [3])
    low, high = scored.windows(first, last)
    assert scored.symbols[low[0] : high[0]] == BEGIN + "坏的事情"


def test_nothing_scores_as_nothing(model: LanguageModel):
    scored = Scorer(model).read("")
    assert (scored.symbols, scored.logs.tolist()) == ("", [0.0])
    got = score_windows(model, [])
    assert [len(column) for column in got] == [0, 0, 0, 0]
