"""The language model: its scores are KenLM's own, and a file that is none is refused with the next step."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import kenlm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import LexiconError
from pipeline.lm import model as module
from pipeline.lm.model import SHIPPED, LanguageModel
from pipeline.lm.tokens import BEGIN, END, tokenise

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    "为了进一步做好2024年的护理工作，提高服务质量，特制定本计划。\n一、指导思想：以病人为中心（ISO9001）！龘龘䶮\n"
    "捅过半年的努厉，病房管理水泙有了题高。\n通过。的\n"
)
HEADER = 0x90  # bytes of the shipped file before its vocabulary
DATA = (
    44_440_468  # bytes of the shipped file before the list of its words, of which only the first, <unk>, is looked at
)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return LanguageModel()


@pytest.fixture(scope="module")
def plain() -> kenlm.Model:
    return kenlm.Model(str(SHIPPED))


def arpa(folder: Path, words: str, name: str = "tiny.arpa") -> Path:
    """A bigram model by hand: all words are equally likely, and each is likely after the one before it in ``words``."""
    single = [f"-1.0\t{word}\t-0.3" for word in words.split()]
    double = [f"-0.2\t{one} {two}" for one, two in zip(words.split(), words.split()[1:], strict=False)]
    lines = ["\\data\\", f"ngram 1={len(single) + 3}", f"ngram 2={len(double)}", "", "\\1-grams:"]
    lines += ["-2.0\t<unk>\t0", "0\t<s>\t-0.3", "-1.0\t</s>\t0", *single, "", "\\2-grams:", *double, "", "\\end\\", ""]
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def fault(path: Path) -> str:
    with pytest.raises(LexiconError) as caught:
        LanguageModel(path)
    assert str(caught.value).startswith(f"{path.name}: 1 fault(s)")
    assert str(path.parent) not in str(caught.value)
    return caught.value.faults[0]


def by_sentence(plain: kenlm.Model, text: str) -> list[tuple[float, int]]:
    """What KenLM says of each token but the begins, a sentence at a time."""
    rows = [row for part in tokenise(text).sentences() for row in plain.full_scores(" ".join(part))]
    return [(log, order) for log, order, _ in rows]


def scored(model: LanguageModel, text: str) -> list[tuple[float, int]]:
    symbols = tokenise(text).symbols
    logs, orders = model.score(symbols)
    assert (logs.dtype, orders.dtype) == (np.float32, np.int8)
    assert len(logs) == len(orders) == len(symbols)
    rows = zip(symbols, logs.tolist(), orders.tolist(), strict=True)
    return [(log, order) for symbol, log, order in rows if symbol != BEGIN]


def test_the_shipped_model_opens(model: LanguageModel):
    assert (model.order, model.path) == (4, SHIPPED)


def test_scores_are_those_of_kenlm_for_each_sentence(model: LanguageModel, plain: kenlm.Model):
    rows = scored(model, TEXT)
    assert rows == by_sentence(plain, TEXT)
    assert {order for _, order in rows} >= {1, 4}


@pytest.mark.parametrize("block", [1, 2, 3, 7, 20, 1000])
def test_scores_do_not_depend_on_the_block(
    block: int, model: LanguageModel, plain: kenlm.Model, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "BLOCK", block)
    assert scored(model, TEXT) == by_sentence(plain, TEXT)


@pytest.mark.parametrize("block", [1, 2, 5, 8, 100])
def test_blocks_cover_the_symbols_and_end_at_sentences_where_they_can(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK", block)
    symbols = tokenise(TEXT).symbols
    blocks = list(module._blocks(symbols, 3))
    assert "".join(symbols[start:end] for _, start, end in blocks) == symbols
    for first, start, end in blocks:
        assert 0 < end - start <= block
        assert first == (start if symbols[start] == BEGIN else max(0, start - 3))
        assert end == len(symbols) or symbols[end] == BEGIN or BEGIN not in symbols[start + 1 : end + 1]


def test_nothing_is_scored_as_nothing(model: LanguageModel):
    logs, orders = model.score("")
    assert (logs.tolist(), orders.tolist()) == ([], [])


@given(st.text("的工作计划努力龘，0" + BEGIN + END, max_size=9))
def test_the_state_after_symbols_is_that_of_one_after_the_other(symbols: str):
    model, plain = LanguageModel(), kenlm.Model(str(SHIPPED))
    state = kenlm.State()
    plain.NullContextWrite(state)
    for symbol in symbols:
        following = kenlm.State()
        if symbol == BEGIN:
            plain.BeginSentenceWrite(following)
        else:
            plain.BaseScore(state, "</s>" if symbol == END else symbol, following)
        state = following
    assert model.after(symbols) == state


def test_the_state_at_the_begin(model: LanguageModel, plain: kenlm.Model):
    state, following = model.after(BEGIN), kenlm.State()
    assert state == model.begin()
    assert state != model.after("")
    assert model.base_score(state, "为", following) == next(iter(plain.full_scores("为")))[0]
    assert following == model.after(BEGIN + "为")


def test_an_arpa_file_of_chinese_characters_opens(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    model = LanguageModel(arpa(tmp_path, "的 工 作"))
    assert model.order == 2
    logs, orders = model.score(f"{BEGIN}工作的{END}")
    assert logs[1:].tolist() == pytest.approx([-1.3, -0.2, -1.3, -1.3])
    assert orders[1:].tolist() == [1, 2, 1, 1]
    assert capfd.readouterr() == ("", "")  # KenLM draws a progress bar unless it is told not to


def test_any_name_opens(tmp_path: Path):
    assert LanguageModel(arpa(tmp_path, "的 工 作", "我的 模型")).order == 2


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_name_that_is_not_utf8_opens(tmp_path: Path):
    name = os.fsdecode(b"\xce\xd2.arpa")
    try:
        path = arpa(tmp_path, "的 工 作", name)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    assert LanguageModel(path).order == 2


def test_an_arpa_file_of_english_words_is_refused(tmp_path: Path):
    found = fault(arpa(tmp_path, "the work plan"))
    assert found == "is no model of Chinese characters; see qinggao lm prepare --help"


def test_a_missing_file(tmp_path: Path):
    found = fault(tmp_path / "none.klm")
    assert "cannot be read: No such file" in found
    assert "give the path of a KenLM model with --lm" in found


def test_a_folder(tmp_path: Path):
    (tmp_path / "folder.klm").mkdir()
    found = fault(tmp_path / "folder.klm")
    assert "cannot be read: " in found
    assert "give the path of a KenLM model with --lm" in found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"hello\n",
        "的 工 作\n".encode(),
        b"\x1f\x8b\x08\x00compressed",
        b"\xef\xbb\xbf\\data\\\n",
        b"PK\x03\x04" * 9000,
    ],
)
def test_other_content(content: bytes, tmp_path: Path):
    path = tmp_path / "other.klm"
    path.write_bytes(content)
    assert fault(path) == "is no KenLM model; docs/language-model.md shows how to build one"


@pytest.mark.parametrize("size", [40, 52, 64, 88, 90, 120, HEADER, 200, 4096, 100_000])
def test_the_first_bytes_of_the_shipped_file(size: int, tmp_path: Path):
    with SHIPPED.open("rb") as stream:
        (tmp_path / "cut.klm").write_bytes(stream.read(size))
    found = fault(tmp_path / "cut.klm")
    assert found.startswith("cannot be loaded (")
    assert found.endswith("); copy or build it anew")


def test_a_truncated_copy(tmp_path: Path, model: LanguageModel):
    path = tmp_path / "cut.klm"
    shutil.copyfile(SHIPPED, path)
    os.truncate(path, DATA + len("<unk>\0"))
    assert scored(LanguageModel(path), TEXT) == scored(model, TEXT)
    for size in (DATA + 5, DATA, DATA - 1, 30_000_000, 1_000_000):
        os.truncate(path, size)
        found = fault(path)
        assert found.startswith("cannot be loaded (")
        assert found.endswith("; copy or build it anew")
    assert f"has size {size} but the headers say it should be at least {DATA}" in found


def test_a_build_that_was_broken_off(tmp_path: Path):
    path = tmp_path / "half.klm"
    path.write_bytes(b"mmap lm http://kheafield.com/code incomplete\n" + bytes(200))
    assert "did not finish building" in fault(path)


def test_a_file_of_another_version(tmp_path: Path):
    path = tmp_path / "old.klm"
    path.write_bytes(b"mmap lm http://kheafield.com/code format version 4\n" + bytes(200))
    assert "has version 4 but this implementation expects version 5" in fault(path)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_cut_arpa_file(part: float, tmp_path: Path):
    path = arpa(tmp_path, "的 工 作")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    assert fault(path).startswith("cannot be loaded (")


def test_an_arpa_file_that_claims_too_much(tmp_path: Path):
    path = tmp_path / "huge.arpa"
    path.write_text("\\data\\\nngram 1=9999999999999\nngram 2=1\n\n\\1-grams:\n", encoding="utf-8")
    assert fault(path).startswith("cannot be loaded (")
