"""Clauses: where they stand, under which heading, and which words of plans and results they hold."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

from pipeline.lexicons.goals import load_goal_words
from pipeline.search import Finder

PLANNED, ACHIEVED, PAST, FUTURE, ACTION, GROUND, STATEMENT, MANNER, NOMINAL, COVERB = (1 << bit for bit in range(10))
FLAGS = {
    "planned": PLANNED,
    "manner": MANNER,
    "achieved": ACHIEVED,
    "past": PAST,
    "future": FUTURE,
    "actions": ACTION,
    "nominal": NOMINAL,
    "coverbs": COVERB,
    "grounds": GROUND,
    "statements": STATEMENT,
    "neutral": 0,
}
"""List of ``goal_words.toml`` → the flag that its words set; neutral words only cover what stands inside them."""

# A clause ends at a mark; 1,000 and 8:30 go on.
CLAUSE = re.compile(r"[^，,。；;！？!?：:\n]+(?:(?<=\d)[,:](?=\d)[^，,。；;！？!?：:\n]+)*")
SENTENCE_END = frozenset("。；;！？!?\n")
NUMERAL = "(?:[一二三四五六七八九十百零〇]{1,4}|[0-9]{1,3})"
LABEL = re.compile(
    rf"""[\s#>*•●◆■·\-]*(?:
        (?P<r0>【[^】\n]{{1,20}}】)
      | (?P<r1>第{NUMERAL}[章节篇条]|篇{NUMERAL}|第{NUMERAL}(?:部分|阶段))
      | (?P<r2>[一二三四五六七八九十]{{1,3}}[、.．])
      | (?P<r3>[（(]\s?[一二三四五六七八九十]{{1,3}}\s?[）)])
      | (?P<r4>[0-9]{{1,2}}(?:[、．]|\.(?![0-9])))
      | (?P<r5>[（(]?[0-9]{{1,2}}[）)])
      | (?P<r6>[①-⑳])
    )?\s*""",
    re.VERBOSE,
)
TITLE_MARKS = re.compile("[，。；！？：]")
BODY = 9  # rank of a line without label
LONGEST_HEADING, LONGEST_LABEL, SHORT_LABEL = 40, 12, 6
# What may stand before the verb that a clause starts with.
LEAD_WORDS = (
    r"(?:\s|[“\"（(]|[一二三四五六七八九十]是(?:要)?|第[一二三四五六七八九十]|其[一二三四次]|首先|其次|最后|最初|另外|此外|同时|并且|并|还|也|再|又|而且|而|更|从而|以便|来|我们|我|本人"
    r"|全体[\u4e00-\u9fff]{2}|大家|团队|公司|在此基础上|今年|明年|下半年|每[天日周月年]|要求|通过|经常|有计划地?|有步骤地?|强有力的|千方百计|地|的)"
)
LEAD = re.compile(f"{LEAD_WORDS}*")

# After 培训, 营销 and the like: what shows that they are nouns.
AS_NOUN = re.compile(
    "[的和与及、（(是]|团队|人员|计划|方案|技巧|办法|制度|内容|对象|时间|部|体系|活动|任务|目标|水平|质量|态度|意识|能力|知识|课程|工作|模式|方式|方法|过程|经理|员|者|环境|成果|人(?!员工|才)|方|电话|地址"
    "|业绩|业务|流程|管理|岗|目的|原则|分|按|局|中心|处|单|表|会|类|型|力|性|为|对|在|要|应|须|必|可|能|具|已|不|都|也|还|方面|主要|效果|情况|$"
)


class Clause(NamedTuple):
    """``text[start:end]`` without label and blanks (code points, half-open).

    ``sentence`` and ``line`` count from 0; ``flags`` are the words that it holds, ``leads`` tells that it starts with a
    verb of work, ``heading`` that its line is a heading, ``first`` that it starts its line, ``colon`` that a colon
    stands before it.
    """

    start: int
    end: int
    sentence: int
    line: int
    flags: int
    leads: bool
    heading: bool
    colon: bool


class Reading(NamedTuple):
    """A text as clauses, with the flags of its sentences and the headings above each line, the nearest first."""

    text: str
    clauses: list[Clause]
    starts: list[int]
    sentences: list[int]
    headings: list[tuple[str, ...]]
    lines: list[int]

    def line_start(self, line: int) -> int:
        """Return the offset at which a line starts."""
        return self.lines[line]

    def label(self, number: int) -> str:
        """Return the noun before a colon that a clause's line starts with (培训目标：提高…，增强…), "" for none."""
        first = bisect_left(self.starts, self.lines[self.clauses[number].line])
        label = self.clauses[first]
        if first == number or not self.clauses[first + 1].colon:
            return ""
        longest = SHORT_LABEL if label.leads else LONGEST_LABEL
        return self.text[label.start : label.end] if label.end - label.start <= longest else ""

    def at(self, offset: int) -> int:
        """Return the index of the clause that holds ``offset`` (the last that starts at or before it; -1: none)."""
        return bisect_right(self.starts, offset) - 1


@cache
def _marker() -> tuple[Finder, list[int]]:
    flags: dict[str, int] = {}
    words = load_goal_words()
    for name, flag in FLAGS.items():
        for word in getattr(words, name):
            flags[word] = flags.get(word, 0) | flag
    finder = Finder(sorted(flags), longest=True)
    return finder, [flags[word] for word in finder.strings]


def read_clauses(text: str) -> Reading:
    """Return the clauses of ``text`` in order."""
    lines, headings = _lines(text)
    spans = _spans(text, lines)
    finder, flags_of = _marker()
    hits = finder.find(text)
    clauses: list[Clause] = []
    sentences: list[int] = []
    at, count = 0, len(hits)
    for start, end, sentence, line, colon in spans:
        while at < count and hits[at][1] < start:
            at += 1
        flags, lead, leads = 0, start - 2, False
        while at < count and hits[at][1] < end:
            number, low, high = hits[at]
            flag = flags_of[number]
            flags |= flag
            if lead < start:
                found = LEAD.match(text, start, low)
                lead = low if found and found.end() == low else start
            if low <= lead + 1 and (flag or LEAD.fullmatch(text, low, high)):  # one character may stand between
                leads = leads or flag & ACTION > 0 or (flag & NOMINAL > 0 and not AS_NOUN.match(text, high))
                lead = high
            at += 1
        if sentence == len(sentences):
            sentences.append(0)
        sentences[sentence] |= flags
        clauses.append(Clause(start, end, sentence, line, flags, leads, lines[line].heading, colon))
    return Reading(
        text, clauses, [clause.start for clause in clauses], sentences, headings, [one.start for one in lines]
    )


class _Line(NamedTuple):
    start: int
    body: int  # where the text after the label starts
    end: int
    rank: int
    heading: bool


def _lines(text: str) -> tuple[list[_Line], list[tuple[str, ...]]]:
    lines: list[_Line] = []
    offset = 0
    for raw in text.split("\n"):
        label = LABEL.match(text, offset, offset + len(raw))
        rank = int((label.lastgroup or f"r{BODY}")[1:]) if label else BODY
        lines.append(_Line(offset, label.end() if label else offset, offset + len(raw), rank, heading=False))
        offset += len(raw) + 1
    headings: list[tuple[str, ...]] = []
    above: dict[int, str] = {}
    for number, line in enumerate(lines):
        is_heading = _is_heading(text, lines, number)
        if is_heading:
            above = {rank: words for rank, words in above.items() if rank < line.rank}
            if number:  # the first is the title, which tells of everything
                above[line.rank] = text[line.body : line.end]
            lines[number] = line._replace(heading=True)
        elif line.rank < BODY:
            above = {rank: words for rank, words in above.items() if rank < line.rank}
        headings.append(tuple(above[rank] for rank in sorted(above, reverse=True)))
    return lines, headings


def _is_heading(text: str, lines: list[_Line], number: int) -> bool:
    """Whether a line is short and heads what follows; the first line is, unless it is a sentence."""
    line = lines[number]
    size = line.end - line.body
    if not size or size > LONGEST_HEADING:
        return line.rank == 0
    last = text[line.end - 1]
    following = next((one for one in lines[number + 1 : number + 3] if one.end > one.body), None)
    if number == 0 and (line.rank == BODY or "篇" in text[line.start : line.body]):
        return following is not None and not TITLE_MARKS.search(text, line.body, line.end)
    if following is None or last in "；;！!？?，,":
        return False
    if last == "。" and (line.rank > 3 or "，" in text[line.body : line.end]):
        return False
    if line.rank == BODY:
        return last in "：:" or (last != "。" and size <= 20 and following.rank < BODY)
    return following.rank > line.rank


def _spans(text: str, lines: list[_Line]) -> list[tuple[int, int, int, int, bool]]:
    """Return (start, end, sentence, line, after a colon) of the clauses."""
    spans = []
    sentence, line, colon, size = 0, 0, False, len(text)
    for match in CLAUSE.finditer(text):
        start, end = match.span()
        while start > lines[line].end:
            line += 1
        start = max(start, lines[line].body)
        mark = text[end] if end < size else "\n"
        if start < end:
            body = text[start:end]
            kept = body.strip()
            if kept:
                low = start + body.index(kept[0])
                spans.append((low, low + len(kept), sentence, line, colon))
        colon = mark in "：:"
        if mark in SENTENCE_END and spans and spans[-1][2] == sentence:
            sentence += 1
    return spans
