"""Periods: the time that a goal is for, and the rate that a figure is given at (每周两次, 人均3.5户)."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from pipeline.lexicons.measures import load_periods

_N = "(?:[一二三四五六七八九十两]{1,3}|[0-9]{1,3})"
# The set of first characters comes before all else: the search then skips what cannot start a match.
PERIOD = re.compile(
    rf"""
    (?=[0-9xX一二三四五六七八九十两第今明去本当来上下新全前年月期寒暑旺截未近这])(?:
      (?:20[0-9x×X＊*]{{2}}|二[〇零]..|(?<![A-Za-z])[xX×]{{1,2}})(?:-20\d\d)?(?:学年度?|年度?)(?:上半年|下半年|第?[一二三四1-4]季度|[0-9]{{1,2}}月份?(?:底|末|初|前)?|底前?|末|初)?
    | (?<![比较同由从])(?:今|明|去|本|当|来|上|下一|新的一|全|前|前两)年度?(?:上半年|下半年|第?[一二三四1-4]季度|{_N}月份?(?:底|末|初|前)?|底前?|末|初)?(?!级|代|任务|计划|目标|指标)
    | 年内|(?<![比较同由从])上半年|下半年|年底前?|年末|年初|月底前?|期末|期中|新学期|寒假|暑假|旺季|年初至今|截[至止](?:目前|现在|[0-9]{{1,2}}月底?)?
    | (?:第?[一二三四]|[1-4]|本|上|下|当)(?:个)?季度|(?:本|上|下|这)(?:个)?(?:学期|学年|月|周|阶段)
    | (?<![0-9第]){_N}月份?(?:[0-9]{{1,2}}[日号])?(?:底前?|初|前|中旬|上旬|下旬)?(?![0-9])
    | 未来{_N}年|{_N}年内|{_N}个月内|(?:近|今后){_N}年
    )
    """,
    re.VERBOSE,
)
EVERY = re.compile(r"每(?:[天日周月季年]|个?(?:星期|礼拜|季度|学期|半年|工作日|月))")
PEOPLE = "客户经理|学生|员工|职工|护士|医生|教师|老师|党员|业务员|销售员|人员|队员|成员|人"
NO_WEEKDAY = "(?![一二三四五六日末](?:[^一二三四五六七八九十0-9次至到两]|$))"  # 每周一开会, but 每周一到两次


class Rate(NamedTuple):
    """What a figure is per: ``per`` as written in units (周, 2周, 人), ``per_year`` (0 for a rate by head), its place."""

    per: str
    per_year: float
    start: int
    end: int


@cache
def _rate_pattern() -> re.Pattern[str]:
    periods = "|".join(re.escape(word) for word in sorted(load_periods(), key=lambda word: (-len(word), word)))
    return re.compile(
        rf"""(?:每隔?|平均每)个?(?P<n>{_N})?个?(?P<period>{periods}){NO_WEEKDAY}
          | (?<![一二三四五六七八九十0-9第])(?P<once>[一两])个?(?P<of>{periods}){NO_WEEKDAY}(?=[\u4e00-\u9fff]{{0,2}}$)
          | (?P<head>每(?:一)?(?:个)?(?:{PEOPLE}|[名位](?:{PEOPLE})?|户|家|班|组|床|科室|网点|小组|团队)|人均|户均|平均每人|平均每户)
        """,
        re.VERBOSE,
    )


def find_rate(left: str, *, occasion: bool) -> Rate | None:
    """Return the last rate in the part of a clause before a figure; ``start`` and ``end`` count in ``left``.

    ``occasion`` tells that the figure counts occasions: only then 一周两次 is a rate.
    """
    found = None
    if not occasion and "每" not in left and "均" not in left:
        return found
    for match in _rate_pattern().finditer(left):
        if match["once"] and not occasion:
            continue
        if match["head"]:
            head = re.sub(rf"^(?:平均)?每?一?个?|{PEOPLE}|[名位均]", "", match["head"])
            found = Rate(head or "人", 0.0, match.start(), match.end())
            continue
        period = load_periods()[match["period"] or match["of"]]
        times = _number(match["n"] or match["once"] or "1")
        several = "个月" if period.written == "月" else period.written
        shown = period.written if times == 1 else f"{times}{several}"
        found = Rate(shown, period.per_year / times, match.start(), match.end())
    return found


def _number(written: str) -> int:
    if written.isdecimal():
        return max(1, int(written))
    digits = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
    tens, mark, ones = written.partition("十")
    if not mark:
        return digits.get(written[0], 1)
    return digits.get(tens, 1) * 10 + digits.get(ones, 0)


BEHIND = re.compile("上半年|上季|上学|上个|上年|上月|上周|上阶段|去年|截[至止]|年初至今|过去|近.+年")
REACH = 100  # expressions of time before a place that are looked at
WIDE = re.compile("(?!期|.*年内|近|未来|今后).*(?:年|季度|学期)")  # a time that a whole plan may be for


class _Time(NamedTuple):
    start: int
    words: str
    wide: bool
    behind: bool


class Periods:
    """The expressions of time in a text, and which one a place belongs to."""

    def __init__(self, text: str) -> None:
        """Find them; offsets are code points of ``text``."""
        found = [(match.start(), match[0]) for match in PERIOD.finditer(text)]
        self._times = [_Time(at, w, WIDE.match(w) is not None, BEHIND.match(w) is not None) for at, w in found]
        self._starts = [start for start, _ in found]
        self._text = text

    def of(self, start: int, end: int, line: int, *, planned: bool) -> str:
        """Return the time of ``text[start:end]``: the first in it, else the last before it in its line (at ``line``).

        Else what recurs (每周) in it; else the nearest of an earlier line that a whole plan may be for; else "". What is
        planned is for no time that lies behind (去年).
        """
        at = bisect_right(self._starts, start - 1)
        for index in range(at, bisect_right(self._starts, end - 1)):
            if not (planned and self._times[index].behind):
                return self._times[index].words
        every = EVERY.search(self._text, start, end)
        for index in range(at - 1, max(-1, at - 1 - REACH), -1):
            time = self._times[index]
            near = time.start >= line
            if not near and every:
                break
            if (near or time.wide) and not (planned and time.behind):
                return time.words
        return every[0] if every else ""
