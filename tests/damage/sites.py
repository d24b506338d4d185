"""Three invented document mills; no such site exists, and the addresses say ``-demo``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ZERO_WIDTH = "\u200b"
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How a site signs the texts it copies.

    ``disguise`` is how it hides its name from cleaners now and then. ``pack`` is the stem of the site's pack
    in ``pipeline/lexicons/sites``; the ``signature`` broken by punctuation is used only where that exists.
    """

    name: str
    address: str
    slogan: str
    person: str
    remark: str
    signature: str
    pack: str
    disguise: Literal["plain", "zero-width", "full-width"] = "plain"

    @property
    def line(self) -> str:
        """Name and address, as a line of their own."""
        return f"{self.name} {self.address}"

    @property
    def motto(self) -> str:
        """Name and slogan, as appended to a paragraph."""
        return f"{self.name},{self.slogan}"

    @property
    def notice(self) -> str:
        """The notice that mirrors put into a sentence."""
        return f"本资料权属{self.name},放上鼠标按照提示查看{self.name}更多资料"

    def intro(self, chars: int, plans: str) -> str:
        """Return the paragraph after the title."""
        opening = f"【工作计划】导语,大家眼前所阅读的本篇有{chars}文字共{plans}篇,由{self.person}细心纠正后上传!"
        return f"{opening}{self.remark} {self.motto}"

    def disguised(self, mark: str) -> str:
        """Return ``mark`` as the site writes it where it expects a cleaner."""
        if self.disguise == "full-width":
            return mark.replace(self.address, self.address.translate(_WIDE))
        if self.disguise == "zero-width":
            return mark.replace(self.name, ZERO_WIDTH.join(self.name))
        return mark


SITES = (
    Site(
        name="文帮手",
        address="www.wenbangshou-demo.com",
        slogan="写材料的好帮手",
        person="林栖禾",
        remark="如果你对此篇文章有什么独特的建议,可以和大家一起探讨!",
        signature="文帮手范文库整理",
        pack="wenbangshou-demo",
        disguise="zero-width",
    ),
    Site(
        name="稿易得",
        address="www.gaoyide-demo.com",
        slogan="公文写作一站就够",
        person="沈砚秋",
        remark="若是你对这篇文章有不同的看法,欢迎留言与我们交流!",
        signature="稿易得方案库汇编",
        pack="gaoyide-demo",
    ),
    Site(
        name="拾稿斋",
        address="www.shigaozhai-demo.com",
        slogan="好范文天天更新",
        person="顾南汀",
        remark="希望对你的写作有所启发,觉得好就分享给身边的朋友吧!",
        signature="拾稿斋范文网收录",
        pack="shigaozhai-demo",
        disguise="full-width",
    ),
)
