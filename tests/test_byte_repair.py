"""Stray bytes go, cut characters are marked, other encodings are read, shifted GBK is put back in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.model import apply_edits
from pipeline.rules.byte_repair import propose_byte_repairs
from pipeline.stages.decode import decode

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge

PLAIN = "为进一步提高护理质量，全面落实整体护理，特制定本年度工作计划如下。"
U, G = PLAIN.encode(), PLAIN.encode("gb18030")


def repaired(data: bytes, knowledge: Knowledge) -> str:
    text, evidence = decode(data)
    return apply_edits(text, propose_byte_repairs(text, evidence.encoding, knowledge.words), 0.9).text


@pytest.mark.parametrize("data", [U[:30] + b"\xff" + U[30:], G[:20] + b"\x80" + G[20:], G[:24] + b"\xd6" + G[24:]])
def test_a_stray_byte_between_characters_goes(data: bytes, knowledge: Knowledge):
    assert len(repaired(data, knowledge)) == len(PLAIN)


def test_a_stray_byte_leaves_the_text_whole(knowledge: Knowledge):
    assert repaired(U[:30] + b"\xff" + U[30:], knowledge) == PLAIN
    assert repaired(G[:20] + b"\xff" + G[20:], knowledge) == PLAIN


def test_a_cut_character_is_marked_and_suggested(knowledge: Knowledge):
    text, evidence = decode(U[:-1])
    done = apply_edits(text, propose_byte_repairs(text, evidence.encoding, knowledge.words), 0.9)
    assert done.text == PLAIN[:-1] + "\ufffd"
    assert len(done.suggestions) == 1


def test_a_gbk_line_in_a_utf8_file_is_read(knowledge: Knowledge):
    assert repaired(U + b"\n" + G + b"\n" + U, knowledge) == f"{PLAIN}\n{PLAIN}\n{PLAIN}"


@pytest.mark.parametrize("text", [PLAIN, "朱镕基、陈堃銶、翟晓川", "English only", "囧囧有神的镕铸喆淼"])
def test_good_text_is_left_alone(text: str, knowledge: Knowledge):
    assert list(propose_byte_repairs(text, "gb18030", knowledge.words)) == []
