"""Site marks: lines and passages that a site added, by packs and by general rules that need no pack."""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.model import Edit
from pipeline.search import Finder, line_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.packs import SitePacks

SURE, DOUBTFUL = 0.96, 0.5
TOP_LEVEL = "com|cn|net|org|cc|top|vip|info|xyz"
DOMAIN = rf"(?:https?://)?(?:www\.)?[a-z0-9-]{{2,40}}\.(?:{TOP_LEVEL})(?:\.cn)?(?:/[!-~]{{0,80}})?"
ADDRESS_TRIGGERS = tuple(f".{form}" for end in TOP_LEVEL.split("|") for form in (end, end.upper(), end.capitalize()))

# A sentence that tells the reader to use an address is content.
INSTRUCTS = re.compile(
    "登录|登陆|访问|网址|官网|邮箱|报名|下载|查询|注册|填报|打开|进入|浏览器|申报|平台|发送|关注|域名|见[：:]?|地址"
)


class _LineRule(NamedTuple):
    """A rule for whole lines: a line must hold one of ``triggers`` before ``pattern`` is tried on it."""

    name: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]


def _rule(name: str, triggers: tuple[str, ...], pattern: str) -> _LineRule:
    return _LineRule(name, triggers, re.compile(pattern, re.IGNORECASE))


LONGEST_LINE = 300  # characters: a longer line holds content beside any mark
LINE_RULES: tuple[_LineRule, ...] = (
    # 文库网 www.wenku.com   【文库网】www.wenku.com，办公之家; not a heading with an address after it
    _rule(
        "strip.site-line",
        ADDRESS_TRIGGERS,
        r"(?![^\s]*(?:计划|总结|方案|报告|篇.)[\s:：]{0,3}(?:https?:|www|[a-z0-9-]+\.))"
        rf"[【\[（(]?[\u4e00-\u9fff·]{{2,12}}[】\]）)]?[\s:：\-—|，,]{{0,3}}{DOMAIN}[。.\s\-—|，,]{{0,3}}(?:[\u4e00-\u9fff]{{2,12}})?",
    ),
    # www.wenku.com 文库网
    _rule(
        "strip.site-line", ADDRESS_TRIGGERS, rf"{DOMAIN}[\s:：\-—|，,]{{0,3}}[【\[]?(?:[\u4e00-\u9fff]{{2,14}}[】\]]?)?"
    ),
    # 更多范文请访问文库网
    _rule(
        "strip.invitation",
        ("更多",),
        r"(?:想了解|欲知|查看|获取|了解)?更多[^。；]{0,30}(?:请|欢迎|尽在|敬请)[^。；]{0,12}(?:访问|点击|关注|浏览|登录|收藏|查看)[^。；]{0,40}[。！!.]?",
    ),
    # 【工作计划】导语，…由朱雪华细心纠正后上传！…
    _rule(
        "strip.intro",
        ("上传", "发布", "分享"),
        # The line must speak to a reader: a plan may say that minutes are 由办公室整理后上传.
        r"(?=.*(?:阅读|欢迎|收藏|喜欢|本篇|本文|探讨|文字|导语|导读|编者按))"
        r".{0,120}(?:由|经)[^。，！]{1,16}(?:纠正|编辑|整理|收集|搜集|校对|修订|精选)[^。！]{0,8}(?:上传|发布|分享)[！!。.，,].{0,160}",
    ),
    # 以下是小编为大家整理的护士工作计划，欢迎阅读。
    _rule(
        "strip.intro",
        ("小编",),
        r"(?:以下|下面|这里|本文)(?:是|为|就是)?[^。]{0,12}小编[^。]{0,16}(?:整理|收集|搜集|精心|带来|准备)[^。]{0,40}[。！!].{0,80}",
    ),
    _rule(
        "strip.intro",
        ("小编",),
        r".{0,60}小编[^。]{0,20}(?:整理|收集|搜集|精心|带来|准备)[^。]{0,60}(?:供[^。]{0,8}(?:参考|借鉴)|欢迎[^。]{0,8}(?:阅读|参考|借鉴)"
        r"|希望[^。]{0,20}(?:帮助|喜欢|有用))[^。]{0,10}[。！!]?.{0,30}",
    ),
    # …热门工作计划范文推荐：
    _rule(
        "strip.footer",
        ("推荐", "猜你喜欢", "相关热词"),
        r"[^。，；]{0,60}(?:范文推荐|相关推荐|推荐阅读文章|热门推荐|猜你喜欢|相关热词搜索|延伸阅读推荐)[：:]?\s*",
    ),
    # 【护士工作计划】相关文章：
    _rule("strip.footer", ("相关文章",), r"【[^】]{2,30}】?(?:的)?相关文章[：:]?.{0,40}"),
    _rule(
        "strip.footer",
        ("还看", "还喜欢", "还关注"),
        r"(?:看过|看了|喜欢)[^。]{2,40}的(?:人|网友|用户|读者)还(?:看|喜欢|关注)[^。]{0,12}[：:]?",
    ),
    _rule(
        "strip.footer",
        ("来源", "来自", "转自", "转载自", "摘自", "出自"),
        r"(?:本文|文章|以上内容)(?:来源于?|来自|转自|转载自|摘自|出自)[^。]{2,40}(?:网|文库|之家|范文|转载[^。]{0,20})[。]?",
    ),
    _rule("strip.footer", ("转载", "引用"), r"(?:转载|引用)[^。]{0,10}请(?:注明|保留)[^。]{2,40}[。]?"),
)
ADDRESSED = frozenset({"strip.site-line", "strip.invitation"})

# Inside a line, beside content.
TAIL = re.compile(  # the name is possessive: no part of it can stand before an address
    rf"[ \t\u3000]*(?:[【\[]?[\u4e00-\u9fff·]{{2,10}}+[】\]]?[ \t\u3000,，:：|-]{{0,3}}){DOMAIN}(?:[ \t\u3000,，]{{0,2}}[\u4e00-\u9fff]{{2,10}})?[。]?$",
    re.IGNORECASE,
)
TAIL_HINT = re.compile(rf"\.(?:{TOP_LEVEL})", re.IGNORECASE)
# 本资料权属文秘写作网，放上鼠标按照提示查看文秘写作网更多资料
NOTICE = re.compile(
    r"(?:本|此|该|以上)(?:资料|文档|文章|范文|文|内容|资源|材料)(?:的)?(?:权属|版权|归属|属于|所有权|来源|来自|出自|由)[^。！？；\n]{2,24}?[，,]?"
    r"[^。！？；\n]{0,24}?(?:查看|获取|浏览|下载|了解|阅读|搜索|查阅)[^。！？；\n，,]{0,16}?更多(?:[\u4e00-\u9fff]{0,4}?)(?:资料|范文|内容|文章|信息|文档|资源|材料)"
)
# 本文来自文秘写作网，更多精彩范文请点击文秘写作网查看
INVITING_NOTICE = re.compile(
    r"(?:本|此|该|以上)(?:资料|文档|文章|范文|文|内容|资源|材料)(?:来源于?|来自|转自|出自|由)[^。！？；\n，,]{2,16}[，,]"
    r"(?:想了解|获取|查看)?更多[^。！？；\n，,]{0,10}(?:请|欢迎|尽在|敬请)[^。！？；\n，,]{0,3}(?:点击|访问|登录|关注|浏览|收藏|搜索)[^。！？；\n，,]{2,12}?(?:查看|阅读|下载|浏览|获取)"
)
NOTICE_TRIGGER = "更多"
# 银行客户经理工作计划。 as an injected page title between the halves of a sentence
PAGE_TITLE = re.compile(r"[^，。；：！？\s]{2,14}(?:工作计划|工作总结|工作方案|计划书|范文)[。.]")
LISTED = re.compile(
    r"(?:\d{1,2}[.、．]\s?)?[^，。；：！？]{4,40}(?:计划|总结|报告|方案|范文|体会|合同|心得|发言稿|演讲稿|作文)[^，。；]{0,8}"
)


# What a line must hold to be looked at.
TRIGGERS = Finder(
    [*ADDRESS_TRIGGERS, *sorted({w for rule in LINE_RULES for w in rule.triggers if w[0] != "."}), NOTICE_TRIGGER]
)
ADDRESSES, ADDRESS = Finder(ADDRESS_TRIGGERS), re.compile(DOMAIN, re.IGNORECASE)
HOST_ONLY = re.compile(r"^(?:https?://)?(?:www\.)?")
BLANK = " \t\u3000"
BLANK_OR_BREAK = BLANK + "\n"


class _Line(NamedTuple):
    start: int
    end: int
    known: bool  # a name, slogan or address of a known site stands in it


class Span(NamedTuple):
    """A stretch of text to remove."""

    start: int
    end: int
    rule: str
    confidence: float


def propose_marks(text: str, packs: SitePacks) -> list[Edit]:
    """Return deletions of site marks (kind ``watermark``): whole lines with their break, or passages of a line.

    Content that names an address to be used (``请登录 www.demo.cn 报名``) is no mark. What is doubtful has a confidence of 0.5.
    """
    spans: list[Span] = []
    gone: list[Span] = []
    used = _used_hosts(text)
    own, lines = _suspects(text, packs, used)
    listed_from = None
    for line in lines:
        body = text[line.start : line.end]
        rule = _whole_line(body.strip(BLANK), packs, known=line.known)
        if rule in ADDRESSED and _hosts(body) & used:
            spans.append(Span(line.start, line.end, rule, DOUBTFUL))
            continue
        if not rule:
            spans += _inside(body, line.start, packs, own, known=line.known)
            continue
        gone.append(Span(line.start, line.end, rule, SURE))
        if rule.startswith("strip.footer"):
            listed_from = _titles_from(text, packs) if listed_from is None else listed_from
            if listed_from <= line.end + 1:
                gone += _listed(text, line.end + 1)
                break
    spans += _page_titles(text, gone)
    spans += _with_breaks(gone, text)
    return [Edit(s.start, s.end, text[s.start : s.end], "", "watermark", s.rule, s.confidence) for s in sorted(spans)]


def _hosts(passage: str) -> set[str]:
    """Return the hosts of the addresses in a passage, without their scheme, ``www.`` and page."""
    return {HOST_ONLY.sub("", match[0].lower()).split("/")[0] for match in ADDRESS.finditer(passage)}


def _used_hosts(text: str) -> set[str]:
    """Return the hosts that some line tells the reader to use: the text is about them, their name is no mark."""
    used: set[str] = set()
    for start in ADDRESSES.starts(text):
        line = text[slice(*line_at(text, start, LONGEST_LINE))]
        if _instructs(line):
            used |= _hosts(line)
    return used


def _suspects(text: str, packs: SitePacks, used: set[str]) -> tuple[Finder | None, list[_Line]]:
    """Return what finds the text's own site names, and the lines in which a mark may stand."""
    hits = TRIGGERS.find(text)
    names = _own_names(text, [start for index, start, _ in hits if index < len(ADDRESS_TRIGGERS)], used)
    own = Finder(names) if names else None
    places = packs.places(text)
    spots = [start for _, start, _ in hits] + places + (own.starts(text) if own else [])
    spots += _by_pattern(text, packs)
    lines: list[_Line] = []
    end = -1
    for at in sorted(spots):
        if at > end:
            start, end = line_at(text, at)
            next_place = bisect_left(places, start)
            known = next_place < len(places) and places[next_place] <= end
            lines.append(_Line(start, end, known))
    return own, lines


def _by_pattern(text: str, packs: SitePacks) -> list[int]:
    """Return where lines start in which a pattern of a pack matches."""
    patterns = [pattern for kind in packs.patterns.values() for pattern in kind]
    if not patterns:
        return []
    starts, offset = [], 0
    for line in text.split("\n"):
        if any(pattern.search(line) for pattern in patterns):
            starts.append(offset)
        offset += len(line) + 1
    return starts


def _titles_from(text: str, packs: SitePacks) -> int:
    """Return where the last lines start that are nothing but bare titles and marks: the list that a footer announces."""
    end = len(text)
    while end >= 0:
        start = text.rfind("\n", 0, end) + 1
        body = text[start:end].strip(BLANK)
        if body and not LISTED.fullmatch(body) and not _whole_line(body, packs, known=True):
            return end + 1
        end = start - 1
    return 0


def _listed(text: str, start: int) -> Iterator[Span]:
    while start <= len(text):
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        if text[start:end].strip(BLANK):
            yield Span(start, end, "strip.footer-list", SURE)
        start = end + 1


def _page_titles(text: str, gone: list[Span]) -> Iterator[Span]:
    """Yield page titles that go with a mark: after it, where the line before it was cut in the middle of a sentence."""
    cut = False
    previous_end = -1
    for index, span in enumerate(gone):
        before = span.start
        while before > previous_end + 1 and text[before - 1] in BLANK_OR_BREAK:
            before -= 1
        if before > previous_end + 1:  # else this mark follows on the one before
            cut = text[before - 1] not in "。！？：；.!?:;…”"
        previous_end = span.end
        start = span.end
        while start < len(text) and text[start] in BLANK_OR_BREAK:
            start += 1
        if not cut or (index + 1 < len(gone) and gone[index + 1].start <= start):
            continue
        start, end = line_at(text, start)
        title = PAGE_TITLE.match(text, start, end)
        if title and title.end() < end:
            yield Span(start, title.end(), "strip.page-title", SURE)


def _with_breaks(lines_gone: list[Span], text: str) -> list[Span]:
    """Return whole lines with one line break each: the one after, or before where they end a text without a last break."""
    last = len(lines_gone)
    end = len(text)
    while last and lines_gone[last - 1].end == end:
        last -= 1
        end = lines_gone[last].start - 1
    after = [span._replace(end=span.end + 1) for span in lines_gone[:last]]
    return after + [span._replace(start=max(0, span.start - 1)) for span in lines_gone[last:]]


def _whole_line(body: str, packs: SitePacks, *, known: bool) -> str:
    """Return the rule by which the whole line is a mark; empty when none holds."""
    if packs.mark is not None:
        mark = packs.mark.match(body) if known else None
        if mark and mark.end() >= len(body.rstrip("。.!！ -—|")):
            return "strip.pack-line"
        for kind in ("intros", "footers"):
            if any(pattern.fullmatch(body) for pattern in packs.patterns[kind]):
                return f"strip.pack-{kind[:-1]}"
    if len(body) > LONGEST_LINE:
        return ""
    for rule, triggers, pattern in LINE_RULES:
        if (
            any(word in body for word in triggers)
            and pattern.fullmatch(body)
            and not (rule in ADDRESSED and _instructs(body))
        ):
            return rule
    return ""


def _instructs(body: str) -> bool:
    """Tell whether the line tells the reader to use an address for something: then it is content."""
    return bool(INSTRUCTS.search(body)) and "更多" not in body


def _inside(line: str, offset: int, packs: SitePacks, own: Finder | None, *, known: bool) -> list[Span]:
    found = []
    if NOTICE_TRIGGER in line:
        for notice in (NOTICE, INVITING_NOTICE):
            found += [Span(offset + m.start(), offset + m.end(), "strip.notice", SURE) for m in notice.finditer(line)]
    found += _by_pack(line, offset, packs, known=known)
    if TAIL_HINT.search(line, max(0, len(line) - 120)):
        tail = TAIL.search(line, max(0, len(line) - 120))
        if tail and tail.start() > 0 and not INSTRUCTS.search(line[-60:]):
            sure = line[tail.start() - 1] in "。！？；.!?" or tail[0][0] in " \t\u3000"
            found.append(
                Span(offset + tail.start(), offset + tail.end(), "strip.site-tail", SURE if sure else DOUBTFUL)
            )
    tail_at = _own_tail(line, own) if own else -1
    if tail_at > 0:
        found.append(Span(offset + tail_at, offset + len(line), "strip.own-tail", SURE))
    return _apart(found)


def _by_pack(line: str, offset: int, packs: SitePacks, *, known: bool) -> list[Span]:
    found: list[Span] = []
    if packs.mark is None:
        return found
    last = len(line.rstrip("。. "))
    for match in packs.mark.finditer(line) if known else ():
        start = match.start()
        while start and line[start - 1] in BLANK:
            start -= 1
        if _is_stamp(line, match, packs, ends=start < match.start() and match.end() >= last):
            found.append(Span(offset + start, offset + match.end(), "strip.pack-mark", SURE))
    for pattern in packs.patterns["inline"]:
        found += [Span(offset + m.start(), offset + m.end(), "strip.pack-inline", SURE) for m in pattern.finditer(line)]
    return found


def _apart(found: list[Span]) -> list[Span]:
    """Return the spans in order without those that overlap one before."""
    found.sort(key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


NAMED = re.compile(
    rf"(?:^|[ \t\u3000])[【\[]?([\u4e00-\u9fff]{{2,8}})[】\]]?[\s:：|—-]{{1,3}}{DOMAIN}", re.IGNORECASE | re.MULTILINE
)


def _own_names(text: str, addresses: list[int], used: set[str]) -> list[str]:
    """Return the site names that the text itself gives with an address (``文帮手 www.wenbangshou.com``) not in ``used``."""
    names: set[str] = set()
    for at in addresses:
        named = NAMED.finditer(text, *line_at(text, at, LONGEST_LINE))
        names.update(m[1] for m in named if not INSTRUCTS.search(m[1]) and not _hosts(m[0]) & used)
    return sorted(names)


BEFORE_TAIL = re.compile(r"[。！？；：”）.!?;:\u4e00-\u9fff][ \t\u3000]{1,40}")
AFTER_NAME = re.compile(r"(?:[，,：: —|-][^。！？；]{0,24})?[。]?")
LONGEST_TAIL = 40  # characters: a name, and what may stand after it


def _own_tail(line: str, names: Finder) -> int:
    """Return where a line's tail starts that begins with a site's name; -1 for none.

    That is `` 文帮手，写材料的好帮手`` after a sentence's end, its blanks included.
    """
    low = max(0, len(line) - LONGEST_TAIL)
    for _, at, end in sorted(names.find(line[low:], overlapping=True), key=itemgetter(1)):
        start = low + at
        while start and line[start - 1] in BLANK:
            start -= 1
        if BEFORE_TAIL.fullmatch(line, max(0, start - 1), low + at) and AFTER_NAME.fullmatch(line, low + end):
            return start
    return -1


def _is_stamp(line: str, match: re.Match[str], packs: SitePacks, *, ends: bool) -> bool:
    """Tell whether a known name is stamped: with its address or slogan, or where it ``ends`` a line after a blank."""
    body = match[0].strip()
    if INSTRUCTS.search(line[max(0, match.start() - 12) : match.start()]):
        return False
    return body not in packs.names or ends
