"""The network: what it reads, how it is asked, and what happens where it cannot be had."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.lm.network import HIDDEN, SHIPPED, STRIDE, WINDOW, Network

if TYPE_CHECKING:
    from pathlib import Path

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `neural` is not installed")
TEXT = "公司要求每位员工努厉提高服务质量，为客户提供优质的服务。"


@cache
def network() -> Network:
    return Network()


def test_a_wrong_character_is_doubted_and_the_right_one_is_foretold() -> None:
    text = "认真分析柿场形势，做好各项工作。"
    at = text.index("柿")
    reading = network().read(text, range(len(text)))
    assert network().chars[int(reading.scores[at].argmax())] == "市"
    assert int(reading.doubt.argmax()) == at
    assert reading.doubt[np.abs(np.arange(len(text)) - at) > 1].max() < reading.doubt[at] - 5


def test_a_hidden_word_is_foretold_from_both_sides() -> None:
    words = ["客户", "天气", "公司"]
    likely = network().likely("为", words, "提供优质的服务，提高客户的满意度。")
    assert words[int(likely.argmax())] == "客户"


def test_words_of_several_lengths_and_unknown_characters_have_a_score() -> None:
    likely = network().likely("加强", ["人", "管理", "𠀀𠀀"], "工作。")
    assert np.isfinite(likely).all()
    assert likely[2] < likely[1]


@given(st.text(max_size=40), st.data())
def test_any_text_can_be_read_and_other_places_change_nothing(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, max(0, len(text) - 1)), max_size=5)) if text else []
    together = network().read(text, places)
    assert together.scores.shape == (len(places), len(network().chars))
    for row, place in enumerate(places):
        alone = network().read(text, [place])
        assert (alone.scores[0] == together.scores[row]).all()
        assert alone.doubt[0] == together.doubt[row]


def test_a_long_text_is_read_in_windows_that_do_not_see_each_other() -> None:
    text = TEXT * (100_000 // len(TEXT))
    far = len(text) // 2
    assert (network().read(text, [far]).scores == network().read(text[: far + WINDOW], [far]).scores).all()
    assert STRIDE < WINDOW


def test_a_hidden_word_is_not_read() -> None:
    at = TEXT.index("质量")
    first, second = (TEXT[:at] + word + TEXT[at + 2 :] for word in (HIDDEN * 2, "天气"))
    hidden, shown = (network().read(text, [at, at + 1]).scores for text in (first, second))
    best = [network().chars[int(row.argmax())] for row in hidden]
    assert best[0] in "质水能"
    assert best[1] in "量平力"
    assert (hidden != shown).any()


def test_a_missing_model_a_broken_one_and_one_of_another_version_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        Network(tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(SHIPPED.read_bytes()[:1000])
    with pytest.raises(ModelError, match="no model that can be read"):
        Network(broken)
    onnx = pytest.importorskip("onnx", reason="the extra `network` is not installed")
    model = onnx.load(str(SHIPPED))
    onnx.helper.set_model_props(model, {"version": "0"})
    onnx.save(model, str(tmp_path / "old.onnx"))
    with pytest.raises(ModelError, match="is of version 0"):
        Network(tmp_path / "old.onnx")


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"qinggao\[neural\]"):
        Network()
