"""The targets: each takes any bytes and asserts what must hold of them; only a :class:`QinggaoError` may be raised."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pipeline
from pipeline import route
from pipeline.analysis.goals import find_goals
from pipeline.analysis.headings import headings
from pipeline.analysis.quality import assess
from pipeline.analysis.terms import count_terms
from pipeline.analysis.topics import topics
from pipeline.errors import QinggaoError
from pipeline.model import Document
from pipeline.runner import knowledge_for
from pipeline.settings import Settings
from pipeline.stages import split
from pipeline.stages.decode import decode, encode
from pipeline.stages.read import Quarantined, read
from pipeline.ways import alone
from tests.fuzz import laws, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.knowledge import Knowledge


class Target(NamedTuple):
    """What is fuzzed: a function of bytes that raises when a law is broken, and what makes its seeds."""

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]


@cache
def knowledge() -> Knowledge:
    """Return the shipped knowledge, loaded."""
    known = knowledge_for(Settings())
    known.check()
    return known


def text_of(data: bytes) -> str:
    """Return bytes as a source text may be: UTF-8, whatever else as bad bytes."""
    return data.decode("utf-8", "surrogateescape")


def decoding(data: bytes) -> None:
    """Law 1: source text and evidence give the bytes."""
    text, evidence = decode(data)
    assert encode(text, evidence) == data


def stage(name: str, data: bytes) -> None:
    """One text stage on text that no stage has seen before."""
    document = Document("fuzz", "fuzz", text_of(data))
    alone(route.revising(document, name, knowledge()))
    laws.assert_undone(document)
    laws.assert_covered(document)


def splitting(data: bytes) -> None:
    """Law 5 on text that no stage has seen before."""
    document = split.run(Document("fuzz", "fuzz", text_of(data)))
    laws.assert_tiles(document)


def analysing(data: bytes) -> None:
    """Goals are quotations, scores lie between 0 and 1, whatever the text."""
    document = split.run(Document("fuzz", "fuzz", text_of(data)))
    for section in document.sections:
        text = document.text[section.start : section.end]
        behind = 0
        for goal in find_goals(text, knowledge().goal_types):
            assert behind <= goal.start < goal.end <= len(text), goal
            behind = goal.end
            assert text[goal.start : goal.end] == goal.quote, goal
            assert 0 <= goal.confidence <= 1, goal
        quality = assess(text, [unit for unit in document.units if unit.section == section.number])
        assert all(0 <= score <= 1 for score in quality[:6]), quality
        for heading in headings(text):
            assert 0 <= heading.start <= heading.end <= len(text), heading
            topics(heading.text)
        count_terms([text])


def whole(data: bytes) -> None:
    """Laws 1, 2 and 5 of a document that is its own corpus."""
    sites = pipeline.learn_sites([data])
    learned = pipeline.learn([data], sites=sites)
    document = pipeline.clean(data, learned=learned, sites=sites)
    assert encode(document.source_text, document.evidence) == data
    laws.assert_undone(document)
    laws.assert_tiles(document)
    laws.assert_covered(document)
    laws.assert_kept(document)
    document.explain()
    if not any("still changed" in note for note in document.notes):
        laws.assert_finished(pipeline.clean(document.text, learned=learned, sites=sites))


def reading(ending: str, data: bytes) -> None:
    """A file gives text without lone surrogates, or a reason why not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzz{ending}"
        path.write_bytes(data)
        (raw,) = read([path])
    if isinstance(raw, Quarantined):
        assert raw.reason
        return
    assert raw.data == data
    assert raw.extracted is not None
    assert raw.extracted.strip()
    raw.extracted.encode("utf-8")


def word_body(data: bytes) -> None:
    """The main part of a .docx file may hold anything."""
    reading(".docx", texts.word_file(data))


TARGETS: dict[str, Target] = {
    "decode": Target(decoding, texts.encoded),
    **{name: Target(partial(stage, name), texts.encoded) for name in route.TEXT_STAGES},
    "split": Target(splitting, texts.encoded),
    "analyse": Target(analysing, texts.encoded),
    "whole": Target(whole, texts.encoded),
    "html": Target(partial(reading, ".html"), texts.pages),
    "docx": Target(partial(reading, ".docx"), texts.word_files),
    "docx-body": Target(word_body, texts.word_bodies),
}


def run(name: str, data: bytes) -> None:
    """Run a target; what qinggao refuses on purpose is no finding."""
    try:
        TARGETS[name].run(data)
    except QinggaoError:
        return
