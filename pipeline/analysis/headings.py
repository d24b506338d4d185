"""The headings of a plan: labelled lines, short lines before a paragraph, and what runs in before a text.

Run in: 1.防跌倒。对65岁…; 薪酬方面，…; the first sentence of a paragraph where that is short. Whole sentences in a list
are no headings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pipeline.rules.headings import LABELS, RANK, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST, LONGEST_SENTENCE, LONGEST_ARTICLE = 32, 20, 12  # characters of a heading without its label
LONGEST_LEAD, LEAD_SHARE = 14, 0.25  # of a paragraph's first sentence that serves as a heading, and of the paragraph
UNLABELLED_RANK = RANK["一、"]  # a heading without label stands where this one does
LISTS = UNLABELLED_RANK  # from here on the labels of LABELS are of lists
LEAD_RANK = len(LABELS)  # below all labels
STOPS = re.compile(r"[。：:；;！!？?]")
SIDE = re.compile(
    r"(?:^|(?<=[。；]))(?:(?:此外|另外|其次|首先|最后|[一二三四五]是)[，,]?)?在?([\u4e00-\u9fff、]{2,8})方面[，,：:]"
)
BARE = re.compile(r"[^，,、\d“”\"]{3,14}[：:]?")


class Heading(NamedTuple):
    """A heading: where it and its block stand in the text (half-open), its depth from 1, its words without label.

    ``text`` is empty where the block has a label but no heading. ``runs_in``: it is part of a paragraph.
    """

    start: int
    end: int
    depth: int
    text: str
    runs_in: bool = False


class _Found(NamedTuple):
    start: int
    line_end: int
    rank: int
    text: str


def headings(text: str) -> list[Heading]:
    """Return the headings of a plan in order; a first line without label is its title and none of them."""
    lines = list(lines_of(text))
    if lines and not any(pattern.match(lines[0].text) for _, pattern in LABELS[LISTS:]):
        del lines[0]
    found: list[_Found] = []
    for at, line in enumerate(lines):
        following = lines[at + 1].text if at + 1 < len(lines) else ""
        end = line.start + len(line.text)
        found.extend(_Found(line.start + at, end, rank, head) for at, rank, head in _of_line(line.text, following))
    return _nested(found, len(text))


def _of_line(line: str, following: str) -> Iterator[tuple[int, int, str]]:
    """Yield (place in the line, rank, heading) of what serves as a heading in a line."""
    for kind, pattern in LABELS:
        match = pattern.match(line)
        if match:
            body = line[match.end() :].rstrip("】 \t")
            head = STOPS.split(body, maxsplit=1)[0].strip()
            article = kind == "条" and (len(head) > LONGEST_ARTICLE or len(body) <= len(head) + 1)
            yield 0, RANK[kind], head if _serves(head, body) and not article else ""
            break
    else:
        head = STOPS.split(line, maxsplit=1)[0]
        if BARE.fullmatch(line) and len(following) > len(head):
            yield 0, UNLABELLED_RANK, head
        elif len(head) <= min(LONGEST_LEAD, LEAD_SHARE * len(line)) and line[len(head)] == "。":
            yield 0, LEAD_RANK, head
    for match in SIDE.finditer(line):
        yield match.start(), LEAD_RANK, match[1]


def _serves(head: str, body: str) -> bool:
    """Whether what stands before the first stop is a heading, no sentence of a list."""
    commas = len(re.findall("[，,]", head))
    if len(body) > len(head) + 1:  # the text follows in the same line
        return 2 <= len(head) <= LONGEST_SENTENCE and commas <= 1
    if body[-1:] in "。；;！!" and body:
        return 2 <= len(head) <= LONGEST_SENTENCE and not commas and head[0] != "本"  # 本计划自发布之日起施行。
    return len(head) >= 2


def _nested(found: Sequence[_Found], size: int) -> list[Heading]:
    """Return the headings with their blocks: each ends where the next of its rank or a higher one starts."""
    result: list[Heading] = []
    opened: list[int] = []
    for at, one in enumerate(found):
        while opened and found[opened[-1]].rank >= one.rank:
            closed = opened.pop()
            result[closed] = result[closed]._replace(end=one.start)
        opened.append(at)
        runs_in = one.rank == LEAD_RANK
        result.append(Heading(one.start, size, len(opened), one.text, runs_in))
    return [
        one._replace(end=min(one.end, source.line_end)) if one.runs_in else one
        for one, source in zip(result, found, strict=True)
    ]
