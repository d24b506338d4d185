"""Text made to be slow: one unit repeated, which a careless pattern would search from every one of its characters."""

from __future__ import annotations

UNITS: tuple[str, ...] = (
    "(", "）", "“", '"', "'", "一、", ".", "?", "好?", "\n", " ", "\u3000", "\t", " \n", "1", "1、做好", "好。 1、做好", "好。（一）（二）做好",
    "好。①做 ②好", "a.com ", "文库网 www.demo-wenku.com ", "文库网 www.demo-wenku.com\n", "查看更多资料", "更多范文请访问文库网\n", "第一条 好",
    "好。第一条 好第二条 ", "<<好>>", "<<", "開門", "好*好", "好[)好", "方.案.范", "工作计划 篇一\n", "工作计划", "第一章 总则\n",
    "范文推荐：\n工作计划范文\n", "“题高”“努厉”", "仑流理仑", "好。 文库网，好帮手\n", "http://a", "a@", "の,", "基矗", "１２Ａ", "好\u200b",
    "\r", "好\ufffd", "好\udc80", "😀\u200d", "好......", "本资料权属", "|好", "# 好\n", "【篇一】", "为了题高服务质量,我们努厉工作.",
    # bytes
    "加强管理提高质量\x00", "\udcb0", "开拓市场\udcb0。", "\ufeff", "й",
    # marks and brackets
    "（", "【", "《", "((((", "()", "（）", "[[", "{", "%^&", "好%^&", "，", "。", "、", "；", "：", "·", "—", "…", "*", "-", "#",
    # masks and figures
    "x", "xxx", "做好xxx工作", "20xx年", "x年", "某某", "×", "1,111", "111,", "可能" * 38 + "好5%，", "1年", "1、", "1.1.", "1/2", "3.14", "8:30", "2415万元", "百分之", "九", "十万",
    "达到98%以上", "不低于", "每周", "今年", "从61%提高到75%,", "分为三点：", "以下三个方面：",
    # labels and headings
    "第", "第一", "第一章", "第一章 ", "①②③", "（一）", "(1)", "① ", "篇", "一是", "# ", "计划", "一、好\n", "1、好\n", "（一）好\n", "①好\n",
    # addresses and marks of sites
    "www.", "http://", "a.b.c.d.", ".com", "@", "://", "a" * 64 + ".", "公文汇 www.gongwenhui.com ", "公文汇", "方案范文库整理", "方.案}", "方案=|好",
    "范文推荐：\n", "以下是小编整理的", "更多", "上传", "请点击查看", "，来自文秘网", " 好好，好好好好好", "-好", "|好-",
    # words of plans
    "上", "好", "的", "工作", "努厉", "全体题高", "服务好要点客户", "遇见困难不退缩", "当今世力界", "限度地", "可能", "在工作中", "预计完成", "加强管理",
    "a", "ab ", "a1", "é", "か", "か\n", "為", "著", "\U00020000", "\u0301",
)  # fmt: skip
"""Every unit is text by itself; what matters is what a rule does when nothing else stands there."""


def trap(unit: str, size: int) -> str:
    """Return about ``size`` characters of one unit."""
    return unit * (size // len(unit))


def nested(size: int) -> str:
    """Return ``size`` characters of brackets, each in the one before."""
    return "(" * (size // 2) + ")" * (size // 2)


def beside(size: int) -> str:
    """Return ``size`` characters of one line, and a short one that makes a rule look at all lines."""
    return "好" * size + "\nか"


def apart(size: int) -> str:
    """Return ``size`` characters of sentences no two of which are alike, each ending in another number."""
    return "".join(f"为了题高服务质量,我们在{number}号柿场努厉工作." for number in range(size // 24))


def sites(size: int) -> str:
    """Return lines that each end in the name and address of a site, three lines a site."""
    names = ("".join(chr(0x4E00 + n // 400**power % 400 * 7) for power in range(2)) for n in range(size // 105))
    return "".join(
        f"加强{place}的管理，提高{place}的质量。 {name}网 www.s{number}.com\n"
        for number, name in enumerate(names)
        for place in ("医院护理", "学校教学", "银行网点")
    )


def signatures(size: int) -> str:
    """Return names broken up by marks, no two of which are alike."""
    return "".join(f"好{chr(0x4E00 + n % 4000)}|中=^{chr(0x5E00 + n // 4000)}#末。" for n in range(size // 9))


def scrambled(size: int) -> str:
    """Return characters in no order, hardly one of which goes with the next."""
    return "".join(chr(0x4E00 + n * 7919 % 20902) for n in range(size))


def dated(size: int) -> str:
    """Return a line, and one of figures that is no date."""
    return "第一条 加强管理，\n" + "1年" * (size // 2) + "好，好"


MADE = {made.__name__: made for made in (nested, beside, apart, sites, signatures, scrambled, dated)}
"""Name → what makes so many characters of it: traps that are no unit repeated."""


def traps(size: int) -> dict[str, str]:
    """Return name → text of about ``size`` characters for every trap."""
    named = {ascii(unit)[1:-1]: trap(unit, size) for unit in UNITS}
    return named | {name: made(size) for name, made in MADE.items()}
