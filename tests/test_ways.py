"""Documents that go together come out as each alone, whatever is read ahead and whatever fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st

from pipeline.knowledge import Knowledge
from pipeline.lm.memory import CHARS
from pipeline.model import Document
from pipeline.route import cleaning, observing
from pipeline.settings import Settings
from pipeline.ways import Reading, alone, together
from tests.fuzz import texts
from tests.test_resume import MIXED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.ways import Way

SPUN = (
    "一、严格遵守xxx的规定，××要认真对待，某某应当做到。\n",
    "全体提高服务质量，积极展开各项活动，变成共识，愈来愈好，非常首要。\n",
    "通过培训提高员工的业务素力质，把工作落到实处，为世力界作贡献。\n",
    "最大限度地满足客户的需要，限度地发挥作用，真正做到实处\n",
    "打下良好的基矗今年要在做好服务的基楚上，提供优质的服物\n",
    "\n",
    "第",
)
PARTS = st.lists(
    st.sampled_from((*MIXED.splitlines(keepends=True), *SPUN)) | st.sampled_from(texts.FRAGMENTS), max_size=8
).map("".join)


@pytest.fixture(scope="module")
def another() -> Knowledge:
    """Return knowledge that remembers nothing of what the shared one was asked."""
    return Knowledge(Settings())


def documents(given_texts: Sequence[str]) -> list[Document]:
    return [Document(str(number), str(number), text) for number, text in enumerate(given_texts)]


def told(document: Document) -> object:
    batches = [
        (b.stage, b.step, b.edits, b.suggestions, b.raw.tolist(), b.raw_suggested.tolist()) for b in document.batches
    ]
    return document.text, batches, document.sections, document.units, document.goals, document.notes


@trial(max_examples=60)
@given(lot=st.lists(PARTS, min_size=2, max_size=6))
def test_documents_that_go_together_come_out_as_each_alone(lot: list[str], knowledge: Knowledge, another: Knowledge):
    seen = together([observing(document, knowledge) for document in documents(lot)], ())
    assert seen == [alone(observing(document, another)) for document in documents(lot)]
    cleaned = together([cleaning(document, knowledge) for document in documents(lot)], ())
    assert list(map(told, cleaned)) == [told(alone(cleaning(document, another))) for document in documents(lot)]


def way(stops: int, reader: Callable[[list[str]], None], name: str) -> Way[str]:
    for number in range(stops):
        yield Reading(reader, f"{name}{number}" if len(name) == 1 else name)
    return name


def test_what_stops_at_the_same_place_is_read_at_once():
    read: list[list[str]] = []
    assert together([way(2, read.append, "a"), way(0, read.append, "b"), way(1, read.append, "c")], ()) == [*"abc"]
    assert read == [["a0", "c0"]], "what stops alone looks by itself"


def test_no_more_is_read_at_once_than_is_remembered():
    read: list[list[str]] = []
    names = ["a" * CHARS, "b" * (CHARS // 2), "c" * (CHARS // 3), "d" * (CHARS // 3), "e"]
    assert together([way(1, read.append, name) for name in names], ()) == names
    assert [[text[0] for text in texts] for texts in read] == [["b", "c"], ["d", "e"]], "a long one looks by itself"


def test_a_reader_that_fails_is_left_to_each_document():
    def fail(_: list[str]) -> None:
        raise MemoryError

    assert together([way(1, fail, "a"), way(2, fail, "b")], (MemoryError,)) == ["a", "b"]
    with pytest.raises(MemoryError):
        together([way(1, fail, "a"), way(1, fail, "b")], (ValueError,))


def test_a_way_that_raises_ends_the_others():
    def broken() -> Way[str]:
        yield Reading(lambda _: None, "")
        raise ValueError

    with pytest.raises(ValueError):
        together([way(9, lambda _: None, "a"), broken()], (ValueError,))


def test_no_documents_are_no_work():
    assert together([], ()) == []
