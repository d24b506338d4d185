"""Where things are in a clean compilation: lines, headings, labels, spans that nothing may touch."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.lexicons.tables import load_names

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMERAL = "[一二三四五六七八九十百零〇\\d]{1,5}"
PLAN_HEADING = re.compile(
    rf"""(?:
        .{{2,40}}[ ]篇{NUMERAL}            # 小学班主任年度工作计划 篇一
      | 第{NUMERAL}篇[：:].*               # 第1篇：…
      | 【(?:篇{NUMERAL}|附加篇)】.*       # 【篇一】…
      | 篇{NUMERAL}[：:].*
      | .{{2,40}}【{NUMERAL}】
    )\Z""",
    re.VERBOSE,
)
LABEL = re.compile(rf"第{NUMERAL}[章节条]|（{NUMERAL}）|{NUMERAL}、|\d{{1,2}}[.．](?!\d)|[①-⑳]")
ADDRESS = re.compile(r"https?://[!-~]+|[\w.+-]+@[\w.-]+|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", re.ASCII)
NUMBER_OR_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,:/%+-]+")
LONG = 80
"""Characters: only a paragraph this long is broken or cut, as only those overflow a page's line."""

# Surnames that start few common words; a person is a surname and one or two characters before a title.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖董潘袁"
    "蔡蒋余杜叶魏苏吕卢姚沈姜崔谭汪廖韦贾邹熊孟秦邱薛闫段顾龚邵"
)
_TITLES = "老师|同志|主任|护士长|护师|医生|医师|经理|校长|同学|师傅|先生|女士"
PERSON = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?={_TITLES})")


class Line(NamedTuple):
    """``text`` stands at ``start``, without its line break."""

    start: int
    end: int
    text: str

    @property
    def heads_plan(self) -> bool:
        """Whether the line is the heading of a plan."""
        return len(self.text) <= 60 and PLAN_HEADING.match(self.text) is not None

    @property
    def long(self) -> bool:
        """Whether the line is a paragraph of running text."""
        return len(self.text) >= LONG


def lines_of(text: str) -> list[Line]:
    """Return the non-empty lines."""
    lines, start = [], 0
    for line in text.split("\n"):
        if line:
            lines.append(Line(start, start + len(line), line))
        start += len(line) + 1
    return lines


@cache
def _names_pattern(names: frozenset[str]) -> re.Pattern[str]:
    words = sorted(names | load_names(), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, words)))


def untouchable(text: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield spans of addresses and names."""
    for pattern in (ADDRESS, PERSON, _names_pattern(names)):
        yield from (match.span() for match in pattern.finditer(text))


def uncut(text: str) -> Iterator[tuple[int, int]]:
    """Yield spans that may change but not be split: numbers, Latin words, labels."""
    for pattern in (NUMBER_OR_LATIN, LABEL):
        yield from (match.span() for match in pattern.finditer(text))
