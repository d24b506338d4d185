"""Detection: doubtful characters and their candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.lm import detection
from pipeline.lm.candidates import KINDS
from pipeline.lm.tokens import tokenise

if TYPE_CHECKING:
    from pipeline.knowledge import Knowledge


def doubts(text: str, knowledge: Knowledge) -> dict[str, set[str]]:
    tokens = tokenise(text)
    logs, _ = knowledge.proposer.model.score(tokens.symbols)
    tables = knowledge.proposer.tables
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    found = detection.detect(points, tokens, logs, tables)
    places = [text[int(tokens.offsets[place])] for place in found.places]
    result: dict[str, set[str]] = {char: set() for char in places}
    for owner, target in zip(found.owner.tolist(), found.targets.tolist(), strict=True):
        result[places[owner]].add(tables.chars[target])
    return result


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("认真分析柿场形势", "柿", "市"),
        ("服务水泙有了很大变化", "泙", "平"),
        ("加强赀金管理", "赀", "资"),
        ("努力开袥新的客户", "袥", "拓"),
        ("端正工作肽度", "肽", "态"),
        ("完成年度考劾工作", "劾", "核"),
        ("密切联㬎群众", "㬎", "系"),
    ],
)
def test_a_wrong_character_is_doubtful(text: str, wrong: str, right: str, knowledge: Knowledge):
    found = doubts(text, knowledge)
    assert wrong in found
    if right != "系":  # a character outside the model's block is doubtful by itself
        assert right in found[wrong]


@pytest.mark.parametrize(
    "text", ["", "。", "abc 123, ABC!", "これはペンです", "\ud800", "进一步加强和改进工作，全面提高服务水平。"]
)
def test_nothing_doubtful(text: str, knowledge: Knowledge):
    tokens = tokenise(text)
    logs, _ = knowledge.proposer.model.score(tokens.symbols)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = detection.detect(points, tokens, logs, knowledge.proposer.tables)
    assert not len(found.places)
    assert not len(found.owner)


def test_surprise_stays_in_its_sentence(knowledge: Knowledge):
    one, two = tokenise("认真工作。"), tokenise("认真工作。赀袥泙")
    score = knowledge.proposer.model.score
    first = detection.surprises(one.codes, score(one.symbols)[0])
    second = detection.surprises(two.codes, score(two.symbols)[0])
    assert np.allclose(first, second[: len(first)])


@pytest.mark.parametrize("char", "赀袥泙肽劾開満慥槪楛萘璟")
def test_every_odd_character_has_candidates(char: str, knowledge: Knowledge):
    counts, _ = knowledge.proposer.tables.of(np.array([ord(char)]))
    assert counts[0] >= 5


def test_the_closest_kind_is_kept(knowledge: Knowledge):
    tables = knowledge.proposer.tables
    _, rows = tables.of(np.array([ord("満")]))
    kinds = {tables.chars[tables.targets[row]]: KINDS[tables.kinds[row]] for row in rows}
    assert kinds["满"] == "variant"
    assert "満" not in kinds
