"""The main content of an HTML page, hostile or not: nothing is fetched, what would take endless is refused."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.inputs.text import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ENCODING_HINT = re.compile(
    rb"""<meta[^>]{0,200}charset=["']?((?:utf|gb|big5|iso|windows|cp|euc|shift|koi8|us-ascii|hz)[\w-]{0,17})""",
    re.IGNORECASE,
)
"""Encodings of text only: Python knows others, some of which take quadratic time (punycode)."""
MOST_MARKUP = 1_000_000  # tags and attributes of a page: extraction takes 20 s and 1 GB for these
MOST_ATTRIBUTES = 1000  # of one tag: parsing takes quadratic time in them
MOST_CELLS = 2000  # of one table row: extraction takes quadratic time in them


def page_text(data: bytes) -> str:
    """Return the text of the article on a page.

    Raises :class:`InputError` where none can be extracted, and whatever the extraction stumbles over.
    """
    import trafilatura  # noqa: PLC0415 - only for this format, 0.5 s to import

    page = _decoded(data)
    _check(page)
    text = trafilatura.extract(page, output_format="txt", include_comments=False, favor_recall=True)
    text = text or trafilatura.html2txt(page)
    if not text or not text.strip():
        raise InputError("holds no text that could be extracted; save the article as .txt")
    return str(text)


def _decoded(data: bytes) -> str:
    hint = ENCODING_HINT.search(data[:4096])
    page = text_of(data)
    if hint and b"\x00" not in data:
        with suppress(LookupError, UnicodeError):
            page = data.decode(re.sub("gbk|gb2312", "gb18030", hint[1].decode("ascii").lower()))
    return page.encode("utf-8", "replace").decode()


def _check(page: str) -> None:
    from lxml import etree  # noqa: PLC0415 - only for this format

    with suppress(etree.ParserError, etree.XMLSyntaxError):  # extraction finds its own way through these
        etree.fromstring(page.encode(), etree.HTMLParser(target=_Limits(), encoding="utf-8"))


class _Limits:
    """A parser's target that keeps nothing, and refuses what no real page holds."""

    def __init__(self) -> None:
        self._markup = self._cells = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._markup += 1 + len(attributes)
        self._cells = 0 if tag == "tr" else self._cells + (tag in {"td", "th"})
        if len(attributes) > MOST_ATTRIBUTES:
            raise InputError(f"holds a tag of more than {MOST_ATTRIBUTES:,} attributes; save the article as .txt")
        if self._cells > MOST_CELLS:
            raise InputError(f"holds a table row of more than {MOST_CELLS:,} cells; save the article as .txt")
        if self._markup > MOST_MARKUP:
            raise InputError(f"holds more than {MOST_MARKUP:,} tags and attributes; save the article as .txt")

    def close(self) -> None:
        """Return nothing: only the limits matter."""
