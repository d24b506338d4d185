"""Metrics: the words that name what a figure measures."""

from __future__ import annotations

import re
from functools import cache

from pipeline.analysis.clauses import LEAD_WORDS
from pipeline.analysis.periods import PEOPLE, PERIOD
from pipeline.lexicons.goals import load_goal_words

LONGEST = 16  # characters of a metric

# What joins a measure to its figure: 满意度均要达到, 收缴率预计为. No word consists of characters that stand alone: a row
# of such words could be read in ever so many ways.
LINKS = re.compile(
    r"(?:[都均已就也能可应要须需还各达约共为是在至到于有了着的地得将：:]|上升|预计|计划|力争|能够|可以|也许|大概"
    r"|之间|不断|每[天日周月季年]|进行|分成|分为)+$"
)
# The measure starts after the last of these: 预计明年会员数, 在现有数量上.
BEFORE_NOUN = re.compile(
    r".*(?:在|把|将|使(?!用)|让|较|比(?!例|重|率|赛|较)|对|向|给|以(?!上|下|内|后|前|来)|其中|同期|名下|截[至止]|目前"
    r"|预计|力争|确保|争取)"
)
# What may stand before the measure: who does it, when, per whom.
OPENING = re.compile(
    rf"(?:{LEAD_WORDS}|{PERIOD.pattern}|每[次批类组场]|每[名位]?(?:{PEOPLE})|我[科院校班部社]|全年|全学期|共|到|预计|计划"
    rf"|希望|力争|确保|争取|努力|要|将|应|须|必须|需)*",
    re.VERBOSE,
)
DONE = re.compile(  # 销售部完成销售额
    r".*(?:完成|实现|达成|组织|举办|召开|办理|开展|引进|参加|收治)了?(?=[^了]{2})(?!率|情况)"
)
CHANGED_FROM = re.compile("[由从][^由从]*[0-9一二三四五六七八九十%][^由从]*$")  # 优良率由61%
NOUN = re.compile(r"(?:的|新|优秀|专业|高级|以上|以下|左右|以内)*(?P<noun>[\u4e00-\u9fff]{1,8})")
NOUN_END = re.compile("[的在和及与、得到进为]|没有|未|以上|以内")
MOVED = re.compile(r"[将把]([\u4e00-\u9fff]{2,8}?)(?:分成|分为|划分|增|减|提|降|压|扩|缩|控)")  # 将团队分成3个小组
LABEL_TAIL = re.compile(r"[\u4e00-\u9fff]{2,12}$")


@cache
def _verbs() -> re.Pattern[str]:
    words = sorted(load_goal_words().actions, key=lambda word: (-len(word), word))
    return re.compile(rf"(?:{'|'.join(words)})了?")


def name_metric(before: str, label: str, after: str) -> str:
    """Return the noun that names a measure, "" where none does.

    It stands ``before`` the figure after its verb (完成新增存款任务), is the ``label`` before a colon (培训时间：2天), or
    stands ``after`` the figure (新增2名人员); comparators and rates are cut off by the caller.
    """
    stem = LINKS.sub("", before)
    named = _noun_at_end(stem)
    if len(named) > 1:
        return named[-LONGEST:]
    if label:
        tail = LABEL_TAIL.search(label)
        return tail[0] if tail else ""
    noun = NOUN.match(after)
    if noun:
        return PERIOD.split(NOUN_END.split(noun["noun"])[0])[0]
    moved = MOVED.search(stem)
    return moved[1] if moved else ""


def _noun_at_end(stem: str) -> str:
    named = CHANGED_FROM.sub("", stem)
    for pattern in (BEFORE_NOUN, OPENING):
        found = pattern.match(named)
        named = named[found.end() :] if found else named
    done = DONE.match(named) or (None if named.endswith("率") else _verbs().match(named))  # 调解成功率 stays whole
    named = named[done.end() :] if done else named
    named = named.rpartition("的")[2] or named
    return re.sub("[上中内下]$", "", LINKS.sub("", named)).strip(' “”"（()）')
