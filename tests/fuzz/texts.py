"""What hostile text is made of: the fragments that rules look for, and a small corpus of seeds, all generated."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import docx

from tests.damage.samples import RECIPES, SPUN_RECIPES, raw_file
from tests.fuzz.traps import MADE, UNITS, trap

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAGMENTS = (
    "努厉工作", "柿场", "题高水泙", "客户经理仑流", "问题高度重视", "良好的基矗", "差点落眩竞争", "开門红", "満足", "提昇",
    "王昇", "乾隆", "xxx", "20xx年", "公文汇 www.gongwenhui.com", "文库网 www.wenku-demo.cn", "请登录 www.demo.cn 报名",
    "一定[)要", "目标}方案.库.整.理^、有", "沟通|方|案范|文库=整理%^汇报", "客户经理工作计划 篇一", "客户经理工作计划 篇二",
    "【附加篇】", "第七条 考勤", "管理。第八条 会议", "一、", "（一）", "(二)", "1、", "1.", "①", "3.14", "8:30", "2415万元",
    "导语,本篇由张三细心纠正后上传!", "范文推荐:", "本资料权属文秘网,放上鼠标按照提示查看文秘网更多资料",
    "\ufeff", "\u200b", "\u00a0", "\u3000", "\x00", "\ufffd", "\U0001f600", "か", "é",
)  # fmt: skip
"""What real damage is made of, so that every rule has something to meet."""
MARKS = (*",.:;?!()\"'<>[]{}|^%=，。：；？！（）“”、", "?\n", ".?\n", "\n", "\r\n", "\r", " ", "和\n", "，\n")
PIECE = 400  # characters of a sample in one seed
SEEDS_OF_A_SAMPLE = 4
TAGS = ("<p>", "<br>", "<div>", "<table><tr><td>", "<script>alert(1)</script>", "<!--", "]]>", "<?xml encoding='gbk'?>")


@cache
def texts() -> tuple[str, ...]:
    """Return pieces of the damaged samples, what damage is made of, and short traps."""
    samples = [
        raw_file(one).read_bytes().decode(one.plan.encoding, "surrogateescape") for one in (*RECIPES, *SPUN_RECIPES)
    ]
    pieces = [piece for sample in samples for piece in _pieces(sample)]
    made = [one + mark + other for one, mark, other in zip(FRAGMENTS, MARKS, FRAGMENTS[::-1], strict=False)]
    units = [trap(unit, 60) for unit in UNITS if len(unit) <= 30]
    return (*pieces, *made, *units, *(made(120) for made in MADE.values()))


def _pieces(text: str) -> Iterator[str]:
    for number in range(SEEDS_OF_A_SAMPLE):
        at = number * len(text) // SEEDS_OF_A_SAMPLE
        yield text[at : at + PIECE]


def encoded() -> Iterator[bytes]:
    """Yield the texts as bytes, in the encodings that documents come in."""
    codecs = ("utf-8", "gb18030", "utf-8-sig", "utf-16", "big5")
    for number, text in enumerate(texts()):
        data = text.encode("utf-8", "surrogateescape")
        yield data
        yield data.decode("utf-8", "replace").encode(codecs[number % len(codecs)], "replace")


def pages() -> Iterator[bytes]:
    """Yield HTML pages with the texts, some in a charset that they are not in."""
    for number, text in enumerate(texts()):
        body = "".join(f"{TAGS[number % len(TAGS)]}{line}</p>" for line in text.split("\n"))
        head = f"<html><head><meta charset='{('utf-8', 'gbk', 'big5', 'x')[number % 4]}'><title>计划</title></head>"
        page = f"{head}<body><article>{body}</article></body></html>"
        yield page.encode(("utf-8", "gb18030")[number % 2], "replace")


def word_bodies() -> Iterator[bytes]:
    """Yield the main part (XML) of .docx files."""
    for text in texts()[::6]:  # it takes long to make one
        document = docx.Document()
        plain = "".join(char for char in text if char >= " " and not "\ud800" <= char <= "\udfff" and char < "\ufffe")
        document.add_paragraph(plain)
        document.add_table(1, 2).cell(0, 1).text = plain[:20]
        yield document.element.xml.encode()


def word_file(body: bytes) -> bytes:
    """Return a .docx file with this main part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_empty_word_file())) as known, zipfile.ZipFile(out, "w") as made:
        for item in known.infolist():
            made.writestr(item.filename, body if item.filename == "word/document.xml" else known.read(item))
    return out.getvalue()


def word_files() -> Iterator[bytes]:
    """Yield whole .docx files."""
    yield _empty_word_file()
    yield word_file(next(word_bodies()))


@cache
def _empty_word_file() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()
