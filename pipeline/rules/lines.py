"""Broken and merged lines: rejoin sentences that were cut, part headings that were run in."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.rules.punctuation import is_han

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lm.corrector import Corrector

NUMERAL = "[一二三四五六七八九十百零〇\\d]{1,5}"

# What starts a line of its own: a label, a bracketed heading, a Markdown mark, a table.
STARTS_ANEW = re.compile(
    rf"""[\s\u3000]*(?:
        第{NUMERAL}[章节条篇部分天步项阶段]      # 第八条
      | {NUMERAL}[、.．,，)）:：]                # 一、 1. 2）
      | [（(]\s*{NUMERAL}\s*[)）]               # （五） (5)
      | [①-⑳㈠-㈩⒈-⒛●○◆◇■□★☆▲△·•※→*\-—>|#【《「]
      | [A-Za-z][.、)）]
      | (?:[一二三四五六七八九十]是|其[一二三四五]|篇{NUMERAL}|附[：:件表]|注[：:]|备注)
    )""",
    re.VERBOSE,
)
BLANK = " \t\u3000"
CUT_MARKS = frozenset("，、,")
SENTENCE_END = frozenset('。！？；：…”’）》】.!?;:)"—')
SHORTEST = 12  # a shorter line is a heading, a verse or a table cell
TITLE = re.compile("(?:计划|总结|范文|报告|方案|体会|汇报|要点|安排)[（(【一二三四五六七八九十\\d）)】篇]{0,6}$")


# How much likelier (log10) the model must find two lines as one sentence. Of 3,590 sentences cut anywhere 80 % are joined,
# and none of 1,937 lines that end without a mark; hanging words and words of a dictionary across the break gave 43 % and 10.
LEAST_GAIN = 4.0


def propose_joins(text: str, corrector: Corrector) -> Iterator[Edit]:
    """Yield deletions of line breaks inside a sentence.

    A line is cut when it is long, ends in a comma or where the language model finds one sentence much likelier than
    two, and the next line goes on with Chinese text that is neither label nor heading and reaches a sentence mark.
    """
    offset = 0
    sure: list[tuple[int, int]] = []
    asked: list[tuple[int, int]] = []
    for here, following in pairwise(text.split("\n")):
        offset += len(here) + 1
        if _may_join(here, following):
            ended = here.rstrip(BLANK)
            start = offset - 1 - (len(here) - len(ended))
            span = (start, offset + len(following) - len(following.lstrip(BLANK)))
            (sure if ended[-1] in CUT_MARKS else asked).append(span)
    gains = corrector.gains(text, [(start, end, "") for start, end in asked])
    sure += [span for span, gain in zip(asked, gains, strict=True) if gain >= LEAST_GAIN]
    for start, end in sorted(sure):
        yield Edit(start, end, text[start:end], "", "linebreak", "restore.join", 0.95)


def _may_join(here: str, following: str) -> bool:
    """Tell whether nothing in the form of two lines speaks against their being one sentence."""
    here, following = here.rstrip(BLANK), following.lstrip(BLANK)
    if len(here) < SHORTEST or not following or not is_han(following[0]) or STARTS_ANEW.match(following):
        return False
    last = here[-1]
    labelled = STARTS_ANEW.match(here[:1]) is not None and len(here) < 2 * SHORTEST
    if labelled or not (is_han(last) or last in CUT_MARKS):
        return False
    if (TITLE.search(following[:40]) and len(following) <= 40) or not _goes_on(following):
        return False
    return last in CUT_MARKS or any(mark in here for mark in "，。；：,;")


def _goes_on(following: str) -> bool:
    """Whether the next line is running text: it is long enough and holds a mark."""
    return len(following) >= SHORTEST and any(mark in following for mark in "，。；！？、")


ARTICLE = re.compile(r"第([一二三四五六七八九十百零〇]{1,5}|\d{1,3})([章条节])(?=[\s\u3000\u4e00-\u9fff])")
# After a sentence end, or after a space: ``…；（二）…`` without one is an enumeration inside a sentence.
# (The patterns start with a plain set: the search then skips what cannot start a match. Their repeats are bounded:
# a search from each of a million blanks in a row must not run to the end of them.)
ITEM = re.compile(
    r"[（(](?:(?<=[。！？.!?].)(?=[一二三四五六七八九十])|(?<=[ \t\u3000].))([一二三四五六七八九十]{1,3}|\d{1,2})[)）]"
)
NUMBERED = re.compile(r"[ \t\u3000]{1,40}(?=([一二三四五六七八九十]{1,3}|\d{1,2})[、.．][\u4e00-\u9fff])")
CIRCLED = re.compile(r"[②-⑳](?=[\u4e00-\u9fffA-Za-z])")
STOPS = frozenset("。；！？.;!?")
CITED = re.compile("(?:规定|所列|所称|所述|中|的|第|之|款|项|至|和|、|，|及|或|以|要求|等|为)")
CITES = re.compile(
    "(?:根据|依据|按照|按|违反|依照|见|本办法|本法|法|条例|规定|办法|细则|》|照|及|和|、|至|到|符合|除|与|的|在|执行)$"
)
RUN_IN_PLAN = re.compile(
    r"[ \u3000]{1,40}(?=[\u4e00-\u9fff\w]{2,20}(?:计划|总结|方案|报告|范文)[（(【][一二三四五六七八九十\d]{1,3}[)）】][ \u3000]*$)",
    re.MULTILINE,
)


def propose_breaks(text: str) -> Iterator[Edit]:
    """Yield line breaks before headings that were run into the paragraph before them.

    A chapter or article (``…管理。第八条 …``) must carry the next number of its sequence and not be a citation
    (``根据第八条规定``); ``（五）`` and ``2、`` must follow a sentence end (or a space) and the number before it.
    """
    yield from _articles(text)
    yield from _items(text)
    for match in RUN_IN_PLAN.finditer(text):
        if text[match.start() - 1 : match.start()] in STOPS:
            yield _break(match.start(), match.end(), text, "restore.heading")


def _break(start: int, end: int, text: str, rule: str) -> Edit:
    return Edit(start, end, text[start:end], "\n", "linebreak", rule, 0.95)


def _articles(text: str) -> Iterator[Edit]:
    reached: dict[str, int] = {}
    for match in ARTICLE.finditer(text):
        number, level, at = numeral(match[1]), match[2], match.start()
        before = text[max(0, at - 8) : at].rpartition("\n")[2]
        if not before.strip():
            reached[level] = number
            continue
        expected = reached.get(level, 0) + 1
        cited = CITED.match(text, match.end()) or CITES.search(before.rstrip())
        if number == expected and not cited and (number > 1 or level == "条") and _after_end(text, at, before):
            start = at - (len(before) - len(before.rstrip()))
            reached[level] = number
            yield _break(start, at, text, "restore.article")


def _after_end(text: str, at: int, before: str) -> bool:
    """After a sentence end, or after a chapter heading that shares the line (``第二章 考勤制度第七条``)."""
    if before.rstrip()[-1:] in SENTENCE_END:
        return True
    line = text[max(0, at - 40) : at].rpartition("\n")[2]
    chapter = re.match(r"\s*(?:.*[。；.;])?\s*第[一二三四五六七八九十百\d]{1,4}章", line)
    return chapter is not None and not any(mark in line[chapter.end() :] for mark in "，。；")


def _items(text: str) -> Iterator[Edit]:
    for match in ITEM.finditer(text):
        number, start = numeral(match[1]), _blank_before(text, match.start())
        if number > 1 and text[start - 1 : start] in STOPS and _has_before(text, start, number):
            yield _break(start, match.start(), text, "restore.item")
    for match in CIRCLED.finditer(text):
        start = _blank_before(text, match.start())
        if text[start - 1 : start] in STOPS and chr(ord(match[0]) - 1) in text[max(0, start - REACH) : start]:
            yield _break(start, match.start(), text, "restore.item")
    for match in NUMBERED.finditer(text):
        number, before = numeral(match[1]), text[match.start() - 1 : match.start()]
        if not (is_han(before) or before in STOPS):
            continue
        if number == 1 and not (_heading_line(text, match.start()) or _second_follows(text, match)):
            continue
        if number == 1 or _has_label_before(text, match.start(), match[1], number):
            yield _break(match.start(), match.end(), text, "restore.item")


def _blank_before(text: str, at: int) -> int:
    """Return where the blanks before ``at`` start."""
    while at and text[at - 1] in BLANK:
        at -= 1
    return at


def _has_before(text: str, at: int, number: int) -> bool:
    window = text[max(0, at - REACH) : at]
    labels = (chinese_numeral(number - 1), str(number - 1))
    return any(f"（{label}）" in window or f"({label})" in window for label in labels)


def _has_label_before(text: str, at: int, label: str, number: int) -> bool:
    wanted = str(number - 1) if label.isdigit() else chinese_numeral(number - 1)
    window = "\n" + text[max(0, at - REACH) : at]
    return re.search(rf"(?:^|[\s。；！？])(?:{wanted})[、.．][\u4e00-\u9fff]", window) is not None


def _heading_line(text: str, at: int) -> bool:
    """Whether what stands before ``at`` on its line is a labelled heading (``一、带着爱心去工作 1、…``)."""
    line = text[max(0, at - 40) : at].rpartition("\n")[2]
    return re.fullmatch(r"[一二三四五六七八九十]{1,3}、[^，。；]{2,30}", line) is not None


def _second_follows(text: str, match: re.Match[str]) -> bool:
    """Whether ``1、`` stands after a sentence end and ``2、`` starts a line after it."""
    second = "2" if match[1] == "1" else "二"
    ended = text[match.start() - 1 : match.start()] in SENTENCE_END
    return ended and re.search(rf"\n{second}[、.．]", text[match.end() : match.end() + REACH]) is not None


REACH = 1500  # characters back to look for the label before

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}


def numeral(text: str) -> int:
    """Return the value of a numeral below 1,000 in Chinese or Arabic figures; 0 when it is none."""
    if text.isdigit():
        return int(text)
    total = digit = 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return 0
    return total + digit


def chinese_numeral(number: int) -> str:
    """Return 1…99 in Chinese figures (十一, 二十)."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    head = "" if not tens else ("十" if tens == 1 else digits[tens] + "十")
    return head + (digits[ones] if ones or not tens else "")
