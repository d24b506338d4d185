"""The tokens of the language model: classes, runs, sentences, offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lm.tokens import BEGIN, END, tokenise

ALPHABET = "的一工作计划鿿㐀𠀀0９aＺé，、；:。．!…\n \t\u3000\u2003\u200b（#\x02\x03\ud800\udfff😀"
TEXTS = st.text(st.sampled_from(ALPHABET) | st.characters(), max_size=60)


def sentences(text: str) -> list[str]:
    return list(tokenise(text).sentences())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("工作计划", ["工作计划"]),
        ("一\u4e00\u9fff", ["一一\u9fff"]),
        ("㐀\u9fff𠀀", ["#\u9fff#"]),  # outside U+4E00–U+9FFF
        ("2024年", ["0年"]),
        ("２０24年", ["0年"]),  # a run may mix widths
        ("12 34", ["00"]),  # a blank ends a run
        ("ISO９００１ａＢc", ["A0A"]),
        ("é", ["#"]),
        ("，,、；;：:", ["，，，，，，，"]),
        ("（甲）——“乙”", ["#甲####乙#"]),
        ("甲 \t\r\v\f\u3000\u00a0\u2003\u2028乙", ["甲乙"]),
        ("甲\u200b乙", ["甲#乙"]),
        ("\x02甲\x03", ["#甲#"]),  # control characters of the text are no borders
        ("😀", ["#"]),
    ],
)
def test_classes(text: str, wanted: list[str]):
    assert sentences(text) == wanted


@pytest.mark.parametrize("stop", "。．.！!？?…\n")
def test_a_stop_ends_a_sentence_and_is_no_token(stop: str):
    assert sentences(f"甲乙{stop}丙") == ["甲乙", "丙"]
    assert sentences(f"{stop}甲{stop}{stop} {stop}丙{stop}") == ["甲", "丙"]
    assert sentences("3.5") == ["0", "0"]


@pytest.mark.parametrize("text", ["", " ", "\n", "。\u3000\n…", "\r\n\r\n"])
def test_text_without_tokens_is_empty(text: str):
    tokens = tokenise(text)
    assert (tokens.symbols, len(tokens.codes), len(tokens.offsets)) == ("", 0, 0)
    assert sentences(text) == []


def test_borders_and_offsets():
    tokens = tokenise(" 甲12。 乙，\n")
    assert tokens.symbols == f"{BEGIN}甲0{END}{BEGIN}乙，{END}"
    assert tokens.offsets.tolist() == [1, 1, 2, 6, 6, 6, 7, 9]


def test_lone_surrogates_and_pairs_are_other_characters():
    assert tokenise("甲\ud800乙\udc80").symbols == f"{BEGIN}甲#乙#{END}"
    assert sentences("\ud83d\ude00") == ["##"]  # two code points of the text, not one


@given(TEXTS)
def test_offsets_increase_and_lead_to_the_tokens(text: str):
    tokens = tokenise(text)
    assert len(tokens.symbols) == len(tokens.codes) == len(tokens.offsets)
    places = [int(at) for at in tokens.offsets]
    assert places == sorted(places)
    inner = [(symbol, at) for symbol, at in zip(tokens.symbols, places, strict=True) if symbol not in {BEGIN, END}]
    assert len({at for _, at in inner}) == len(inner)
    for symbol, at in inner:
        assert sentences(text[at]) == [symbol]


@given(TEXTS)
def test_sentences_stand_between_borders_and_are_not_empty(text: str):
    tokens = tokenise(text)
    assert "".join(f"{BEGIN}{part}{END}" for part in tokens.sentences()) == tokens.symbols
    assert all(tokens.sentences())


@given(TEXTS, TEXTS)
def test_lines_are_tokenised_independently(one: str, two: str):
    both = tokenise(f"{one}\n{two}")
    assert both.symbols == tokenise(one).symbols + tokenise(two).symbols


@given(TEXTS)
def test_only_text_of_blanks_and_stops_has_no_tokens(text: str):
    visible = [char for char in text if not char.isspace()]
    assert bool(tokenise(text).symbols) == bool([char for char in visible if char not in "。．.！!？?…"])
