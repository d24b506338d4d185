"""Headings: which lines start a plan, and what labels the lines of a plan carry."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pipeline.rules.lines import numeral

if TYPE_CHECKING:
    from collections.abc import Iterator

HAN_NUMERAL = "[一二三四五六七八九十百零〇]{1,4}"
NUMERAL = rf"(?:{HAN_NUMERAL}|\d{{1,3}})"
GENRE = "(?:计划|总结|方案|报告|规划|安排|范文|打算|思路|要点|述职|体会)(?:书|范文|模板|范本|样本|精选|大全)?"
LONGEST_HEADING = 40
LEAD = re.compile(r"[\s\u3000#>*]*")


class Line(NamedTuple):
    """A line of text without its leading marks: ``start`` is the offset of its first character."""

    start: int
    text: str


def lines_of(text: str) -> Iterator[Line]:
    """Yield the non-empty lines of a text, leading spaces and Markdown marks left out."""
    offset = 0
    for raw in text.split("\n"):
        lead = LEAD.match(raw)
        skip = lead.end() if lead else 0
        body = raw[skip:].rstrip(" \t\u3000*")
        if body:
            yield Line(offset + skip, body)
        offset += len(raw) + 1


# How plans are numbered. Each style: a name, and a pattern with ``prefix`` (what all headings share) and ``n``.
PLAN_STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    # 客户经理年度工作计划 篇一 / 篇一：… / 【篇二】… / （篇三）
    (
        "篇N",
        re.compile(
            rf"[【（(\[]?(?P<prefix>[^，。；]{{0,30}}?)\s*[【（(\[]?篇(?P<n>{NUMERAL})[】）)\]]?(?=[\s：:、.]|$|[^章节])(?P<rest>.{{0,40}})$"
        ),
    ),
    # 第3篇：… / 2024年护士工作计划 第一篇
    (
        "第N篇",
        re.compile(
            rf"[【（(\[]?(?P<prefix>[^，。；]{{0,30}}?)\s*[【（(\[]?第(?P<n>{NUMERAL})篇[】）)\]]?(?P<rest>.{{0,40}})$"
        ),
    ),
    # …范文（三） / …工作计划【二】 / …工作计划4 / 工作计划一：
    (
        "计划N",
        re.compile(rf"(?P<prefix>[^，。；：]{{0,30}}{GENRE})\s*[【（(\[]?(?P<n>{NUMERAL})[】）)\]]?(?P<rest>[：:]?)$"),
    ),
)
TITLE = re.compile(rf"[^，。；：！？、]{{2,28}}{GENRE}[：:]?$")
ANNOUNCED = re.compile(
    r"(?:精选|共|合集|汇编|集锦|大全|范文|[\u4e00-\u9fff（(])\s*(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})\s*篇"
)
LABELLED = re.compile(rf"(?:{HAN_NUMERAL}[、.．]|[（(]{HAN_NUMERAL}[)）]|\d{{1,2}}[、.．])")


@dataclass(frozen=True, slots=True)
class PlanLayout:
    """Where the plans start: the heading lines, and what is worth telling the user."""

    headings: tuple[Line, ...]
    notes: tuple[str, ...] = ()


class _Heading(NamedTuple):
    line: Line
    number: int


def announced(text: str) -> int:
    """Return how many plans the first line announces (十二篇, 精选7篇); 0 when it says nothing."""
    first = next(lines_of(text[:400]), None)
    found = list(ANNOUNCED.finditer(first.text)) if first else []
    return numeral(found[-1]["n"]) if found else 0


def find_plans(text: str) -> PlanLayout:
    """Return the plan headings of a compilation, whatever their style; none means that the text is one plan."""
    lines = list(lines_of(text))
    families = _families(lines)
    wanted = announced(text)
    families += _title_families(lines, wanted)
    best: list[_Heading] = []
    best_score = (False, 0.0, 0)
    for family in families:
        chain = _chain(family)
        if len(chain) < (1 if wanted == 1 else 2):
            continue
        reach = 1 - chain[0].line.start / max(1, len(text))
        score = (len(chain) == wanted, round(reach, 1), len(chain))
        if reach > 0.4 and score > best_score:
            best, best_score = chain, score
    notes = []
    if wanted and len(best) != wanted and (best or wanted > 1):
        notes.append(f"the title announces {wanted} plans, {max(1, len(best))} found")
    gaps = [f"{one.number}→{two.number}" for one, two in pairwise(best) if two.number != one.number + 1]
    if gaps:
        notes.append(f"the numbering of the plans has gaps: {', '.join(gaps)}")
    return PlanLayout(tuple(heading.line for heading in best), tuple(notes))


def _families(lines: list[Line]) -> list[list[_Heading]]:
    groups: dict[tuple[str, str], list[_Heading]] = defaultdict(list)
    for line in lines:
        if len(line.text) > LONGEST_HEADING or LABELLED.match(line.text) or line.text[-1] in "。；！？，":
            continue
        for style, pattern in PLAN_STYLES:
            match = pattern.match(line.text)
            if match and numeral(match["n"]):
                prefix = re.sub(r"[\s\d年]+", "", match["prefix"])
                groups[style, prefix].append(_Heading(line, numeral(match["n"])))
                break
    families = list(groups.values())
    # The same style under varying prefixes (第1篇 护士长…, 第2篇 护士…) is a family too.
    for style, _ in PLAN_STYLES:
        some = [h for (name, prefix), group in groups.items() if name == style and prefix for h in group]
        families.append(sorted(some))
    return [family for family in families if family]


def _title_families(lines: list[Line], wanted: int) -> list[list[_Heading]]:
    """Bare titles: one line that recurs, or as many title lines as the first line announces."""
    titles = [
        line for line in lines[1:] if len(line.text) <= 30 and TITLE.match(line.text) and not LABELLED.match(line.text)
    ]
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in titles:
        groups[line.text].append(line)
    chosen = [group for group in groups.values() if len(group) > 1]
    if lines and len(lines) > 2 and lines[0].text in groups:
        chosen.append([lines[0], *groups[lines[0].text]])
    if wanted and len(titles) == wanted:
        chosen.append(titles)
    return [[_Heading(line, number) for number, line in enumerate(group, 1)] for group in chosen]


def _chain(family: list[_Heading]) -> list[_Heading]:
    """Return the longest run of ascending numbers from the first heading on; small gaps are allowed."""
    chain: list[_Heading] = []
    for heading in family:
        if (not chain and heading.number <= 2) or (chain and 0 < heading.number - chain[-1].number <= 3):
            chain.append(heading)
    return chain


# Labels of outline units, by rank: what usually encloses what. Name, pattern of the label, pattern has a number ``n``.
LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("附加篇", re.compile(r"【(?=[^】]{1,20}】\s*$)")),
    ("篇", re.compile(rf"[【（(]?篇(?P<n>{NUMERAL})[】）)]?[：:]?(?=.{{0,30}}$)")),
    ("第篇", re.compile(rf"第(?P<n>{NUMERAL})(?:部分|篇)")),
    ("章", re.compile(rf"第(?P<n>{NUMERAL})章")),
    ("节", re.compile(rf"第(?P<n>{NUMERAL})节")),
    ("天", re.compile(rf"第(?P<n>{NUMERAL})(?:天|阶段|步|季度|周)(?=[^，。；]{{2,30}}$)")),
    ("条", re.compile(rf"第(?P<n>{NUMERAL})条")),
    ("一、", re.compile(rf"(?P<n>{HAN_NUMERAL})[、.．](?!\d)")),
    ("（一）", re.compile(rf"[（(]\s?(?P<n>{HAN_NUMERAL})\s?[)）]")),
    ("1、", re.compile(r"(?P<n>\d{1,2})(?:[、．]|\.(?!\d))")),
    ("（1）", re.compile(r"[（(]?(?P<n>\d{1,2})[)）]")),
    ("①", re.compile(r"(?P<n>[①-⑳])")),
    ("A", re.compile(r"(?P<n>[A-Z])[、.．](?=[\u4e00-\u9fff])")),
)
RANK = {name: rank for rank, (name, _) in enumerate(LABELS)}
UNLABELLED = "无"


class Item(NamedTuple):
    """A structural line: its kind, number (0: none), label, heading and place."""

    kind: str
    number: int
    label: str
    heading: str
    start: int


def outline_items(text: str, start: int, end: int) -> list[Item]:
    """Return the structural lines of ``text[start:end]`` in order (offsets in ``text``)."""
    lines = list(lines_of(text[start:end]))
    items = []
    for index, line in enumerate(lines):
        item = _labelled(line, start)
        if item is None and _is_heading(lines, index):
            item = Item(UNLABELLED, 0, "", line.text.rstrip("：: "), start + line.start)
        if item is not None:
            items.append(item)
    return items


def _labelled(line: Line, base: int) -> Item | None:
    for kind, pattern in LABELS:
        match = pattern.match(line.text)
        if match:
            if kind == "附加篇":
                return Item(kind, 0, line.text, line.text, base + line.start)
            number = ord(match["n"]) - 0x245F if kind == "①" else numeral(match["n"])
            return Item(kind, number, match[0].strip(), heading_of(line.text, match.end()), base + line.start)
    return None


def heading_of(line: str, label_end: int) -> str:
    """Return label and heading: a short line whole, of a long one what stands before its first sentence end or colon."""
    if len(line) <= LONGEST_HEADING:
        return line.rstrip("。：: ")
    stop = re.search("[。：；:;]", line[label_end:])
    cut = label_end + stop.start() if stop else LONGEST_HEADING
    return line[: min(cut, label_end + LONGEST_HEADING)]


def _is_heading(lines: list[Line], index: int) -> bool:
    """Whether an unlabelled line is a heading: short, without marks, a paragraph or a list after it."""
    line = lines[index].text
    if index == 0 or index + 1 >= len(lines) or not 4 <= len(line) <= 20 or re.search("[，。；！？、“”—…\\d]", line):
        return False
    following, before = lines[index + 1].text, lines[index - 1].text
    if before[-1:] not in "。！？…”：；）" or line[-1] in "年月日":
        return False
    if line[-1] in "：:":
        return re.match(r"[①1一]|[（(][1一]", following) is not None
    return (len(following) > 2 * len(line) and "。" in following) or _labelled(lines[index + 1], 0) is not None
