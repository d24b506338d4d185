"""Six invented document mills; no such site exists, and the addresses say ``-demo``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ZERO_WIDTH = "\u200b"
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How a site signs the texts it copies.

    ``disguise`` is how it hides its name from cleaners now and then. ``pack`` is the stem of the site's pack
    in ``pipeline/lexicons/sites``, empty where there never is to be one; the ``signature`` broken by punctuation is
    used only where that exists, or where the site ``signs`` without one. The ``*_form``s are templates.
    """

    name: str
    address: str
    slogan: str
    person: str
    remark: str
    signature: str
    pack: str = ""
    signs: bool = False
    disguise: Literal["plain", "zero-width", "full-width"] = "plain"
    line_form: str = "{name} {address}"
    motto_form: str = "{name},{slogan}"
    notice_form: str = "本资料权属{name},放上鼠标按照提示查看{name}更多资料"
    intro_form: str = (
        "【工作计划】导语,大家眼前所阅读的本篇有{chars}文字共{plans}篇,由{person}细心纠正后上传!{remark} {motto}"
    )

    def _fill(self, form: str, **more: object) -> str:
        return form.format(name=self.name, address=self.address, slogan=self.slogan, **more)

    @property
    def line(self) -> str:
        """Name and address, as a line of their own."""
        return self._fill(self.line_form)

    @property
    def motto(self) -> str:
        """Name and slogan, as appended to a paragraph."""
        return self._fill(self.motto_form)

    @property
    def notice(self) -> str:
        """The notice that mirrors put into a sentence."""
        return self._fill(self.notice_form)

    def intro(self, chars: int, plans: str) -> str:
        """Return the paragraph after the title."""
        more = {"chars": chars, "plans": plans, "person": self.person, "remark": self.remark, "motto": self.motto}
        return self._fill(self.intro_form, **more)

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

UNLISTED_SITES = (
    Site(
        name="卷舟文库",
        address="www.juanzhou-demo.com",
        slogan="职场文档一站配齐",
        person="叶知桐",
        remark="写得不好的地方,还请各位读者批评指正!",
        signature="卷舟文库方案汇编",
        signs=True,
        line_form="【{name}】{address}",
    ),
    Site(
        name="素笺写作网",
        address="www.sujian-demo.cn",
        slogan="让写材料不再难",
        person="程听雨",
        remark="更多内容请继续关注我们!",
        signature="素笺写作网精选",
        disguise="full-width",
        notice_form="本文来自{name},更多精彩范文请点击{name}查看",
        intro_form="以下是{name}小编{person}为大家整理的工作计划,共{plans}篇{chars}字,欢迎阅读参考!{remark}",
    ),
    Site(
        name="墨行知",
        address="www.moxingzhi-demo.net",
        slogan="每天一篇好文章",
        person="温若溪",
        remark="如果觉得有帮助,欢迎收藏本站!",
        signature="墨行知范文整理发布",
        disguise="zero-width",
        motto_form="{name}|{slogan}",
        notice_form="此文档版权归{name}所有,复制下载请登录{name}查看更多文档",
    ),
)
"""Sites that no pack knows: only what recurs in a corpus gives their marks away."""
