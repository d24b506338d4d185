"""Site marks: lines and passages that a site added, by packs and by general rules that need no pack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pipeline.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.packs import SitePacks

SURE, DOUBTFUL = 0.96, 0.5
DOMAIN = r"(?:https?://)?(?:www\.)?[a-z0-9-]{2,40}\.(?:com|cn|net|org|cc|top|vip|info|xyz)(?:\.cn)?(?:/[!-~]{0,80})?"
# What a document site calls itself.
SITE = r"[\u4e00-\u9fffA-Za-z0-9]{1,8}?(?:文库|范文|公文|文秘|文档|写作|资料|稿子|文稿|文章|论文|文案|方案|计划|总结|材料|作文|教育|学习|办公|文帮|文书|文)[\u4e00-\u9fff]{0,4}?(?:网|站|库|汇|之家|吧|社|堂|屋|坊|阁|园|手|通|库网|大全)?"
SITE_WORD = re.compile(r"[\u4e00-\u9fff]{1,10}(?:网|网站|文库|范文库|范文|公文汇|稿子汇|之家|文档|文秘|资料库|文帮手|吧|汇|站|库)")

# A sentence that tells the reader to use an address is content.
INSTRUCTS = re.compile("登录|登陆|访问|网址|官网|邮箱|报名|下载|查询|注册|填报|打开|进入|浏览器|申报|平台|发送|关注|域名|见[：:]?|地址")

# Whole lines: name of the rule, pattern (of the line without its spaces), confidence.
LINE_RULES: tuple[tuple[str, re.Pattern[str], float], ...] = (
    # 文库网 www.wenku.com   【文库网】www.wenku.com   www.wenku.com 文库网
    ("strip.site-line", re.compile(rf"(?![^\s]*(?:计划|总结|方案|报告|篇.)[\s:：]{{0,3}}(?:https?:|www|[a-z0-9-]+\.))[【\[（(]?[\u4e00-\u9fff·]{{2,12}}[】\]）)]?[\s:：\-—|，,]{{0,3}}{DOMAIN}[。.\s\-—|]{{0,3}}(?:[\u4e00-\u9fff，,]{{2,12}})?", re.IGNORECASE), SURE),
    ("strip.site-line", re.compile(rf"{DOMAIN}[\s:：\-—|，,]{{0,3}}[【\[]?(?:[\u4e00-\u9fff]{{2,14}}[】\]]?)?", re.IGNORECASE), SURE),
    # 更多范文请访问文库网
    ("strip.invitation", re.compile(r"(?:想了解|欲知|查看|获取|了解)?更多[^。；]{0,30}(?:请|欢迎|尽在|敬请)[^。；]{0,12}(?:访问|点击|关注|浏览|登录|收藏|查看)[^。；]{0,40}[。！!.]?"), SURE),
    # 【工作计划】导语，…由朱雪华细心纠正后上传！…
    ("strip.intro", re.compile(r"(?:【[^】]{2,12}】)?\s*(?:导语|导读|前言|编者按|简介|提要)?[，,：:]?.{0,120}(?:由|经)[^。，！]{1,16}(?:纠正|编辑|整理|收集|搜集|校对|修订|提供|推荐|分享|精选)[^。！]{0,8}(?:上传|发布|提供|分享|整理)[！!。.，,].{0,160}"), SURE),
    ("strip.intro", re.compile(r"(?:以下|下面|这里|本文)(?:是|为|就是)?[^。]{0,12}小编[^。]{0,16}(?:整理|收集|搜集|精心|带来|准备)[^。]{0,40}[。！!].{0,80}"), SURE),
    ("strip.intro", re.compile(r".{0,60}小编[^。]{0,20}(?:整理|收集|搜集|精心|带来|准备)[^。]{0,60}(?:供[^。]{0,8}(?:参考|借鉴)|欢迎[^。]{0,8}(?:阅读|参考|借鉴)|希望[^。]{0,20}(?:帮助|喜欢|有用))[^。]{0,10}[。！!]?.{0,30}"), SURE),
    # …热门工作计划范文推荐：   【护士工作计划】相关文章：
    ("strip.footer", re.compile(r"[^。，；]{0,60}(?:范文推荐|相关推荐|推荐阅读文章|热门推荐|猜你喜欢|相关热词搜索|延伸阅读推荐)[：:]?\s*"), SURE),
    ("strip.footer", re.compile(r"【[^】]{2,30}】?(?:的)?相关文章[：:]?.{0,40}"), SURE),
    ("strip.footer", re.compile(r"(?:看过|看了|喜欢)[^。]{2,40}的(?:人|网友|用户|读者)还(?:看|喜欢|关注)[^。]{0,12}[：:]?"), SURE),
    ("strip.footer", re.compile(r"(?:本文|文章|以上内容)(?:来源于?|来自|转自|转载自|摘自|出自)[^。]{2,40}(?:网|文库|之家|范文|转载[^。]{0,20})[。]?"), SURE),
    ("strip.footer", re.compile(r"(?:转载|引用)[^。]{0,10}请(?:注明|保留)[^。]{2,40}[。]?"), SURE),
)  # fmt: skip
TRIGGERS = re.compile(
    "(?i:\\.(?:com|cn|net|org|cc|top|vip|info|xyz))|更多|上传|发布|小编|推荐|相关|猜你|还看|还喜欢|还关注|本文|文章|以上内容|转载|引用"
)

# Inside a line, beside content.
TAIL = re.compile(rf"[ \t\u3000]*(?:[\u4e00-\u9fff·]{{2,10}}[ \t\u3000,，:：|-]{{0,3}}){DOMAIN}(?:[ \t\u3000,，]{{0,2}}[\u4e00-\u9fff]{{2,10}})?[。]?$", re.IGNORECASE)
# 本资料权属文秘写作网，放上鼠标按照提示查看文秘写作网更多资料
NOTICE = re.compile(
    r"(?:本|此|该|以上)(?:资料|文档|文章|范文|文|内容|资源|材料)(?:的)?(?:权属|版权|归属|属于|所有权|来源|来自|出自|由)[^。！？；\n]{2,24}?[，,]?"
    r"[^。！？；\n]{0,24}?(?:查看|获取|浏览|下载|了解|阅读|搜索|查阅)[^。！？；\n，,]{0,16}?更多(?:[\u4e00-\u9fff]{0,4}?)(?:资料|范文|内容|文章|信息|文档|资源|材料)"
)
NOTICE_TRIGGER = "更多"
# 银行客户经理工作计划。 as an injected page title between the halves of a sentence
PAGE_TITLE = re.compile(r"[^，。；：！？\s]{2,14}(?:工作计划|工作总结|工作方案|计划书|范文)[。.]")
LISTED = re.compile(r"(?:\d{1,2}[.、．]\s?)?[^，。；：！？]{4,40}(?:计划|总结|报告|方案|范文|体会|合同|心得|发言稿|演讲稿|作文)[^，。；]{0,8}")


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
    offset, previous_gone, cut = 0, False, False
    lines = text.split("\n")
    footers = False
    for number, line in enumerate(lines):
        body = line.strip(" \t\u3000")
        found: list[Span] = []
        whole = _whole_line(body, packs) if body else None
        if footers and body and whole is None and LISTED.fullmatch(body):
            whole = ("strip.footer-list", SURE)
        if body:
            footers = whole is not None and whole[0].startswith("strip.footer") and number * 2 > len(lines)
        if whole:
            found = [Span(offset, offset + len(line), *whole)]
        elif body:
            found = _inside(line, offset, packs)
            title = PAGE_TITLE.match(line) if previous_gone and cut else None
            if title and len(line) > title.end():
                found.append(Span(offset, offset + title.end(), "strip.page-title", SURE))
        spans += [_with_break(span, text) if whole else span for span in found]
        if whole and whole[1] >= SURE:
            previous_gone = True
        elif body:
            previous_gone, cut = False, body[-1] not in "。！？：；.!?:;…”"
        offset += len(line) + 1
    return [Edit(s.start, s.end, text[s.start : s.end], "", "watermark", s.rule, s.confidence) for s in spans]


def _with_break(span: Span, text: str) -> Span:
    """A line that goes takes one line break with it."""
    if span.end < len(text):
        return span._replace(end=span.end + 1)
    return span._replace(start=max(0, span.start - 1))


def _whole_line(body: str, packs: SitePacks) -> tuple[str, float] | None:
    if packs.mark is not None:
        known = packs.mark.match(body)
        if known and known.end() >= len(body.rstrip("。.!！ -—|")):
            return "strip.pack-line", SURE
        for kind in ("intros", "footers"):
            if any(pattern.fullmatch(body) for pattern in packs.patterns(kind)):
                return f"strip.pack-{kind[:-1]}", SURE
    if len(body) > 400 or not TRIGGERS.search(body):
        return None
    for rule, pattern, confidence in LINE_RULES:
        if pattern.fullmatch(body) and not (rule in {"strip.site-line", "strip.invitation"} and INSTRUCTS.search(body) and not body.startswith("更多")):
            return rule, confidence
    return None


def _inside(line: str, offset: int, packs: SitePacks) -> Iterator[Span] | list[Span]:
    found = []
    if NOTICE_TRIGGER in line:
        found += [Span(offset + m.start(), offset + m.end(), "strip.notice", SURE) for m in NOTICE.finditer(line)]
    if packs.mark is not None:
        for match in packs.mark.finditer(line):
            if _is_stamp(line, match, packs):
                found.append(Span(offset + match.start(), offset + match.end(), "strip.pack-mark", SURE))
        for pattern in packs.patterns("inline"):
            found += [Span(offset + m.start(), offset + m.end(), "strip.pack-inline", SURE) for m in pattern.finditer(line)]
    if "." in line[-120:]:
        tail = TAIL.search(line, max(0, len(line) - 120))
        if tail and tail.start() > 0 and not INSTRUCTS.search(line[-60:]):
            sure = line[tail.start() - 1] in "。！？；.!?" or tail[0][0] in " \t\u3000"
            found.append(Span(offset + tail.start(), offset + tail.end(), "strip.site-tail", SURE if sure else DOUBTFUL))
    found.sort(key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _is_stamp(line: str, match: re.Match[str], packs: SitePacks) -> bool:
    """A known name counts as stamped with its address or slogan, or at a line's end; in a sentence it may be content."""
    body = match[0].strip()
    if INSTRUCTS.search(line[max(0, match.start() - 12) : match.start()]):
        return False
    alone = body in packs.names
    at_end = match.end() >= len(line.rstrip("。. "))
    return not alone or (at_end and match[0][0] in " \t\u3000")
